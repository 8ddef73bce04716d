"""Every deed, by every role, from every state: what `MOVES` declares succeeds, all else changes nothing."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server import db
from server.actor import Role, Staff
from server.errors import AppError
from server.features.cases import service as cases
from server.features.cases.models import (
    APPLICANT,
    ASKED,
    MOVES,
    CaseState,
)
from server.features.cases.schemas import CheckIn, CommitIn, CorrectionLine, MaterialIn, SendIn, SubmitIn
from server.features.cases.service import OpinionIn, VisitIn, visits
from server.features.documents import service as documents
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, begun, office, picture, submitted
from tests.factories.documents import bytes_of
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.cases.putting import FOLLOWING, PAUSE, REASON, put

LINE = CorrectionLine(key="id_card", reason="照片模糊，请重拍。")
Deed = Callable[[Any, UUID], Awaitable[object]]
# No door of a case leads to these: the items of a theme move it on, days that run out do five and a window begins it
# (test_moves_by_themselves.py walks those); the others are a part of `claim` and `supplement`.
ELSEWHERE = {
    "deem",
    "lapse",
    "run_out",
    "leave_unsigned",
    "receive",
    "begin",
    "complete",
    "gather",
    "finish",
    "leave_unseen",
}
# A part of the deed moves the case on.
LEADS = {
    ("claim", CaseState.ACCEPTED): CaseState.IN_REVIEW,
    ("supplement", CaseState.ACCEPTED_WITH_DEFICIENCY): CaseState.ACCEPTED,
}
FLAGGED = {
    "key": "id_card", "name": "居民身份证", "kind": "certificate", "source": "applicant", "need": "deficiency",
    "medium": "either", "originals": 1, "standards": ["在有效期内，字迹清楚。"],
}  # fmt: skip
PRE_REVIEWED = ("pre_review", "see_originals")
DOORS = sorted(set(MOVES) - ELSEWHERE)


class RolledBackError(Exception):
    """What was tried is undone, so that the next one finds everything as it was."""


@dataclass(frozen=True, slots=True)
class Stage:
    """One application that is put into every state in turn, and whoever may come to it."""

    who: Applicant
    asking: Staff
    actors: dict[str, Any]
    application: SubmitIn
    question: OpinionIn

    @property
    def id(self) -> UUID:
        return self.who.id

    def deed(self, verb: str) -> Deed:
        """Give the door of a deed."""
        signer = self.who.ports.signer
        answers = {"name": self.who.someone.name, "reason": "年满八十"}
        looked = [CheckIn(key="id_card", verdict="received")]
        doors: dict[str, Deed] = {
            "submit": lambda actor, one: cases.submit(actor, one, self.application),
            "withdraw": cases.withdraw,
            "hand_in": cases.hand_in_again,
            "fill_in": lambda actor, one: cases.fill_in(actor, one, answers),
            "check": lambda actor, one: cases.check_materials(actor, one, looked),
            "ask_correction": lambda actor, one: cases.ask_correction(actor, one, [LINE]),
            "accept": cases.accept,
            "scan": self._scan,
            "pre_review": cases.pre_review,
            "see_originals": lambda actor, one: cases.see_originals(actor, one, ["id_card"]),
            "tolerate": self._tolerate,
            "supplement": lambda actor, one: cases.supplement(actor, one, ["id_card"]),
            "offer": lambda actor, one: cases.offer_commitment(actor, one, days=1),
            "recall_offer": cases.recall_commitment,
            "commit": self._commit,
            "refuse_offer": self._refuse,
            "send": self._send,
            "send_back": lambda actor, one: cases.send_back(actor, one, "id_card", REASON),
            "route": cases.route,
            "propose": lambda actor, one: cases.propose_refusal(actor, one, REASON),
            "return_refusal": cases.return_refusal,
            "decline": lambda actor, one: cases.decline(actor, one, REASON),
            "grant": lambda actor, one: cases.grant(actor, signer, one, None),
            "deny": lambda actor, one: cases.deny(actor, one, REASON),
            "claim": cases.claim,
            "release": cases.release,
            "pause": lambda actor, one: cases.pause(actor, one, PAUSE),
            "resume": lambda actor, one: cases.resume(actor, one, REASON),
            "extend": lambda actor, one: cases.ask_extension(actor, one, 3, REASON),
            "answer_extension": cases.approve_extension,
            "ask_opinion": lambda actor, one: cases.ask_opinion(actor, one, self.question),
            "answer_opinion": lambda actor, one: cases.answer_opinion(actor, one, agrees=True, answer=REASON),
            "recall_opinion": self._recall,
            "ask_early": lambda actor, one: cases.ask_early(actor, one, self.question),
            "answer_early": lambda actor, one: cases.answer_opinion(actor, one, agrees=True, answer=REASON),
            "propose_visit": lambda actor, one: visits.propose(actor, one, self._visit()),
            "agree_visit": lambda actor, one: visits.agree(actor, one, self.question.department_id, [clock.today()]),
            "note_visit": lambda actor, one: visits.note(
                actor, one, self.question.department_id, passed=True, words=REASON
            ),
            "end_visit": lambda actor, one: visits.end(actor, one, mend_days=5),
            "drop_visit": visits.drop,
            "terminate": lambda actor, one: cases.terminate(actor, one, REASON),
            "look_up": lambda actor, one: cases.look_up(actor, one, "id_card", found=True),
            "verify": lambda actor, one: cases.answer_check(actor, one, "id_card", is_true=True, found=REASON),
            "look_after": lambda actor, one: cases.look_after(actor, one, in_order=True, found=REASON),
            "revoke": lambda actor, one: cases.revoke(actor, one, REASON),
            "take_back": lambda actor, one: cases.take_back(actor, one, REASON),
        }
        return doors[verb]

    def _visit(self) -> VisitIn:
        tomorrow = clock.today() + timedelta(days=1)
        return VisitIn(department_ids=[self.question.department_id], days=[tomorrow], place="颍上县城关镇 1 号")

    async def _tolerate(self, actor: Staff, case_id: UUID) -> None:
        await cases.accept_with_deficiency(actor, case_id, days=1, signed=True)

    async def _commit(self, actor: Any, case_id: UUID) -> None:  # noqa: ANN401 - whoever it is
        signed = CommitIn(commitment_id=await self._offered(), version="2026-11", agreed=True)
        await cases.commit(actor, case_id, signed)

    async def _refuse(self, actor: Any, case_id: UUID) -> None:  # noqa: ANN401 - whoever it is
        await cases.refuse_commitment(actor, case_id, await self._offered())

    async def _offered(self) -> UUID:
        found: UUID | None = await db.fetchval("SELECT id FROM commitment WHERE case_id = $1", self.id)
        return found or new_id()

    async def _send(self, actor: Any, case_id: UUID) -> None:  # noqa: ANN401 - whoever it is
        materials = [MaterialIn(key="id_card", file_id=self.application.materials[0].file_id)]
        await cases.send(actor, case_id, SendIn(materials=materials))

    async def _scan(self, actor: Staff, case_id: UUID) -> None:
        file_id = await db.fetchval("SELECT id FROM file WHERE staff_id = $1", actor.staff_id)
        await cases.add_scan(actor, case_id, "id_card", file_id)

    async def _recall(self, actor: Staff, case_id: UUID) -> None:
        asked = await db.fetchval("SELECT id FROM review_task WHERE case_id = $1", case_id)
        await cases.recall_opinion(actor, case_id, asked or new_id())


async def stage_of(client: Client, ports: Ports, verb: str) -> Stage:
    # What is written down at a window is changed at a window: nothing else about the case depends on its channel.
    wanted: dict[str, Any] = {"materials": [FLAGGED]} if verb in FOLLOWING else {"pre_review": verb in PRE_REVIEWED}
    who = await submitted(client, ports, await office(**wanted))
    await db.execute("UPDATE case_record SET channel = $2 WHERE id = $1", who.id, _channel(verb))
    hall, department = who.office.hall.id, who.office.guide.department.id
    actors: dict[str, Any] = {}
    if APPLICANT in MOVES[verb].by:
        stranger = await begun(client, ports, who.office)
        actors = {APPLICANT: who.someone.actor, "another applicant": stranger.someone.actor}
    else:
        for role in Role:
            back = role is Role.REVIEWER
            known = await staff(role, department=department if back else None, hall=None if back else hall)
            actors[role.value] = known.actor
    for actor in actors.values() if verb == "scan" else ():
        await documents.store(actor, ports, "scan.jpg", bytes_of(picture("#445566")))
    asking = await staff("reviewer", department=department)
    asked = await make.department("fire")
    question = OpinionIn(department_id=asked.id, question="是否符合消防要求？", days=0, needed=True)
    application = msgspec.convert(await who.application(), SubmitIn, strict=False)
    if verb in ASKED:
        actors[Role.REVIEWER.value] = (await staff("reviewer", department=asked.id)).actor
    return Stage(who, asking.actor, actors, application, question)


def _channel(verb: str) -> str:
    return "window" if verb == "fill_in" else "phone"


async def _try(stage: Stage, verb: str, state: CaseState, who: str) -> str:
    """Do one deed from one state by one of them, and undo it; say what came of it: the state it led to, or the code."""
    came = ""
    try:
        async with db.tx():
            await put(stage, state, verb)
            before = await _row(stage)
            try:
                async with db.savepoint():
                    await stage.deed(verb)(stage.actors[who], stage.id)
            except AppError as refused:
                assert await _row(stage) == before
                came = refused.code
            else:
                came = f"-> {await db.fetchval('SELECT state FROM case_record WHERE id = $1', stage.id)}"
            raise RolledBackError
    except RolledBackError:
        return came


async def _row(stage: Stage) -> list[Any]:
    row = await db.fetchrow("SELECT * FROM case_record WHERE id = $1", stage.id)
    assert row is not None
    steps = await db.fetchval("SELECT count(*) FROM step WHERE thread_id = $1", stage.who.thread_id)
    papers = await db.fetchval("SELECT count(*) FROM notice WHERE thread_id = $1", stage.who.thread_id)
    return [*row.values(), steps, papers, await db.fetchval("SELECT count(*) FROM outbox")]


@pytest.mark.parametrize("verb", DOORS)
async def test_only_what_is_declared_succeeds(client: Client, ports: Ports, verb: str) -> None:
    stage = await stage_of(client, ports, verb)
    move = MOVES[verb]
    wrong = []
    for who in stage.actors:
        for state in CaseState:
            came = await _try(stage, verb, state, who)
            allowed = who in {str(one) for one in move.by} and state in move.sources
            leads = LEADS.get((verb, state)) or move.target or state
            if (came == f"-> {leads.value}") != allowed:
                wrong.append(f"{who} {verb} from {state.value}: {came}")
    assert not wrong, "\n".join(wrong)


def test_every_state_but_the_first_is_reached() -> None:
    reached = {move.target for move in MOVES.values()} - {None}
    # A draft is where everything begins.
    assert set(CaseState) - reached == {CaseState.DRAFT}
