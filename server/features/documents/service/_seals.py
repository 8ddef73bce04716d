"""用章登记: every use of a department's approval seal is a row that stays: who, when, which paper, under what power."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from uuid import UUID

from msgspec import Struct

from server import db
from server.actor import Role, Staff
from server.errors import FieldError, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.documents.models import SealUse
from server.features.documents.schemas import SealUseOut, SealWanted
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import find, text

SEAL_READERS = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
SEAL_POWERS = ("own", "hall", "delegation", "kind", "rules", "itself")
_USES = db.Listing(
    "seal_use s JOIN department d ON d.id = s.department_id",
    "s.id",
    {
        "at": db.By("s.created_at", datetime),
        "department": db.By("d.name", str),
        "number": db.By("s.number", str),
        "power": db.By("s.power", str),
    },
)
# What a number ends in, whatever stands around it: the part that is read out and typed.
_SERIAL = "substring(number FROM '([0-9]+)[^0-9]*$')"
# A number that is whole is nobody else's serial.
_NUMBERED = f"""SELECT id FROM seal_use WHERE number = $1
    OR ({_SERIAL} = $2 AND NOT EXISTS (SELECT 1 FROM seal_use WHERE number = $1)) LIMIT 1000"""  # noqa: S608 - `_SERIAL` is a constant; what is looked for is $1 and $2


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


async def seal_uses(actor: Staff, wanted: SealWanted) -> db.Found[SealUseOut]:
    """List the uses of the seals of the actor's departments, and the actor's own, the newest first."""

    async def shown(ids: list[UUID]) -> list[SealUseOut]:
        return await _shown(actor, await db.in_order(SealUse, ids))

    within = await catalogue.departments_within(await identity.reach(actor, *SEAL_READERS))
    rows = _USES.found(shown, usual="-at")
    if within is not None:
        rows = rows.where("s.department_id = ANY ({}::uuid[]) OR s.staff_id = {}", list(within), actor.staff_id)
    if wanted.department_id is not None:
        rows = rows.where("s.department_id = {}", wanted.department_id)
    if wanted.power:
        rows = rows.where("s.power = {}", wanted.power)
    if wanted.first_on is not None:
        rows = rows.where("s.created_at >= {}", _dawn(wanted.first_on))
    if wanted.last_on is not None:
        rows = rows.where("s.created_at < {}", _dawn(wanted.last_on) + timedelta(days=1))
    if q := wanted.q.strip():
        matter = await thread.by_number(q)
        if matter is None:
            return rows.where("s.id = ANY ({}::uuid[])", await _numbered(q))
        return rows.where("s.thread_id = {}", matter)
    return rows


async def _numbered(q: str) -> list[UUID]:
    """Find papers by their number, or by the serial in it, with or without its noughts and what stands around it."""
    digits = re.findall("[0-9]+", q)
    return [row["id"] for row in await db.fetch(_NUMBERED, q, f"{digits[-1]:0>6}" if digits else q)]


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
