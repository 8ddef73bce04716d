"""An officer on leave names a colleague: what they have taken up goes on, on record as the one for the other.

It lends no reach and hides nobody: a substitute does what their own grants allow, and where two officers are asked
for one case, whoever acts for the first is not the second.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.cases.models import BACK, Substitution
from server.features.cases.schemas import Colleague, SubstitutionIn, SubstitutionOut
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock

LONGEST = timedelta(days=366)
# One at a time names substitutes: two spans that overlap are seen by whoever comes second.
_LOCK = "SELECT pg_advisory_xact_lock(hashtextextended('cases.substitutions', 0))"


async def stands_in_for(actor: Staff) -> set[UUID]:
    """Name the officers the actor acts for today."""
    today = clock.today()
    rows = await Substitution.filter(
        substitute_id=actor.staff_id, first_on__lte=today, last_on__gte=today, ended_at=None
    )
    return {row.staff_id for row in rows}


async def hands_of(actor: Staff) -> set[UUID]:
    """Name the actor and those they act for today: who of them did the first deed is not the second officer."""
    return {actor.staff_id, *await stands_in_for(actor)}


async def colleagues(actor: Staff) -> list[Colleague]:
    """List the officers who decide for one of the actor's departments: one of them may act for the actor."""
    known = await catalogue.departments()
    own = await _departments(actor, known)
    return [
        Colleague(id=one.id, name=one.name, username=one.username)
        for one in await identity.staff_in(Role.REVIEWER)
        if one.id != actor.staff_id and _meet(own, await _departments(identity.acting(one), known))
    ]


async def _departments(actor: Staff, known: list[catalogue.DepartmentView]) -> set[UUID] | None:
    """Say how far somebody decides, without asking the database for each of a hundred colleagues."""
    reach = await identity.reach(actor, *BACK)
    if reach.department_ids is None:
        return None
    return {one.id for one in known if reach.covers_department(one.id, one.region_code)}


def _meet(one: set[UUID] | None, other: set[UUID] | None) -> bool:
    """Say whether two reach a department in common; None reaches all."""
    if one is None or other is None:
        return one != set() and other != set()
    return bool(one & other)


@db.transactional
async def name_substitute(actor: Staff, wish: SubstitutionIn) -> UUID:
    """Name who acts for the actor, from one day to another, both included.

    Refuses `invalid_input` by field, `cases.substitute_twice`, `cases.substitute_away`, `cases.substitute_needed`.
    """
    reason = await documents.printable(wish.reason)
    today = clock.today()
    wrong = []
    if wish.first_on < today:
        wrong.append(FieldError("first_on", "out_of_range"))
    if not wish.first_on <= wish.last_on <= wish.first_on + LONGEST:
        wrong.append(FieldError("last_on", "out_of_range"))
    if wish.substitute_id not in {one.id for one in await colleagues(actor)}:
        wrong.append(FieldError("substitute", "bad_format"))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    await db.execute(_LOCK)
    during = Substitution.filter(first_on__lte=wish.last_on, last_on__gte=wish.first_on, ended_at=None)
    if await during.filter(staff_id=actor.staff_id).exists():
        raise Conflict("cases.substitute_twice")
    if await during.filter(staff_id=wish.substitute_id).exists():
        raise Conflict("cases.substitute_away")
    # Whoever acts for a colleague in those days cannot be away as well: their cases would lie with nobody.
    if await during.filter(substitute_id=actor.staff_id).exists():
        raise Conflict("cases.substitute_needed")
    row = Substitution(
        staff_id=actor.staff_id,
        substitute_id=wish.substitute_id,
        first_on=wish.first_on,
        last_on=wish.last_on,
        reason=reason,
    )
    await row.save(force_create=True)
    await _on_record(actor, "cases.substitute_named", row)
    return row.id


@db.transactional
async def end_substitution(actor: Staff, substitution_id: UUID) -> None:
    """End one before its last day, at once: either of the two may. Refuses `cases.substitution_over`."""
    row = await _mine(actor).select_for_update().get_or_none(id=substitution_id)
    if row is None:
        raise NotFound
    if row.ended_at is not None or row.last_on < clock.today():
        raise Conflict("cases.substitution_over")
    row.ended_at, row.ended_by = clock.now(), actor.staff_id
    await row.save(update_fields=["ended_at", "ended_by"])
    await _on_record(actor, "cases.substitute_ended", row)


async def substitutions(actor: Staff) -> list[SubstitutionOut]:
    """List the actor's own leave and whom they act for, what is to come first."""
    rows = await _mine(actor).order_by("-last_on", "id")
    names = await identity.staff_labels([one for row in rows for one in (row.staff_id, row.substitute_id)])
    today = clock.today()
    return [
        SubstitutionOut(
            id=row.id,
            away=names[row.staff_id][1],
            substitute=names[row.substitute_id][1],
            own=row.staff_id == actor.staff_id,
            first_on=row.first_on,
            last_on=row.last_on,
            reason=row.reason,
            state=_standing(row),
            can_end=row.ended_at is None and row.last_on >= today,
        )
        for row in rows
    ]


def _standing(row: Substitution) -> str:
    if row.ended_at is not None:
        return "ended"
    today = clock.today()
    if today < row.first_on:
        return "coming"
    return "active" if today <= row.last_on else "over"


def _mine(actor: Staff) -> QuerySet[Substitution]:
    return Substitution.filter(Q(staff_id=actor.staff_id) | Q(substitute_id=actor.staff_id))


async def _on_record(actor: Staff, action: str, row: Substitution) -> None:
    await audit.record(
        actor, action, "substitution", row.id, away=str(row.staff_id), substitute=str(row.substitute_id),
        first_on=row.first_on.isoformat(), last_on=row.last_on.isoformat(),
    )  # fmt: skip
