"""Puts a case into a state as a walk over all of them needs it, with what else a deed asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.features.cases import service as cases
from server.features.cases.models import (
    MOVES,
    TO_ACCEPT,
    TO_DECIDE,
    ApprovalReference,
    CaseState,
    Commitment,
    Pledge,
    PreReview,
    Ruling,
    SiteVisit,
    Tolerance,
    VisitPart,
)
from server.features.cases.service import PauseIn
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tests.server.cases.test_moves import Stage

REASON = "申请人来窗口说明了情况。"
PAUSE = PauseIn(kind="testing", basis="《食品安全法》第八十七条", days=1)
FOLLOWING = ("tolerate", "supplement", "offer", "recall_offer", "commit", "refuse_offer", "send", "send_back")


async def put(stage: Stage, state: CaseState, verb: str) -> None:
    """Put the case into a state, with what else the deed asks for: a proposal to answer, a clock that stands still."""
    await db.execute(
        "UPDATE case_record SET state = $2, decided_by = $3, promise_on = $4, law_on = $4 WHERE id = $1",
        stage.id, state.value, stage.asking.staff_id if state in ("granted", "denied") else None, clock.today(),
    )  # fmt: skip
    await db.execute("DELETE FROM clock WHERE thread_id = $1", stage.who.thread_id)
    kind = "receive" if state in TO_ACCEPT else "decide"
    if state in (*TO_ACCEPT, *TO_DECIDE):
        await db.execute(
            "INSERT INTO clock (id, created_at, thread_id, kind, started_on, promise_on, law_on, state)"
            " VALUES ($1, $2, $3, $4, $5, $5, $5, 'running')",
            new_id(), clock.now(), stage.who.thread_id, kind, clock.today(),
        )  # fmt: skip
    if state is CaseState.PRE_REVIEW:
        known = {"keys": ["id_card"], "due_on": clock.today(), "staff_id": stage.asking.staff_id}
        await PreReview(case_id=stage.id, **known).save(force_create=True)
    if verb == "return_refusal" and state in MOVES["propose"].sources:
        await cases.propose_refusal(stage.who.office.clerk.actor, stage.id, REASON)
    if verb == "resume" and state in TO_DECIDE:
        await cases.pause(stage.asking, stage.id, PAUSE)
    if verb == "answer_extension" and state in TO_DECIDE:
        await cases.ask_extension(stage.asking, stage.id, 3, REASON)
    if verb in ("answer_opinion", "recall_opinion") and state in TO_DECIDE:
        await cases.ask_opinion(stage.asking, stage.id, stage.question)
    if verb in ("answer_early", "recall_opinion") and state in MOVES["ask_early"].sources:
        await cases.ask_early(stage.asking, stage.id, stage.question)
    await _visited(stage, state, verb)
    await _papers(stage, state, verb)
    stage.application.version = await db.fetchval("SELECT version FROM case_record WHERE id = $1", stage.id)


async def _visited(stage: Stage, state: CaseState, verb: str) -> None:
    """A joint visit as far as the deed finds it: proposed, agreed on, seen by all."""
    if verb == "propose_visit" and state in TO_DECIDE:
        await cases.ask_opinion(stage.asking, stage.id, stage.question)
    if verb not in ("agree_visit", "note_visit", "end_visit", "drop_visit"):
        return
    today, officer = clock.today(), stage.asking.staff_id
    fixed = verb in ("note_visit", "end_visit")
    row = SiteVisit(
        case_id=stage.id, days=[today], day=today if fixed else None, staff_id=officer,
        state="fixed" if fixed else "proposed",
    )  # fmt: skip
    row.place = REASON
    await row.save(force_create=True)
    for department_id in (stage.who.office.guide.department.id, stage.question.department_id):
        part = VisitPart(visit_id=row.id, department_id=department_id)
        if verb == "end_visit":
            part.passed, part.words, part.noted_by, part.noted_at = True, REASON, officer, clock.now()
        await part.save(force_create=True)


async def _papers(stage: Stage, state: CaseState, verb: str) -> None:
    """What lies with the case for the deed: what follows, an approval's number, a pledge, the rules' word."""
    if verb in FOLLOWING:
        await _lacking(stage, state, verb)
    if verb == "look_up":
        named = ApprovalReference(case_id=stage.id, rule_key="id_card")
        named.said = {"name": "批复", "number": "颍审〔2026〕12号"}
        await named.save(force_create=True)
    if verb in ("verify", "revoke") and state is CaseState.GRANTED:
        await _pledged(stage, "to_check" if verb == "verify" else "untrue")
    if verb == "look_after" and state is CaseState.GRANTED:
        await _ruled(stage)


async def _lacking(stage: Stage, state: CaseState, verb: str) -> None:
    """Take away the paper that may follow; what was sent later is still to be looked at."""
    known = {"case_id": stage.id, "keys": ["id_card"], "due_on": clock.today(), "staff_id": stage.asking.staff_id}
    if verb != "send_back":
        await db.execute("DELETE FROM material WHERE case_id = $1", stage.id)
    if state is CaseState.ACCEPTED_WITH_DEFICIENCY:
        await Tolerance(**known).save()
    if state in TO_ACCEPT and verb in ("recall_offer", "commit", "refuse_offer"):
        offered = Commitment(version="2026-11", sign_by=clock.today(), **known)
        offered.lines = ["一"]
        await offered.save()


async def _pledged(stage: Stage, state: str) -> None:
    """A pledge that waits to be looked at, or that somebody else has found untrue."""
    guide, officer = stage.who.office.guide, stage.asking.staff_id
    row = Pledge(
        case_id=stage.id, rule_key="id_card", guide_id=guide.id, department_id=guide.department.id,
        staff_id=officer, state=state, due_on=clock.today(),
    )  # fmt: skip
    row.words = REASON
    if state == "untrue":
        row.found, row.checked_by, row.checked_at = REASON, officer, clock.now()
    await row.save(force_create=True)


async def _ruled(stage: Stage) -> None:
    """Granted by rules, and drawn to be looked at."""
    guide = stage.who.office.guide
    row = Ruling(
        case_id=stage.id, guide_id=guide.id, item_id=guide.item.id, department_id=guide.department.id, state="granted",
        ended_at=clock.now(), look="to_look", look_on=clock.today(),
    )  # fmt: skip
    row.lines = []
    await row.save(force_create=True)
    await db.execute("UPDATE case_record SET ruling_id = $2, decided_by = NULL WHERE id = $1", stage.id, row.id)
