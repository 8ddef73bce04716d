"""首席代表授权: a room behind the door of cases. A department gives its representative in a hall deeds, in writing.

It is entered by an officer of the department and counts once a second person agrees, another of them or whoever
manages the hall; the representative is neither. One person takes it away. What it lets them do see `_rights`.
"""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from tortoise.exceptions import IntegrityError
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import BACK, GIFTS, Delegation
from server.features.cases.schemas import DelegationIn, DelegationOut, Representative
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock
from server.kit.paging import Page, after, cursor_of

__all__ = ["GIFTS", "approve", "ask", "end", "listed", "one", "refuse", "representatives"]

SOON = timedelta(days=30)
LONGEST = timedelta(days=366 * 3)


async def _reached(actor: Staff) -> QuerySet[Delegation]:
    """Reach what the actor's departments gave, what counts in their halls, and what they were given themself."""
    departments = await catalogue.departments_within(await identity.reach(actor, *BACK))
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    if departments is None or halls is None:
        return Delegation.all()
    mine = Q(representative_id=actor.staff_id)
    return Delegation.filter(Q(mine, Q(department_id__in=departments), Q(hall_id__in=halls), join_type="OR"))


async def _gives(actor: Staff, department_id: UUID) -> bool:
    within = await catalogue.departments_within(await identity.reach(actor, *BACK))
    return actor.has(*BACK) and (within is None or department_id in within)


async def _manages(actor: Staff, hall_id: UUID) -> bool:
    within = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    return actor.has(Role.HALL_MANAGER) and (within is None or hall_id in within)


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


async def listed(
    actor: Staff, *, over: bool = False, cursor: str | None = None, limit: int = 50
) -> Page[DelegationOut]:
    """List what is in force, to come or asked for, the first to end first; with `over` what has ended, latest first."""
    live = Q(state__in=("asked", "active"), last_on__gte=clock.today())
    rows = (await _reached(actor)).filter(~live if over else live)
    if (key := after(cursor, tuple[date, UUID])) is not None:
        day, last = key
        beyond = Q(last_on__lt=day) if over else Q(last_on__gt=day)
        rows = rows.filter(Q(beyond, Q(last_on=day, id__gt=last), join_type="OR"))
    found = await rows.order_by("-last_on" if over else "last_on", "id").limit(limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    return Page(
        items=await _shown(actor, found[:limit]), next=cursor_of(more.last_on, more.id) if more is not None else None
    )


async def one(actor: Staff, delegation_id: UUID) -> DelegationOut:
    """Show one. Raises NotFound."""
    row = await (await _reached(actor)).get_or_none(id=delegation_id)
    if row is None:
        raise NotFound
    return (await _shown(actor, [row]))[0]


async def _shown(actor: Staff, rows: list[Delegation]) -> list[DelegationOut]:
    departments = {each.id: each.name for each in await catalogue.departments()}
    halls = {each.id: each.name for each in await catalogue.halls()}
    items = await catalogue.items({UUID(str(key)) for row in rows for key in row.item_ids or []})
    people = {each for row in rows for each in _people(row) if each}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(people))).items()}
    today = clock.today()
    return [
        DelegationOut(
            id=row.id,
            department_id=row.department_id,
            department=departments[row.department_id],
            hall_id=row.hall_id,
            hall=halls[row.hall_id],
            representative_id=row.representative_id,
            representative=names[row.representative_id],
            deeds=[gift for gift in GIFTS if gift in row.deeds],
            item_ids=None if row.item_ids is None else [UUID(str(key)) for key in row.item_ids],
            items=None if row.item_ids is None else [items[UUID(str(key))].name for key in row.item_ids],
            number=row.number,
            signed_by=row.signed_by,
            first_on=row.first_on,
            last_on=row.last_on,
            state=_standing(row, today),
            soon=row.state == "active" and today <= row.last_on <= today + SOON,
            asked_by=names[row.staff_id],
            answered_by=names[row.answered_by] if row.answered_by else None,
            ended_by=names[row.ended_by] if row.ended_by else None,
            reason=row.reason,
            can=await _can(actor, row),
        )
        for row in rows
    ]


def _people(row: Delegation) -> tuple[UUID | None, ...]:
    return (row.representative_id, row.staff_id, row.answered_by, row.ended_by)


def _standing(row: Delegation, today: date) -> str:
    if row.state == "active" and not row.first_on <= today <= row.last_on:
        return "coming" if today < row.first_on else "expired"
    return "expired" if row.state == "asked" and row.last_on < today else row.state


async def _can(actor: Staff, row: Delegation) -> list[str]:
    if row.last_on < clock.today() or row.state in ("refused", "ended"):
        return []
    if row.state == "active":
        return ["end"]
    return ["refuse", "approve"] if await _second(actor, row) else ["refuse"]


async def _second(actor: Staff, row: Delegation) -> bool:
    """Let another person agree, of the department or in charge of the hall: not whoever is given the power."""
    if actor.staff_id in (row.staff_id, row.representative_id):
        return False
    return await _gives(actor, row.department_id) or await _manages(actor, row.hall_id)


@db.transactional
async def ask(actor: Staff, wish: DelegationIn) -> UUID:
    """Enter an instrument; it counts once a second person has agreed. To extend one is to enter the next.

    Raises NotFound for a department out of reach, Conflict `cases.delegation_twice`, InvalidInput by field.
    """
    if not await _gives(actor, wish.department_id):
        raise NotFound
    await _check(actor, wish)
    row = Delegation(
        department_id=wish.department_id,
        hall_id=wish.hall_id,
        representative_id=wish.representative_id,
        deeds=[gift for gift in GIFTS if gift in wish.deeds],
        item_ids=None if wish.item_ids is None else [str(key) for key in wish.item_ids],
        number=await documents.printable(wish.number),
        signed_by=wish.signed_by.strip(),
        first_on=wish.first_on,
        last_on=wish.last_on,
        staff_id=actor.staff_id,
    )
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError as twice:
        raise Conflict("cases.delegation_twice") from twice
    await _on_record(actor, "cases.delegation_asked", row)
    return row.id


async def _check(actor: Staff, wish: DelegationIn) -> None:
    """Refuse what makes no sense, all faults at once."""
    wrong = [FieldError(name, "required") for name in ("number", "signed_by") if not getattr(wish, name).strip()]
    if not wish.deeds or not set(wish.deeds) <= set(GIFTS):
        wrong.append(FieldError("deeds", "required" if not wish.deeds else "bad_format"))
    if wish.last_on < max(wish.first_on, clock.today()) or wish.last_on - wish.first_on > LONGEST:
        wrong.append(FieldError("last_on", "out_of_range"))
    if wish.hall_id not in {each.id for each in await catalogue.halls()}:
        wrong.append(FieldError("hall", "bad_format"))
    elif wish.representative_id not in {
        each.id for each in await representatives(actor, wish.department_id, wish.hall_id)
    }:
        wrong.append(FieldError("representative", "bad_format"))
    known = await catalogue.items(wish.item_ids or [])
    theirs = [each for each in known.values() if each.department_id == wish.department_id]
    if wish.item_ids is not None and (not theirs or len(theirs) != len(set(wish.item_ids))):
        wrong.append(FieldError("items", "required" if not wish.item_ids else "bad_format"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


@db.transactional
async def approve(actor: Staff, delegation_id: UUID) -> None:
    """Agree as the second person: from its first day on it counts. Refuses `cases.delegation_second`."""
    row = await _locked(actor, delegation_id, "asked")
    if not await _second(actor, row):
        raise Forbidden("cases.delegation_second")
    await _answer(actor, row, "active", None)
    await _on_record(actor, "cases.delegation_given", row)


@db.transactional
async def refuse(actor: Staff, delegation_id: UUID, reason: str) -> None:
    """Not agree, or take one's own wish back; why stays with it."""
    row = await _locked(actor, delegation_id, "asked")
    await _answer(actor, row, "refused", await documents.printable(reason))
    await _on_record(actor, "cases.delegation_refused", row)


@db.transactional
async def end(actor: Staff, delegation_id: UUID, reason: str) -> None:
    """Take the power away before its last day, at once: one person may, and so may whoever has it."""
    row = await _locked(actor, delegation_id, "active")
    row.state, row.ended_by, row.ended_at = "ended", actor.staff_id, clock.now()
    row.reason = await documents.printable(reason)
    await row.save(update_fields=["state", "ended_by", "ended_at", "reason"])
    await _on_record(actor, "cases.delegation_ended", row)


async def _locked(actor: Staff, delegation_id: UUID, state: str) -> Delegation:
    """Reach one to change it. Refuses `cases.delegation_moved` where it stands elsewhere by now."""
    row = await (await _reached(actor)).select_for_update().get_or_none(id=delegation_id)
    if row is None:
        raise NotFound
    if row.state != state or row.last_on < clock.today():
        raise Conflict("cases.delegation_moved")
    return row


async def _answer(actor: Staff, row: Delegation, state: str, reason: str | None) -> None:
    row.state, row.answered_by, row.answered_at, row.reason = state, actor.staff_id, clock.now(), reason
    await row.save(update_fields=["state", "answered_by", "answered_at", "reason"])


async def _on_record(actor: Staff, action: str, row: Delegation) -> None:
    await audit.record(
        actor, action, "delegation", row.id, number=row.number, representative=str(row.representative_id),
        deeds=",".join(row.deeds), until=row.last_on.isoformat(),
    )  # fmt: skip
