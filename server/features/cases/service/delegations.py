"""A room behind the door of cases: a department gives its chief representative in a hall deeds, in writing.

It is entered by an officer of the department and counts once a second person agrees, another of them or whoever
manages the hall; the representative is neither. One person takes it away. What it lets them do see `_rights`.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import BACK, GIFTS, Delegation
from server.features.cases.schemas import DelegationIn, DelegationOut, Representative
from server.features.cases.service import _instruments as instruments
from server.features.cases.service._instruments import Sides, sides
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity

__all__ = ["GIFTS", "approve", "ask", "end", "listed", "one", "refuse", "representatives"]

LONGEST = timedelta(days=366 * 3)
_KNOWN = instruments.register("delegation")
_SAID = db.stands_in("concat_ws(' ', i.number, d.name, h.name)") + " OR i.representative_id = ANY ({}::uuid[])"


def _reached(actor: Staff, of: Sides, usual: str = "last_on") -> db.Found[DelegationOut]:
    async def shown(ids: list[UUID]) -> list[DelegationOut]:
        return await _shown(actor, of, await db.in_order(Delegation, ids))

    return instruments.reached(_KNOWN.found(shown, usual), of, "i.representative_id = {}", actor.staff_id)


async def representatives(actor: Staff, department_id: UUID, hall_id: UUID) -> list[Representative]:
    """List who may be named: reviewers of the department, or seated in the hall. Not whoever names them."""
    region = {one.id: one.region_code for one in await catalogue.departments()}.get(department_id)
    place = {one.id: one.region_code for one in await catalogue.halls()}.get(hall_id)
    found = []
    for one in await identity.staff_in(Role.REVIEWER):
        reach = await identity.reach(identity.acting(one), *BACK)
        if one.id != actor.staff_id and (
            reach.covers_department(department_id, region) or reach.covers_hall(hall_id, place)
        ):
            found.append(Representative(id=one.id, name=one.name, username=one.username))
    return found


async def listed(actor: Staff, *, over: bool = False, q: str = "") -> db.Found[DelegationOut]:
    """List what is in force, to come or asked for, the first to end first; with `over` what has ended, latest first."""
    found = _reached(actor, await sides(actor), instruments.usual(over=over))
    found = instruments.listed(found, over=over)
    words = db.plain(q)
    return found.where(_SAID, words, await _called(words)) if words else found


async def _called(words: str) -> list[UUID]:
    """Find representatives by their names, which are sealed: no database searches them."""
    rows = await db.fetch("SELECT DISTINCT representative_id FROM delegation")
    names = await identity.staff_labels([row["representative_id"] for row in rows])
    return [key for key, (_, name) in names.items() if words.casefold() in db.plain(name).casefold()]


async def one(actor: Staff, delegation_id: UUID) -> DelegationOut:
    """Show one. Raises NotFound."""
    return await instruments.one(_reached(actor, await sides(actor)), delegation_id)


async def _shown(actor: Staff, of: Sides, rows: list[Delegation]) -> list[DelegationOut]:
    halls = {each.id: each.name for each in await catalogue.halls()}
    names = await identity.staff_labels([row.representative_id for row in rows])
    lines = await instruments.lines(rows, lambda row: _is_second(actor, of, row))
    return [
        DelegationOut(
            hall_id=row.hall_id,
            hall=halls[row.hall_id],
            representative_id=row.representative_id,
            representative=names[row.representative_id][1],
            deeds=[gift for gift in GIFTS if gift in row.deeds],
            **lines[row.id],
        )
        for row in rows
    ]


def _is_second(actor: Staff, of: Sides, row: Delegation) -> bool:
    """Let another person agree, of the department or in charge of the hall: not whoever is given the power."""
    if actor.staff_id in (row.staff_id, row.representative_id):
        return False
    return of.gives(row.department_id) or of.takes(row.hall_id)


@db.transactional
async def ask(actor: Staff, wish: DelegationIn) -> UUID:
    """Enter an instrument; it counts once a second person has agreed. To extend one is to enter the next.

    Raises NotFound for a department out of reach, Conflict `cases.delegation_twice`, InvalidInput by field.
    """
    if not (await sides(actor)).gives(wish.department_id):
        raise NotFound
    await _check(actor, wish)
    row = Delegation(
        **instruments.written(wish) | {"number": await documents.printable(wish.number)},
        hall_id=wish.hall_id,
        representative_id=wish.representative_id,
        deeds=[gift for gift in GIFTS if gift in wish.deeds],
        staff_id=actor.staff_id,
    )
    await instruments.enter(row, Conflict("cases.delegation_twice"))
    await _on_record(actor, "cases.delegation_asked", row)
    return row.id


async def _check(actor: Staff, wish: DelegationIn) -> None:
    """Refuse what makes no sense, all faults at once."""
    wrong = await instruments.faults(wish, LONGEST)
    if not wish.deeds or not set(wish.deeds) <= set(GIFTS):
        wrong.append(FieldError("deeds", "required" if not wish.deeds else "bad_format"))
    if wish.hall_id not in {each.id for each in await catalogue.halls()}:
        wrong.append(FieldError("hall", "bad_format"))
    elif wish.representative_id not in {
        each.id for each in await representatives(actor, wish.department_id, wish.hall_id)
    }:
        wrong.append(FieldError("representative", "bad_format"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


@db.transactional
async def approve(actor: Staff, delegation_id: UUID) -> None:
    """Agree as the second person: from its first day on it counts. Refuses `cases.delegation_second`."""
    of = await sides(actor)
    row = await _locked(actor, of, delegation_id, "asked")
    if not _is_second(actor, of, row):
        raise Forbidden("cases.delegation_second")
    await instruments.agree(actor, row)
    await _on_record(actor, "cases.delegation_given", row)


@db.transactional
async def refuse(actor: Staff, delegation_id: UUID, reason: str) -> None:
    """Not agree, or take one's own wish back; why stays with it."""
    row = await _locked(actor, await sides(actor), delegation_id, "asked")
    await instruments.turn_down(actor, row, reason)
    await _on_record(actor, "cases.delegation_refused", row)


@db.transactional
async def end(actor: Staff, delegation_id: UUID, reason: str) -> None:
    """Take the power away before its last day, at once: one person may, and so may whoever has it."""
    row = await _locked(actor, await sides(actor), delegation_id, "active")
    await instruments.take_away(actor, row, reason)
    await _on_record(actor, "cases.delegation_ended", row)


async def _locked(actor: Staff, of: Sides, delegation_id: UUID, state: str) -> Delegation:
    moved = Conflict("cases.delegation_moved")
    return await instruments.locked(Delegation, _reached(actor, of), delegation_id, state, moved)


async def _on_record(actor: Staff, action: str, row: Delegation) -> None:
    await audit.record(
        actor, action, "delegation", row.id, number=row.number, representative=str(row.representative_id),
        deeds=",".join(row.deeds), until=row.last_on.isoformat(),
    )  # fmt: skip
