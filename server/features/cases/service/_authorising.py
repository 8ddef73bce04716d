"""授权委托书: a department lets a hall accept for it, or only receive, by a document with its days.

Power is given by two persons, one of them of the department; it is taken away by one. What a window may do derives from
what is in force on the day (see `_powers`).
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
from server.features.cases.models import Authorisation
from server.features.cases.schemas import AuthorisationIn, AuthorisationOut
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock

GIVERS = (Role.REVIEWER,)
KEEPERS = (Role.HALL_MANAGER, Role.REVIEWER)
SOON = timedelta(days=30)
LONGEST = timedelta(days=366 * 5)


async def _reached(actor: Staff) -> QuerySet[Authorisation]:
    """Reach what the actor's departments gave and their halls were given: the only door."""
    departments = await catalogue.departments_within(await identity.reach(actor, *GIVERS))
    halls = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    if departments is None or halls is None:
        return Authorisation.all()
    return Authorisation.filter(Q(department_id__in=departments) | Q(hall_id__in=halls))


async def _gives(actor: Staff, department_id: UUID) -> bool:
    within = await catalogue.departments_within(await identity.reach(actor, *GIVERS))
    return actor.has(*GIVERS) and (within is None or department_id in within)


async def _takes(actor: Staff, hall_id: UUID | None) -> bool:
    within = await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))
    # Who takes on for every hall must be in charge of every hall.
    taken = {one.id for one in await catalogue.halls()} if hall_id is None else {hall_id}
    return actor.has(Role.HALL_MANAGER) and (within is None or taken <= set(within))


async def authorisations(actor: Staff, *, over: bool = False) -> list[AuthorisationOut]:
    """List what is in force, to come or asked for, the first to end first; with `over` what has ended, latest first."""
    rows = await _reached(actor)
    live = Q(state__in=("asked", "active"), last_on__gte=clock.today())
    found = rows.filter(~live) if over else rows.filter(live)
    listed = await found.order_by("-last_on" if over else "last_on", "id")
    return await _shown(actor, listed)


async def authorisation(actor: Staff, authorisation_id: UUID) -> AuthorisationOut:
    """Show one. Raises NotFound."""
    row = await (await _reached(actor)).get_or_none(id=authorisation_id)
    if row is None:
        raise NotFound
    return (await _shown(actor, [row]))[0]


async def ending_soon(actor: Staff) -> int:
    """Count what ends within thirty days, or waits for a second person."""
    rows = await _reached(actor)
    today = clock.today()
    soon = Q(state="active", last_on__gte=today, last_on__lte=today + SOON)
    return await rows.filter(soon | Q(state="asked", last_on__gte=today)).count()


async def _shown(actor: Staff, rows: list[Authorisation]) -> list[AuthorisationOut]:
    departments = {one.id: one.name for one in await catalogue.departments()}
    halls = {one.id: one.name for one in await catalogue.halls()}
    items = await catalogue.items({UUID(str(key)) for row in rows for key in row.item_ids or []})
    people = {one for row in rows for one in (row.staff_id, row.answered_by, row.ended_by) if one}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(people))).items()}
    today = clock.today()
    return [
        AuthorisationOut(
            id=row.id,
            department_id=row.department_id,
            department=departments[row.department_id],
            hall_id=row.hall_id,
            hall=halls[row.hall_id] if row.hall_id else None,
            item_ids=None if row.item_ids is None else [UUID(str(key)) for key in row.item_ids],
            items=None if row.item_ids is None else [items[UUID(str(key))].name for key in row.item_ids],
            kind=row.kind,
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


def _standing(row: Authorisation, today: date) -> str:
    """Say how one stands today: as it is written down, or `coming` or `expired` by its days."""
    if row.state == "active" and not row.first_on <= today <= row.last_on:
        return "coming" if today < row.first_on else "expired"
    return "expired" if row.state == "asked" and row.last_on < today else row.state


async def _can(actor: Staff, row: Authorisation) -> list[str]:
    if row.last_on < clock.today() or row.state in ("refused", "ended"):
        return []
    if row.state == "active":
        return ["end"]
    return ["refuse", "approve"] if await _second(actor, row) else ["refuse"]


async def _second(actor: Staff, row: Authorisation) -> bool:
    """Let another person agree, so that one of the two is of the department."""
    if actor.staff_id == row.staff_id:
        return False
    if await _gives(actor, row.department_id):
        return True
    return row.by_department and await _takes(actor, row.hall_id)


@db.transactional
async def ask_authorisation(actor: Staff, wish: AuthorisationIn) -> UUID:
    """Enter a document; it counts once a second person has agreed. To extend one is to enter the next.

    Raises NotFound for a place out of reach, Conflict `cases.authorisation_twice`, InvalidInput by field.
    """
    await _check(wish)
    giving = await _gives(actor, wish.department_id)
    if not giving and not await _takes(actor, wish.hall_id):
        raise NotFound
    row = Authorisation(
        department_id=wish.department_id,
        hall_id=wish.hall_id,
        item_ids=None if wish.item_ids is None else [str(one) for one in wish.item_ids],
        kind=wish.kind,
        number=wish.number.strip(),
        signed_by=wish.signed_by.strip(),
        first_on=wish.first_on,
        last_on=wish.last_on,
        by_department=giving,
        staff_id=actor.staff_id,
    )
    try:
        async with db.savepoint():
            await row.save(force_create=True)
    except IntegrityError as twice:
        raise Conflict("cases.authorisation_twice") from twice
    await _on_record(actor, "cases.authorisation_asked", row)
    return row.id


async def _check(wish: AuthorisationIn) -> None:
    """Refuse days that make no sense, and items of another department; all faults at once."""
    wrong = []
    if not wish.number.strip():
        wrong.append(FieldError("number", "required"))
    if not wish.signed_by.strip():
        wrong.append(FieldError("signed_by", "required"))
    if wish.last_on < max(wish.first_on, clock.today()) or wish.last_on - wish.first_on > LONGEST:
        wrong.append(FieldError("last_on", "out_of_range"))
    if wish.hall_id is not None and wish.hall_id not in {one.id for one in await catalogue.halls()}:
        wrong.append(FieldError("place", "bad_format"))
    known = await catalogue.items(wish.item_ids or [])
    theirs = [one for one in known.values() if one.department_id == wish.department_id]
    if wish.item_ids is not None and (not theirs or len(theirs) != len(set(wish.item_ids))):
        wrong.append(FieldError("items", "required" if not wish.item_ids else "bad_format"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


@db.transactional
async def approve_authorisation(actor: Staff, authorisation_id: UUID) -> None:
    """Agree as the second person: from its first day on the hall may. Refuses `cases.authorisation_second`."""
    row = await _locked(actor, authorisation_id, "asked")
    if not await _second(actor, row):
        raise Forbidden("cases.authorisation_second")
    await _answer(actor, row, "active", None)
    await _on_record(actor, "cases.authorisation_given", row)


@db.transactional
async def refuse_authorisation(actor: Staff, authorisation_id: UUID, reason: str) -> None:
    """Not agree, or take one's own wish back; why stays with it."""
    row = await _locked(actor, authorisation_id, "asked")
    await _answer(actor, row, "refused", await documents.printable(reason))
    await _on_record(actor, "cases.authorisation_refused", row)


@db.transactional
async def end_authorisation(actor: Staff, authorisation_id: UUID, reason: str) -> None:
    """Take the power away before its last day, at once: one person of either side may."""
    row = await _locked(actor, authorisation_id, "active")
    row.state, row.ended_by, row.ended_at = "ended", actor.staff_id, clock.now()
    row.reason = await documents.printable(reason)
    await row.save(update_fields=["state", "ended_by", "ended_at", "reason"])
    await _on_record(actor, "cases.authorisation_ended", row)


async def _locked(actor: Staff, authorisation_id: UUID, state: str) -> Authorisation:
    """Reach one to change it. Refuses `cases.authorisation_moved` where it stands elsewhere by now."""
    row = await (await _reached(actor)).select_for_update().get_or_none(id=authorisation_id)
    if row is None:
        raise NotFound
    if row.state != state or row.last_on < clock.today():
        raise Conflict("cases.authorisation_moved")
    return row


async def _answer(actor: Staff, row: Authorisation, state: str, reason: str | None) -> None:
    row.state, row.answered_by, row.answered_at, row.reason = state, actor.staff_id, clock.now(), reason
    await row.save(update_fields=["state", "answered_by", "answered_at", "reason"])


async def _on_record(actor: Staff, action: str, row: Authorisation) -> None:
    await audit.record(actor, action, "authorisation", row.id, number=row.number, until=row.last_on.isoformat())
