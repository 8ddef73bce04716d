"""Granting by the rules a guide publishes (秒批): asked in the worker within moments of handing in.

All of them hold: accepted and granted at once, by the same way as an officer's yes. One does not, or its source does
not answer: a person goes on with it, and finds what the rules found. Nobody is denied anything by a rule.
"""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from msgspec import to_builtins

from server import db
from server.actor import System
from server.errors import AppError
from server.features.audit import service as audit
from server.features.cases.models import TO_ACCEPT, Case, Material, Ruling, RulingSwitch
from server.features.cases.schemas import Trace
from server.features.cases.service._decide import grant_as
from server.features.cases.service._eligible import age_of
from server.features.cases.service._front import accept_as, require_complete
from server.features.cases.service._paper import LOCALE
from server.features.cases.service._resolve import CERTIFICATE
from server.features.cases.service._verified import About, ask_register, trace
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, RuleSet
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text
from server.ports import Checked, Ports, Signer

WAKE = "rulings"
BY_RULES = System(name="cases.rules")
LEASE = timedelta(seconds=60)
MOST_ATTEMPTS = 3
_CLAIM = """
    UPDATE ruling SET attempts = attempts + 1, leased_until = $1::timestamptz + $2::interval
    WHERE id = (SELECT id FROM ruling WHERE state = 'waiting' AND (leased_until IS NULL OR leased_until < $1)
        ORDER BY created_at, id LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING id, case_id, attempts
"""


async def ask_rules(case: Case, guide: GuideView) -> None:
    """Let the rules look at what has just been handed in on a phone, in the caller's transaction."""
    if guide.content.by_rules is None or case.whole or case.parent_id is not None:
        return
    if await Ruling.filter(case_id=case.id, state="waiting").exists():
        return
    row = Ruling(case_id=case.id, guide_id=guide.id, item_id=case.item_id, department_id=case.department_id)
    await row.save(force_create=True)
    await db.notify(WAKE)


async def rule_next(ports: Ports) -> int:
    """Decide the next application that waits for its rules; say how many that was: one or none."""
    claimed = await db.fetchrow(_CLAIM, clock.now(), LEASE)
    if claimed is None:
        return 0
    case = await Case.get(id=claimed["case_id"])
    guide = await catalogue.guide(case.guide_id)
    register = await ask_register(ports.identity_check, case, guide)
    await _rule(ports.signer, claimed["id"], claimed["case_id"], register, tired=claimed["attempts"] > MOST_ATTEMPTS)
    return 1


@db.transactional
async def _rule(signer: Signer, ruling_id: UUID, case_id: UUID, register: Checked | None, *, tired: bool) -> None:
    case = await Case.filter(id=case_id).select_for_update().get()
    row = await Ruling.filter(id=ruling_id, state="waiting").select_for_update().first()
    guide = await catalogue.guide(case.guide_id)
    if row is None or guide.content.by_rules is None:
        return
    if case.state not in TO_ACCEPT:
        # A person was faster.
        await _end(row, "void")
        return
    if tired:
        await _leave(case, row, "failed", None)
        return
    if not await rules_run(case.item_id):
        await _leave(case, row, "switched_off", None)
        return
    lines = [await trace(About(case, guide, register), rule) for rule in guide.content.by_rules.rules]
    why = await _against(case, guide, lines)
    if why is None:
        why = await _grant(signer, case, guide, row, lines)
    if why is not None:
        await _leave(case, row, why, lines)


async def _against(case: Case, guide: GuideView, lines: list[Trace]) -> str | None:
    if any(line.held == "down" for line in lines):
        return "source_down"
    if any(line.held == "no" for line in lines):
        return "not_true"
    # Whose age is another, or is not known, is for a person to look at, whatever the rules ask.
    if await age_of(case, guide, LOCALE) is not None:
        return "other_age"
    # A paper that was handed in has to be looked at by somebody.
    handed_in = await Material.filter(case_id=case.id).exclude(source=CERTIFICATE).exists()
    return "papers" if handed_in else None


async def _grant(signer: Signer, case: Case, guide: GuideView, row: Ruling, lines: list[Trace]) -> str | None:
    """Accept and grant as an officer does, with the rules for a reason; what refuses an officer refuses them."""
    rules = guide.content.by_rules
    assert rules is not None  # noqa: S101 - asked for by the caller
    reason = text(LOCALE, "cases.ruling.reason", rules=rules.name, basis=rules.basis, number=len(lines))
    try:
        async with db.savepoint():
            await require_complete(case, guide)
            await accept_as(BY_RULES, case, guide, "accept", by=None)
            case.ruling_id = row.id
            row.lines = [to_builtins(line) for line in lines]
            await _choose(row, rules)
            await _end(row, "granted")
            named = [(text(LOCALE, "documents.notice.row.rules"), rules.name)]
            await grant_as(BY_RULES, signer, case, guide, reason, asked=named)
            await audit.record(
                BY_RULES, "cases.granted", "case", case.id, person_id=case.holder_id, thread_id=case.thread_id,
                rules=rules.name, ruling=str(row.id),
            )  # fmt: skip
    except AppError:
        return "refused"
    return None


async def _choose(row: Ruling, rules: RuleSet) -> None:
    """Draw whether a person looks at it afterwards: so many of a hundred, and nobody knows beforehand which."""
    if secrets.randbelow(100) < rules.look_percent:
        row.look, row.look_on = "to_look", await catalogue.add_working_days(clock.today(), rules.look_days)


async def _leave(case: Case, row: Ruling, why: str, lines: list[Trace] | None) -> None:
    """Leave it to a person, who finds what the rules found."""
    row.look = row.look_on = None
    row.lines = None if lines is None else [to_builtins(line) for line in lines]
    await _end(row, "person", why)
    await thread.record(case.thread_id, "cases.left_to_person", BY_RULES, case_id=str(case.id))


async def _end(row: Ruling, state: str, why: str | None = None) -> None:
    row.state, row.why, row.ended_at, row.leased_until = state, why, clock.now(), None
    await row.save(update_fields=["state", "why", "lines_sealed", "ended_at", "leased_until", "look", "look_on"])


async def rules_run(item_id: UUID) -> bool:
    """Say whether the rules of an item run."""
    row = await RulingSwitch.get_or_none(item_id=item_id)
    return row is None or row.running
