"""用章登记: every use of a department's approval seal is a row that stays: who, when, which paper, under what power."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct
from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.documents.models import SealUse
from server.features.documents.schemas import SealUseOut, SealWanted
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.paging import Page, after, cursor_of
from server.kit.texts import find, text

SEAL_READERS = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
SEAL_POWERS = ("own", "hall", "delegation", "rules", "itself")
MOST_EXPORTED = 5000


class SealHand(Struct, kw_only=True):
    """Whose hand holds the seal: which department's it is, who uses it (for whom, on leave), under what power."""

    department_id: UUID
    power: str = "own"
    under: str | None = None
    staff_id: UUID | None = None
    for_id: UUID | None = None


async def use_seal(hand: SealHand, thread_id: UUID, paper_id: UUID, kind: str, number: str) -> None:
    """Enter one use, in the transaction that makes the paper: there is no sealed paper without its row."""
    row = SealUse(
        department_id=hand.department_id,
        thread_id=thread_id,
        paper_id=paper_id,
        kind=kind,
        number=number,
        power=hand.power,
        under=hand.under,
        staff_id=hand.staff_id,
        for_id=hand.for_id,
    )
    await row.save(force_create=True)


async def seal_uses(
    actor: Staff, wanted: SealWanted, *, cursor: str | None = None, limit: int = 50
) -> Page[SealUseOut]:
    """List the uses of the seals of the actor's departments, and the actor's own, the newest first."""
    rows = await _wanted(actor, wanted)
    key = after(cursor, tuple[datetime, UUID])
    if key is not None:
        rows = rows.filter(Q(Q(created_at__lt=key[0]), Q(created_at=key[0], id__lt=key[1]), join_type="OR"))
    found = await rows.order_by("-created_at", "-id").limit(limit + 1)
    more = found[limit - 1] if len(found) > limit else None
    return Page(
        items=await _shown(actor, found[:limit]),
        next=cursor_of(more.created_at, more.id) if more is not None else None,
    )


async def export_seals(actor: Staff, wanted: SealWanted) -> list[SealUseOut]:
    """Give all that is wanted, up to `MOST_EXPORTED` lines, for a table to work with; it is on record."""
    rows = await _wanted(actor, wanted)
    lines = await _shown(actor, await rows.order_by("-created_at", "-id").limit(MOST_EXPORTED))
    async with db.tx():
        await audit.record(actor, "documents.seals_exported", "seal_use", None, lines=len(lines))
    return lines


async def _wanted(actor: Staff, wanted: SealWanted) -> QuerySet[SealUse]:
    within = await catalogue.departments_within(await identity.reach(actor, *SEAL_READERS))
    rows = SealUse.all()
    if within is not None:
        rows = rows.filter(Q(Q(department_id__in=within), Q(staff_id=actor.staff_id), join_type="OR"))
    if wanted.department_id is not None:
        rows = rows.filter(department_id=wanted.department_id)
    if wanted.power:
        rows = rows.filter(power=wanted.power)
    if wanted.first_on is not None:
        rows = rows.filter(created_at__gte=_dawn(wanted.first_on))
    if wanted.last_on is not None:
        rows = rows.filter(created_at__lt=_dawn(wanted.last_on) + timedelta(days=1))
    if q := wanted.q.strip():
        matter = await thread.by_number(q)
        rows = rows.filter(number__icontains=q) if matter is None else rows.filter(thread_id=matter)
    return rows


def _dawn(day: date) -> datetime:
    if not 2000 <= day.year <= 2200:
        raise InvalidInput("invalid_input", fields=(FieldError("day", "out_of_range"),))
    return datetime.combine(day, time(0), tzinfo=clock.SHANGHAI)


async def _shown(actor: Staff, rows: list[SealUse]) -> list[SealUseOut]:
    departments = {one.id: one.name for one in await catalogue.departments()}
    threads = await thread.many([row.thread_id for row in rows])
    officers = await identity.staff_labels([one for row in rows for one in (row.staff_id, row.for_id) if one])
    return [
        SealUseOut(
            id=row.id,
            at=row.created_at,
            department=departments[row.department_id],
            matter=threads[row.thread_id].number,
            paper=find(actor.locale, f"documents.notice.{row.kind}.title")
            or text(actor.locale, "documents.seal.paper"),
            number=row.number,
            power=row.power,
            under=row.under,
            who=officers[row.staff_id][1] if row.staff_id else None,
            for_whom=officers[row.for_id][1] if row.for_id else None,
        )
        for row in rows
    ]
