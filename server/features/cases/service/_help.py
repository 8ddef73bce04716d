"""A call for help: an agent at a desk sees the same page as whoever writes an application, without what is written.

The number is read out by the person; it opens nothing without a desk's login, and nothing once the application is
handed in, the call is ended, or half an hour has passed without a sign of life. Every joining is on record.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Citizen, Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.cases.models import EDITABLE, Case, Material
from server.features.cases.schemas import HelpIn, HelpLine, HelpOut, HelpView
from server.features.cases.service._resolve import standing_in
from server.features.cases.service._rules import applies, asked_of
from server.features.cases.service._view import case_for
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import MaterialRule
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

ALIVE = timedelta(minutes=30)
DIGITS = 6
TRIES = 5

_LIVE = "ended_at IS NULL AND seen_at > $2"
_MINE = f"""UPDATE help_call SET step = $3, faults = $4::text::jsonb, seen_at = $5
    WHERE case_id = $1 AND {_LIVE} RETURNING code, joined_at, seen_at"""  # noqa: S608 - our own words
_OVER = "UPDATE help_call SET ended_at = $2 WHERE ended_at IS NULL AND (case_id = $1 OR seen_at <= $3)"
_NEW = """
INSERT INTO help_call (id, created_at, case_id, account_id, code, step, faults, seen_at)
VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $2) ON CONFLICT DO NOTHING RETURNING code, joined_at, seen_at
"""
_BY_CODE = f"SELECT * FROM help_call WHERE code = $1 AND {_LIVE} FOR UPDATE"  # noqa: S608 - as above
_JOIN = "UPDATE help_call SET staff_id = $2, joined_at = $3 WHERE id = $1"
_JOINED = f"""SELECT id, case_id, code, step, faults::text AS faults, created_at, seen_at FROM help_call
    WHERE code = $1 AND {_LIVE} AND staff_id = $3"""  # noqa: S608 - as above


@db.transactional
async def call_help(actor: Citizen, case_id: UUID, page: HelpIn) -> HelpOut:
    """Ask for help with the page one is on, or say that one is on another by now. Refuses `cases.wrong_state`."""
    case = await case_for(actor, case_id, lock=True)
    if case.state not in EDITABLE:
        raise Conflict("cases.wrong_state")
    now = clock.now()
    faults = msgspec.json.encode(page.faults).decode()
    row = await db.fetchrow(_MINE, case.id, now - ALIVE, page.step, faults, now)
    if row is None:
        await db.execute(_OVER, case.id, now, now - ALIVE)
        row = await _begun(actor, case, page.step, faults)
        await thread.record(case.thread_id, "cases.help_asked", actor, case_id=str(case.id))
    guide = await catalogue.guide(case.guide_id)
    return HelpOut(
        code=row["code"],
        until=row["seen_at"] + ALIVE,
        joined=row["joined_at"] is not None,
        phone=guide.content.consult_phone,
    )


async def _begun(actor: Citizen, case: Case, step: str, faults: str) -> db.Record:
    for _ in range(TRIES):
        code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}}"
        row = await db.fetchrow(_NEW, new_id(), clock.now(), case.id, actor.account_id, code, step, faults)
        if row is not None:
            return row
    raise Conflict("cases.help_busy")


@db.transactional
async def end_help(actor: Citizen, case_id: UUID) -> None:
    """No more help is wanted: the number opens nothing any more."""
    case = await case_for(actor, case_id)
    now = clock.now()
    await db.execute(_OVER, case.id, now, now - ALIVE)


@db.transactional
async def join_help(actor: Staff, code: str) -> None:
    """Look along. A second agent takes over from the first. Raises InvalidInput `cases.help_unknown`."""
    row = await db.fetchrow(_BY_CODE, code, clock.now() - ALIVE)
    case = None if row is None else await Case.get_or_none(id=row["case_id"])
    if row is None or case is None or case.state not in EDITABLE:
        raise InvalidInput("cases.help_unknown", fields=(FieldError("code", "not_known"),))
    await db.execute(_JOIN, row["id"], actor.staff_id, clock.now())
    await thread.record(case.thread_id, "cases.helped", actor, case_id=str(case.id))
    await audit.record(actor, "cases.helped", "case", case.id, person_id=case.holder_id, thread_id=case.thread_id)


async def help_page(actor: Staff, code: str) -> HelpView | None:
    """Show the page as it stands, to the agent who has joined; None once it is over."""
    row = await db.fetchrow(_JOINED, code, clock.now() - ALIVE, actor.staff_id)
    case = None if row is None else await Case.get_or_none(id=row["case_id"])
    if row is None or case is None or case.state not in EDITABLE:
        return None
    guide = await catalogue.guide(case.guide_id)
    faults: dict[str, str] = msgspec.json.decode(row["faults"])
    return HelpView(
        id=row["id"],
        code=row["code"],
        item=guide.item.name,
        step=row["step"],
        since=row["created_at"],
        seen_at=row["seen_at"],
        questions=_questions(case, guide, faults),
        papers=await _papers(case, guide, faults),
    )


def _questions(case: Case, guide: catalogue.GuideView, faults: dict[str, str]) -> list[HelpLine]:
    form = case.form
    filled = set(case.prefilled)
    return [
        HelpLine(
            label=field.label,
            kind=field.type,
            required=field.required,
            hint=field.hint,
            state="filled" if field.key in filled else "answered" if form.get(field.key) else "open",
            fault=next((code for path, code in faults.items() if f"{path}.".startswith(f"form.{field.key}.")), None),
        )
        for field in guide.content.form
        if applies(field.when, form)
    ]


async def _papers(case: Case, guide: catalogue.GuideView, faults: dict[str, str]) -> list[HelpLine]:
    content = asked_of(guide, case.situation)
    rows = await Material.filter(case_id=case.id)
    sent = {row.rule_key for row in rows}
    standing = (await standing_in(case, content.materials, rows)).keys
    return [
        HelpLine(
            label=rule.name,
            kind=rule.medium,
            required=rule.need == "required",
            hint=rule.standards[0] if rule.standards else None,
            state=_stands(rule, standing, sent),
            fault=faults.get(f"materials.{rule.key}"),
        )
        for rule in content.materials
        if applies(rule.when, case.form)
    ]


def _stands(rule: MaterialRule, standing: set[str], sent: set[str]) -> str:
    if rule.exempt or rule.key in standing:
        return "exempt"
    if rule.key in sent:
        return "answered"
    # What is asked for on paper is shown at a window: on the phone nothing is left to do about it.
    return "window" if rule.medium == "paper" else "open"
