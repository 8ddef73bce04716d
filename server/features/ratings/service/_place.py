"""A poster on a wall or counter: it stands for a place, and leads whoever scans it to their own visit there."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.actor import Actor, Citizen
from server.errors import FieldError, Gone, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.ratings.models import Rating, RatingState
from server.features.ratings.schemas import PlaceLine, PlaceOut, PlaceQuery
from server.features.ratings.service._about import about
from server.features.ratings.service._opening import of_visit
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text

# A poster is for those who have just been there; whoever remembers later finds it on their matter.
REMEMBERED = timedelta(days=30)
_LOOKED_AT, _SHOWN = 50, 20


async def place(actor: Actor, query: PlaceQuery) -> PlaceOut:
    """Show what may be rated here. Raises NotFound `codes.unknown`, `queue.not_served`; InvalidInput for no code."""
    if query.slip is not None:
        return await _by_slip(actor, query.slip)
    if query.token is None:
        raise InvalidInput("invalid_input", fields=(FieldError("token", "required"),))
    try:
        stands_for = (await thread.resolve_code(query.token, "place")).subject_id
    except Gone:
        raise Gone("ratings.poster_old") from None
    hall_id, name = await where(stands_for)
    waiting = await _mine(actor, hall_id) if isinstance(actor, Citizen) else []
    return PlaceOut(place=name, lines=[await line(one, actor) for one in waiting])


async def where(place_id: UUID) -> tuple[UUID, str]:
    """Give the hall that a place is or stands in, and what it is called. Raises NotFound."""
    try:
        hall = await catalogue.hall(place_id)
    except NotFound:
        window = await catalogue.window(place_id)
        return window.hall_id, f"{(await catalogue.hall(window.hall_id)).name} · {window.name}"
    return hall.id, hall.name


async def _by_slip(actor: Actor, slip: str) -> PlaceOut:
    served = await queue.served_by_slip(slip)
    rating = await of_visit(served)
    name = (await where(served.window_id or served.hall_id))[1]
    return PlaceOut(place=name, lines=[await line(rating, actor)])


async def _mine(actor: Citizen, hall_id: UUID) -> list[Rating]:
    threads = [one.id for one in await thread.newest_of(actor, _LOOKED_AT)]
    waiting = Rating.filter(
        thread_id__in=threads, state=RatingState.OPEN, created_at__gte=clock.now() - REMEMBERED
    ).order_by("-created_at")
    return [one for one in await waiting if one.hall_id == hall_id][:_SHOWN]


async def line(rating: Rating, actor: Actor) -> PlaceLine:
    """Write one that waits for a rating."""
    subject = await about(rating)
    return PlaceLine(
        token=rating.token,
        title=subject.title,
        subject_text=text(actor.locale, f"ratings.subject.{rating.subject_kind}"),
        department=subject.office,
        since=rating.created_at,
    )
