"""A rating by telephone: taken down by an officer who did not work on the matter, with who called and for whom.

Whoever the matter belongs to is told, so that nobody is rated for behind their back.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.push import service as push
from server.features.ratings.messages import Taken
from server.features.ratings.models import Channel, Rating, RatingState
from server.features.ratings.schemas import Caller, PlaceLine, RateIn, RatingOut
from server.features.ratings.service._about import about, own_work
from server.features.ratings.service._clocks import policy_of
from server.features.ratings.service._giving import give
from server.features.ratings.service._place import line
from server.features.thread import service as thread
from server.kit import clock

_RATED_OF = "SELECT DISTINCT department_id, hall_id FROM rating WHERE caller_sealed IS NOT NULL"
# A good one is over when it was given, a bad one when its rectification is.
_FORGET = """
UPDATE rating r SET caller_sealed = NULL
WHERE r.caller_sealed IS NOT NULL AND r.department_id IS NOT DISTINCT FROM $1 AND r.hall_id IS NOT DISTINCT FROM $2
    AND coalesce((SELECT coalesce(w.closed_at, 'infinity') FROM rectification w WHERE w.rating_id = r.id), r.given_at)
        <= $3
"""


async def waiting_by_number(actor: Staff, number: str) -> list[PlaceLine]:
    """List what waits for a rating under a number that a caller names. Raises NotFound for one out of reach."""
    opened = await thread.find(actor, number)
    return [await line(one, actor) for one in await Rating.filter(thread_id=opened.id, state=RatingState.OPEN)]


@db.transactional
async def rate_by_call(actor: Staff, number: str, wish: RateIn, caller: Caller) -> RatingOut:
    """Take a rating down. Raises NotFound, Forbidden `ratings.own_window` for one's own work, Conflict as `rate`."""
    opened = await thread.find(actor, number)
    rating = await Rating.get_or_none(thread_id=opened.id, token=wish.token)
    if rating is None:
        raise NotFound
    if not caller.name.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("name", "required"),))
    if await own_work(actor, rating):
        raise Forbidden("ratings.own_window")
    taken = await give(actor, wish, Channel.PHONE, msgspec.json.encode(caller).decode())
    await audit.record(actor, "ratings.taken", "rating", rating.id, person_id=opened.person_id, thread_id=opened.id)
    await _tell(rating, opened.person_id)
    return taken


async def forget_callers() -> int:
    """Erase who called some days after it is over, as the policy of each place says; gives of how many."""
    forgotten = 0
    for place in map(dict, await db.fetch(_RATED_OF)):
        days = timedelta(days=(await policy_of(Rating(**place))).caller_days)
        done = await db.execute(_FORGET, place["department_id"], place["hall_id"], clock.now() - days)
        forgotten += int(done.removeprefix("UPDATE "))
    return forgotten


async def _tell(rating: Rating, person_id: UUID | None) -> None:
    if person_id is None:
        return
    what = await about(rating)
    await push.send(
        Taken(token=rating.token, number=what.number, item=what.title, department=what.office, at=clock.now()),
        to=push.To(person_id=person_id),
        thread_id=rating.thread_id,
        dedupe=f"{Taken.kind}:{rating.id}",
    )
