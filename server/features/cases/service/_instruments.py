"""What every written instrument of a department has in common: entered, agreed to by a second person, ended by one.

What each gives, to whom, and who its second person is stands with its kind: `authorisations`, `delegations`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, TypeVar
from uuid import UUID

from tortoise.exceptions import IntegrityError

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, NotFound
from server.features.cases.models import BACK, Instrument
from server.features.cases.schemas import InstrumentIn
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock

Kind = TypeVar("Kind", bound=Instrument)
T = TypeVar("T")
_LIVE = "i.state IN ('asked', 'active') AND i.last_on >= {}"


@dataclass(frozen=True, slots=True)
class Sides:
    """For which departments an officer gives, and for which halls they take; None is all of them."""

    departments: tuple[UUID, ...] | None
    halls: tuple[UUID, ...] | None
    every_hall: bool

    def gives(self, department_id: UUID) -> bool:
        """Say whether they are of the department."""
        return self.departments is None or department_id in self.departments

    def takes(self, hall_id: UUID | None) -> bool:
        """Say whether they are in charge of the hall; of every one, where it is for every hall."""
        return self.every_hall if hall_id is None else self.halls is None or hall_id in self.halls


async def sides(actor: Staff) -> Sides:
    """Find out for whom somebody speaks."""
    departments = await catalogue.departments_within(await identity.reach(actor, *BACK))
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    every = halls is None or (halls != () and {each.id for each in await catalogue.halls()} <= set(halls))
    return Sides(departments, halls, every)


def register(source: str, searched: str = "", **orders: db.By) -> db.Listing:
    """Make the list of one kind, named `i`, with its department `d` and its hall `h`."""
    common = {
        "number": db.By("i.number", str),
        "department": db.By("d.name", str),
        "hall": db.By("coalesce(h.name, '')", str),
        "last_on": db.By("i.last_on", date),
        "state": db.By("i.state", str),
    }
    joined = f"{source} i JOIN department d ON d.id = i.department_id LEFT JOIN hall h ON h.id = i.hall_id"
    return db.Listing(joined, "i.id", {**common, **orders}, searched)


def reached(found: db.Found[T], of: Sides, besides: str = "false", *values: object) -> db.Found[T]:
    """Keep to what the officer's departments gave, what their halls were given, and to `besides`: the only door."""
    if of.departments is None or of.halls is None:
        return found
    return found.where(
        f"i.department_id = ANY ({{}}::uuid[]) OR i.hall_id = ANY ({{}}::uuid[]) OR {besides}",
        list(of.departments),
        list(of.halls),
        *values,
    )


def listed(found: db.Found[T], *, over: bool) -> db.Found[T]:
    """Keep to what is in force, to come or asked for; with `over` to what has ended."""
    return found.where(f"NOT ({_LIVE})" if over else _LIVE, clock.today())


def usual(*, over: bool) -> str:
    """Name the order: the first to end first, of what has ended the latest."""
    return "-last_on" if over else "last_on"


async def one(found: db.Found[T], key: UUID) -> T:
    """Show one. Raises NotFound."""
    page = await found.where("i.id = {}", key).page()
    if not page.items:
        raise NotFound
    return page.items[0]


async def locked(kind: type[Kind], found: db.Found[Any], key: UUID, state: str, moved: Conflict) -> Kind:
    """Reach one to change it. Raises NotFound, or `moved` where it stands elsewhere by now."""
    if not await found.where("i.id = {}", key).count():
        raise NotFound
    row = await kind.select_for_update().get(id=key)
    if row.state != state or row.last_on < clock.today():
        raise moved
    return row


def written(wish: InstrumentIn) -> dict[str, Any]:
    """Give what stands in the row of any kind."""
    return {
        "department_id": wish.department_id,
        "item_ids": None if wish.item_ids is None else [str(key) for key in wish.item_ids],
        "number": wish.number.strip(),
        "signed_by": wish.signed_by.strip(),
        "first_on": wish.first_on,
        "last_on": wish.last_on,
    }


async def faults(wish: InstrumentIn, longest: timedelta) -> list[FieldError]:
    """Name what is missing, days that make no sense, and items of another department."""
    wrong = [FieldError(name, "required") for name in ("number", "signed_by") if not getattr(wish, name).strip()]
    if wish.last_on < max(wish.first_on, clock.today()) or wish.last_on - wish.first_on > longest:
        wrong.append(FieldError("last_on", "out_of_range"))
    known = await catalogue.items(wish.item_ids or [])
    theirs = [each for each in known.values() if each.department_id == wish.department_id]
    if wish.item_ids is not None and (not theirs or len(theirs) != len(set(wish.item_ids))):
        wrong.append(FieldError("items", "required" if not wish.item_ids else "bad_format"))
    return wrong


async def enter(row: Instrument, twice: Conflict) -> None:
    """Enter one; it counts once a second person has agreed. Raises `twice` where its number is taken."""
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError as taken:
        raise twice from taken


async def agree(actor: Staff, row: Instrument) -> None:
    """Put it in force, from its first day on; the caller has found out that the actor is a second person."""
    await _answer(actor, row, "active", None)


async def turn_down(actor: Staff, row: Instrument, reason: str) -> None:
    """Not agree, or take one's own wish back; why stays with it."""
    await _answer(actor, row, "refused", await documents.printable(reason))


async def _answer(actor: Staff, row: Instrument, state: str, reason: str | None) -> None:
    row.state, row.answered_by, row.answered_at, row.reason = state, actor.staff_id, clock.now(), reason
    await row.save(update_fields=["state", "answered_by", "answered_at", "reason"])


async def take_away(actor: Staff, row: Instrument, reason: str) -> None:
    """End it before its last day, at once."""
    row.state, row.ended_by, row.ended_at = "ended", actor.staff_id, clock.now()
    row.reason = await documents.printable(reason)
    await row.save(update_fields=["state", "ended_by", "ended_at", "reason"])


async def lines(rows: Sequence[Kind], second: Callable[[Kind], bool]) -> dict[UUID, dict[str, Any]]:
    """Give what every kind shows of its rows; `second`: the reader is the person who can agree to one."""
    departments = {each.id: each.name for each in await catalogue.departments()}
    items = await catalogue.items({UUID(str(key)) for row in rows for key in row.item_ids or []})
    people = {each for row in rows for each in (row.staff_id, row.answered_by, row.ended_by) if each}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(people))).items()}
    today = clock.today()
    return {
        row.id: {
            "id": row.id,
            "department_id": row.department_id,
            "department": departments[row.department_id],
            "item_ids": None if row.item_ids is None else [UUID(str(key)) for key in row.item_ids],
            "items": None if row.item_ids is None else [items[UUID(str(key))].name for key in row.item_ids],
            "number": row.number,
            "signed_by": row.signed_by,
            "first_on": row.first_on,
            "last_on": row.last_on,
            "state": row.standing(today),
            "soon": row.ends_soon(today),
            "asked_by": names[row.staff_id],
            "answered_by": names[row.answered_by] if row.answered_by else None,
            "ended_by": names[row.ended_by] if row.ended_by else None,
            "reason": row.reason,
            "can": _can(row, second=second(row)) if row.last_on >= today else [],
        }
        for row in rows
    }


def _can(row: Instrument, *, second: bool) -> list[str]:
    if row.state == "active":
        return ["end"]
    if row.state != "asked":
        return []
    return ["refuse", "approve"] if second else ["refuse"]
