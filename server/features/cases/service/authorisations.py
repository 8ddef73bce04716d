"""A room behind the door of cases: a department lets a hall accept for it, or only receive, in writing.

Power is given by two persons, one of them of the department; it is taken away by one. What a window may do derives from
what is in force on the day (see `_powers`).
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import BACK, SOON, Authorisation
from server.features.cases.schemas import AuthorisationIn, AuthorisationOut
from server.features.cases.service import _instruments as instruments
from server.features.cases.service._instruments import Sides, sides
from server.features.catalogue import service as catalogue
from server.kit import clock

__all__ = ["KEEPERS", "approve", "ask", "end", "ending_soon", "listed", "one", "refuse"]

KEEPERS = (Role.HALL_MANAGER, *BACK)
LONGEST = timedelta(days=366 * 5)
_KNOWN = instruments.register(
    "authorisation",
    """concat_ws(' ', i.number, d.name, h.name,
        (SELECT string_agg(item.name, ' ') FROM item WHERE item.id = ANY (i.item_ids)))""",
    kind=db.By("i.kind", str),
)


def _reached(actor: Staff, of: Sides, usual: str = "last_on") -> db.Found[AuthorisationOut]:
    async def shown(ids: list[UUID]) -> list[AuthorisationOut]:
        return await _shown(actor, of, await db.in_order(Authorisation, ids))

    return instruments.reached(_KNOWN.found(shown, usual), of)


async def listed(actor: Staff, *, over: bool = False) -> db.Found[AuthorisationOut]:
    """List what is in force, to come or asked for, the first to end first; with `over` what has ended, latest first."""
    found = _reached(actor, await sides(actor), instruments.usual(over=over))
    return instruments.listed(found, over=over)


async def one(actor: Staff, authorisation_id: UUID) -> AuthorisationOut:
    """Show one. Raises NotFound."""
    return await instruments.one(_reached(actor, await sides(actor)), authorisation_id)


async def ending_soon(actor: Staff) -> int:
    """Count what ends within thirty days, or waits for a second person."""
    live = instruments.listed(_reached(actor, await sides(actor)), over=False)
    return await live.where("i.state = 'asked' OR i.last_on <= {}", clock.today() + SOON).count()


async def _shown(actor: Staff, of: Sides, rows: list[Authorisation]) -> list[AuthorisationOut]:
    halls = {each.id: each.name for each in await catalogue.halls()}
    lines = await instruments.lines(rows, lambda row: _is_second(actor, of, row))
    return [
        AuthorisationOut(
            hall_id=row.hall_id, hall=halls[row.hall_id] if row.hall_id else None, kind=row.kind, **lines[row.id]
        )
        for row in rows
    ]


def _is_second(actor: Staff, of: Sides, row: Authorisation) -> bool:
    """Let another person agree, so that one of the two is of the department."""
    if actor.staff_id == row.staff_id:
        return False
    return of.gives(row.department_id) or (row.by_department and of.takes(row.hall_id))


@db.transactional
async def ask(actor: Staff, wish: AuthorisationIn) -> UUID:
    """Enter a document; it counts once a second person has agreed. To extend one is to enter the next.

    Raises NotFound for a place out of reach, Conflict `cases.authorisation_twice`, InvalidInput by field.
    """
    await _check(wish)
    of = await sides(actor)
    giving = of.gives(wish.department_id)
    if not giving and not of.takes(wish.hall_id):
        raise NotFound
    row = Authorisation(
        **instruments.written(wish),
        hall_id=wish.hall_id,
        kind=wish.kind,
        by_department=giving,
        staff_id=actor.staff_id,
    )
    await instruments.enter(row, Conflict("cases.authorisation_twice"))
    await _on_record(actor, "cases.authorisation_asked", row)
    return row.id


async def _check(wish: AuthorisationIn) -> None:
    wrong = await instruments.faults(wish, LONGEST)
    if wish.hall_id is not None and wish.hall_id not in {each.id for each in await catalogue.halls()}:
        wrong.append(FieldError("place", "bad_format"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


@db.transactional
async def approve(actor: Staff, authorisation_id: UUID) -> None:
    """Agree as the second person: from its first day on the hall may. Refuses `cases.authorisation_second`."""
    of = await sides(actor)
    row = await _locked(actor, of, authorisation_id, "asked")
    if not _is_second(actor, of, row):
        raise Forbidden("cases.authorisation_second")
    await instruments.agree(actor, row)
    await _on_record(actor, "cases.authorisation_given", row)


@db.transactional
async def refuse(actor: Staff, authorisation_id: UUID, reason: str) -> None:
    """Not agree, or take one's own wish back; why stays with it."""
    row = await _locked(actor, await sides(actor), authorisation_id, "asked")
    await instruments.turn_down(actor, row, reason)
    await _on_record(actor, "cases.authorisation_refused", row)


@db.transactional
async def end(actor: Staff, authorisation_id: UUID, reason: str) -> None:
    """Take the power away before its last day, at once: one person of either side may."""
    row = await _locked(actor, await sides(actor), authorisation_id, "active")
    await instruments.take_away(actor, row, reason)
    await _on_record(actor, "cases.authorisation_ended", row)


async def _locked(actor: Staff, of: Sides, authorisation_id: UUID, state: str) -> Authorisation:
    moved = Conflict("cases.authorisation_moved")
    return await instruments.locked(Authorisation, _reached(actor, of), authorisation_id, state, moved)


async def _on_record(actor: Staff, action: str, row: Authorisation) -> None:
    await audit.record(actor, action, "authorisation", row.id, number=row.number, until=row.last_on.isoformat())
