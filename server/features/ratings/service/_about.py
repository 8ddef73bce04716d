"""What a rating is about, with a matter behind it or without: whoever took a number without a phone has none."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from server.actor import Actor, Staff
from server.features.catalogue import service as catalogue
from server.features.ratings.models import Rating, Rectification
from server.features.thread import service as thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What is rated, and whose work it was."""

    title: str
    number: str
    office: str
    person_id: UUID | None


async def about(rating: Rating) -> Subject:
    """Say what is rated: the matter, or the item or window somebody came for."""
    return (await abouts([rating]))[rating.id]


async def abouts(ratings: Collection[Rating]) -> dict[UUID, Subject]:
    """Say it of many, by their ids: the matters are looked up together, each office once."""
    threads = await thread.many([one.thread_id for one in ratings if one.thread_id is not None])
    offices: dict[tuple[UUID | None, UUID | None], str] = {}
    found: dict[UUID, Subject] = {}
    for one in ratings:
        place = (one.department_id, one.hall_id)
        if place not in offices:
            offices[place] = await office_of(one)
        opened = None if one.thread_id is None else threads[one.thread_id]
        found[one.id] = Subject(
            title=await _title(one, offices[place]) if opened is None else opened.title,
            number="" if opened is None else opened.number,
            office=offices[place],
            person_id=None if opened is None else opened.person_id,
        )
    return found


async def _title(rating: Rating, office: str) -> str:
    if rating.item_id is not None:
        return (await catalogue.item(rating.item_id)).name
    return office if rating.window_id is None else (await catalogue.window(rating.window_id)).name


async def office_of(row: Rating | Rectification) -> str:
    """Name the department, or the hall where nobody knows which."""
    if row.department_id is not None:
        return (await catalogue.department(row.department_id)).name
    return "" if row.hall_id is None else (await catalogue.hall(row.hall_id)).name


async def area_of(row: Rating | Rectification) -> str:
    """Name the area whose days hold."""
    if row.department_id is not None:
        return (await catalogue.department(row.department_id)).region_code
    return "" if row.hall_id is None else (await catalogue.hall(row.hall_id)).region_code


async def record(row: Rating | Rectification, name: str, actor: Actor, **data: str | date | datetime) -> None:
    """Write a step on the matter, where there is one, in the caller's transaction."""
    if row.thread_id is not None:
        await thread.record(row.thread_id, name, actor, **data)


async def own_work(actor: Staff, row: Rating | Rectification) -> bool:
    """Say whether it was they who worked on what was rated, at a window or behind it."""
    rating = row if isinstance(row, Rating) else await Rating.get(id=row.rating_id)
    return actor.staff_id in await workers(rating)


async def workers(rating: Rating) -> set[UUID]:
    """Tell whose work it was: whoever served at the window, and whoever else took a step of the matter."""
    steps = [] if rating.thread_id is None else await thread.timeline(rating.thread_id)
    behind = {step.actor_id for step in steps if step.actor_id and not step.name.startswith("ratings.")}
    return behind if rating.served_by is None else behind | {rating.served_by}
