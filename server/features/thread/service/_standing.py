"""How a matter stands for the person: a draft nobody has seen, a visit that is over, something under way, or ended."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from uuid import UUID

from server.features.identity import service as identity
from server.features.thread.models import Thread, ThreadState
from server.features.thread.schemas import Draft, Standing, ThreadView
from server.kit import texts

# What is under way on some threads: a draft, or None for anything else. A thread that is not named has nothing.
UnderWay = Callable[[tuple[UUID, ...], str], Awaitable[Mapping[UUID, Draft | None]]]

# After these steps nobody has anything more to do, unless something is under way beside them. The thread stays open
# for a while all the same, so that an application that follows the visit has its number.
OVER = ("booking.served", "queue.served", "ratings.given", "ratings.rectification_opened")

_told: list[UnderWay] = []


def under_way(tell: UnderWay) -> UnderWay:
    """Register what knows which threads have something under way, and which of that is only a draft."""
    _told.append(tell)
    return tell


async def standings(threads: Iterable[ThreadView], locale: str) -> dict[UUID, tuple[Standing, Draft | None]]:
    """Say of each thread how it stands."""
    rows = list(threads)
    live = tuple(one.id for one in rows if one.state is ThreadState.OPEN)
    going_on: dict[UUID, Draft | None] = {}
    for tell in _told if live else ():
        going_on |= await tell(live, locale)
    return {one.id: _standing(one, going_on) for one in rows}


def standing_text(locale: str, standing: Standing, draft: Draft | None) -> str:
    """Say it in words; a draft with the step it stands at."""
    return texts.text(locale, f"thread.state.{standing.value}", step=draft.step if draft else "")


async def visits_over(parties: identity.Parties) -> list[UUID]:
    """Name the open threads of some people on which a visit has ended and nothing else is under way."""
    ended = Thread.visible_to(parties).filter(state=ThreadState.OPEN, status__in=OVER)
    rows: list[UUID] = await ended.values_list("id", flat=True)  # type: ignore[assignment]
    going_on: set[UUID] = set()
    for tell in _told if rows else ():
        going_on |= (await tell(tuple(rows), texts.SOURCE)).keys()
    return [one for one in rows if one not in going_on]


def _standing(one: ThreadView, going_on: Mapping[UUID, Draft | None]) -> tuple[Standing, Draft | None]:
    if one.state is ThreadState.CLOSED:
        return Standing.CLOSED, None
    draft = going_on.get(one.id)
    if draft is not None:
        return Standing.DRAFT, draft
    over = one.status in OVER and one.id not in going_on
    return (Standing.VISITED if over else Standing.OPEN), None
