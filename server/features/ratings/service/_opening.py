"""A rating is opened by what was finished, once; it is filled in by nobody but whoever gives it."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.ratings import messages
from server.features.ratings.models import Rating
from server.features.ratings.service._texts import text_without_app
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


@thread.on("booking.served")
async def _after_visit(happening: thread.Recorded) -> None:
    await _open(happening, "visit", UUID(str(happening.step.data["booking_id"])))


@thread.on("queue.served")
async def _after_walk_in(happening: thread.Recorded) -> None:
    await _open(happening, "visit", UUID(str(happening.step.data["ticket_id"])))


@thread.on("thread.closed")
async def _after_case(happening: thread.Recorded) -> None:
    # However the office answered: collected, nothing to collect, denied, not accepted.
    case_id = await cases.newest_handled(happening.thread.id)
    if case_id is not None:
        await _open(happening, "case", case_id)


async def _open(happening: thread.Recorded, kind: str, subject_id: UUID) -> None:
    opened = happening.thread
    item = await catalogue.item(opened.item_id)
    rating = Rating(
        id=new_id(),
        thread_id=opened.id,
        subject_kind=kind,
        subject_id=subject_id,
        department_id=item.department_id,
        item_id=item.id,
    )
    if kind == "visit":
        served = await queue.served_of_thread(opened.id)
        if served is not None and served.subject_id == subject_id:
            rating.hall_id, rating.window_id, rating.served_by = served.hall_id, served.window_id, served.staff_id
    else:
        rating.hall_id = next(iter(await thread.halls_of(opened.id)), None)
    rating.token = await thread.issue_code("rating", rating.id, thread_id=opened.id)
    await rating.save(force_create=True)
    if opened.person_id is not None:
        await push.send(
            messages.Invited(
                token=rating.token,
                number=opened.number,
                item=item.name,
                department=(await catalogue.department(item.department_id)).name,
                at=clock.now(),
            ),
            to=push.To(person_id=opened.person_id),
            thread_id=opened.id,
            dedupe=f"ratings.invited:{rating.id}",
        )
        await text_without_app(rating, opened.person_id)


@db.transactional
async def of_visit(served: queue.Served) -> Rating:
    """Give the rating of a visit that is over. Whoever took a number without a phone has no matter: it is opened here.

    Asked for by many at once, it is opened once.
    """
    await db.execute(_LOCK, f"rating:{served.subject_id}")
    found = await Rating.get_or_none(subject_kind="visit", subject_id=served.subject_id)
    if found is not None:
        return found
    item = None if served.item_id is None else await catalogue.item(served.item_id)
    rating = Rating(
        id=new_id(),
        thread_id=served.thread_id,
        subject_kind="visit",
        subject_id=served.subject_id,
        department_id=None if item is None else item.department_id,
        item_id=served.item_id,
        hall_id=served.hall_id,
        window_id=served.window_id,
        served_by=served.staff_id,
    )
    rating.token = await thread.issue_code("rating", rating.id, thread_id=served.thread_id)
    await rating.save(force_create=True)
    return rating
