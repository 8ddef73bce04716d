"""A commitment sent to the phone, signed there, and the papers that follow from it (rows 71 to 74, from the phone)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine
from server.features.documents import service as documents
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import Applicant, Office, begun, office, submitted
from tests.factories.identity import AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.cases.test_window import CARD, PHOTO, code, seen

RULES = PHOTO | {"key": "rules", "name": "规章制度", "need": "deficiency", "medium": "either"}
PLAN = RULES | {"key": "plan", "name": "平面图"}


async def applied(client: Client, ports: Ports, *papers: dict[str, Any]) -> Applicant:
    """Somebody has applied on the phone; what may follow is not there."""
    return await submitted(client, ports, await office(materials=[CARD, *papers]))


async def offered(who: Applicant, *, days: int = 3) -> dict[str, Any]:
    """The window has sent the words; gives them as the phone shows them."""
    await cases.offer_commitment(who.office.clerk.actor, who.id, days=days)
    shown: dict[str, Any] = (await who.screen())["case"]["following"]
    return shown


def said(answer: Answer) -> str:
    found: str = answer.json["code"]
    return found


async def sign(who: Applicant, shown: dict[str, Any], **changes: object) -> Answer:
    words = shown["commitment"]
    return await who.post(
        "commitment", {"commitment_id": words["id"], "version": words["version"], "agreed": True} | changes
    )


async def send(who: Applicant, line: str, shade: str = "#123456") -> Answer:
    file = await who.picture(shade)
    return await who.post("supplement", {"materials": [{"key": line, "file_id": str(file.id)}]})


async def test_signed_on_the_phone_sent_from_it_and_granted(client: Client, ports: Ports) -> None:
    who = await applied(client, ports, RULES, PLAN)
    clerk, reviewer = who.office.clerk.actor, who.office.reviewer.actor
    shown = await offered(who)
    words = shown["commitment"]
    assert (shown["state"], [line["state"] for line in shown["lines"]]) == ("offered", ["awaited", "awaited"])
    assert all(part in "".join(words["lines"]) for part in ("张桂兰", "规章制度、平面图", "终止办理"))
    told = await db.fetchrow("SELECT kind, page FROM inbox ORDER BY created_at DESC LIMIT 1")
    assert told is not None
    assert (told["kind"], str(who.id) in told["page"]) == ("cases.commitment_offered", True)
    assert (await seen(clerk, who.id)).tolerance.commitment.state == "offered"  # type: ignore[union-attr]
    assert said(await sign(who, shown, agreed=False)) == "cases.commitment_unread"
    assert said(await sign(who, shown, version="1999-1")) == "cases.no_commitment"
    assert (await sign(who, shown)).status == 200
    assert who.case["state"] == "accepted_with_deficiency"
    assert said(await sign(who, shown)) == "cases.no_commitment"
    row = await db.fetchrow("SELECT accepted_by, moved_by FROM case_record WHERE id = $1", who.id)
    assert row is not None
    assert (row["accepted_by"], row["moved_by"]) == (clerk.staff_id, None), "who sent the words answers for it"
    assert who.case["following"]["commitment"]["lines"] == words["lines"], "what was signed stands as it was shown"
    assert said(await send(who, "id_card")) == "cases.not_awaited"
    assert (await send(who, "rules")).status == 200
    assert [line["state"] for line in who.case["following"]["lines"]] == ["sent", "awaited"]
    # The desk sees it at once, and may look at the paper.
    at_desk = await seen(clerk, who.id)
    assert [(line.key, line.state) for line in at_desk.tolerance.lines] == [("rules", "sent"), ("plan", "awaited")]
    sent = next(one for one in at_desk.case.materials if one.key == "rules").files[0]
    assert (await documents.look(clerk, ports.files, sent.id, who.thread_id))[1]
    assert [one.id for one in (await cases.worklist(clerk, cases.Wanted(tab="followed"))).items] == [who.id]
    await cases.supplement(clerk, who.id, ["rules"])
    assert (await cases.worklist(clerk, cases.Wanted(tab="followed"))).items == []
    assert said(await send(who, "rules", "#654321")) == "cases.not_awaited"
    with pytest.raises(Conflict) as early:
        await cases.grant(reviewer, ports.signer, who.id, None)
    assert code(early) == "cases.tolerance_open"
    assert (await send(who, "plan")).status == 200
    await cases.supplement(clerk, who.id, ["plan"])
    assert (await who.screen())["case"]["following"]["state"] == "done"
    await cases.grant(reviewer, ports.signer, who.id, None)
    steps = [step["name"] for step in (await who.screen())["steps"]]
    wanted = ["cases.commitment_offered", "cases.committed", "cases.tolerated", "cases.supplement_sent"]
    assert [name for name in steps if name in wanted] == [*wanted, "cases.supplement_sent"]


async def test_what_does_not_do_is_sent_again_and_is_not_late_meanwhile(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await applied(client, ports, RULES)
    clerk = who.office.clerk.actor
    await sign(who, await offered(who, days=1))
    assert (await send(who, "rules")).status == 200
    clock.advance(days=20)
    assert await cases.end_unsupplemented() == 0, "it was sent in time; the office has not looked"
    with pytest.raises(Conflict) as other:
        await cases.send_back(clerk, who.id, "id_card", "看不清")
    assert code(other) == "cases.not_awaited"
    await cases.send_back(clerk, who.id, "rules", "印章看不清")
    with pytest.raises(Conflict) as twice:
        await cases.send_back(clerk, who.id, "rules", "印章看不清")
    assert code(twice) == "cases.not_awaited"
    shown = (await who.screen())["case"]["following"]
    assert (shown["lines"][0]["state"], shown["lines"][0]["reason"]) == ("returned", "印章看不清")
    assert shown["due_on"] > clocks.today().isoformat(), "there is time to send another"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.supplement_returned'") == 1
    assert (await send(who, "rules", "#654321")).status == 200
    await cases.supplement(clerk, who.id, ["rules"])
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id) == "accepted"


async def test_reminders_lead_to_where_it_is_sent_and_stop_once_it_is(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await applied(client, ports, RULES)
    await sign(who, await offered(who, days=4))
    due_on = await db.fetchval("SELECT due_on FROM tolerance")
    while (due_on - clocks.today()).days > 3:
        clock.advance(days=1)
    await cases.remind_of_supplements()
    page = await db.fetchval("SELECT page FROM inbox WHERE kind = 'cases.supplement_due'")
    assert page == f"/features/cases/pages/following?id={who.id}"
    await send(who, "rules")
    clock.advance(days=2)
    await cases.remind_of_supplements()
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'cases.supplement_due'") == 1


async def test_not_signed_in_time_it_is_asked_for_and_silence_accepts_nothing(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await applied(client, ports, RULES)
    shown = await offered(who)
    clock.advance(days=12)
    assert await cases.deem_accepted() == 0, "the office has answered"
    assert said(await sign(who, shown)) == "cases.no_commitment"
    assert await cases.end_unsigned() == 1
    assert await cases.end_unsigned() == 0
    case = (await who.screen())["case"]
    assert (case["state"], [line["key"] for line in case["correction"]["lines"]]) == ("correction_asked", ["rules"])
    assert case["following"] is None
    assert [row["kind"] for row in await db.fetch("SELECT kind FROM notice")] == ["correction"]


async def test_told_once_before_it_is_not_told_again_by_itself(client: Client, ports: Ports, clock: Clock) -> None:
    who = await applied(client, ports, RULES)
    await cases.ask_correction(who.office.clerk.actor, who.id, [CorrectionLine(key="reason", reason="请写明")])
    who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
    assert (await who.post("submit", await who.application())).status == 200
    await offered(who)
    clock.advance(days=12)
    assert await cases.end_unsigned() == 0
    assert await cases.deem_accepted() == 1
    assert await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id) == "accepted"


async def test_refused_recalled_or_answered_otherwise_it_cannot_be_signed(client: Client, ports: Ports) -> None:
    who = await applied(client, ports, RULES)
    clerk = who.office.clerk.actor
    shown = await offered(who)
    refusal = {"commitment_id": shown["commitment"]["id"]}
    assert (await who.post("commitment/refusal", refusal)).status == 200
    assert said(await who.post("commitment/refusal", refusal)) == "cases.no_commitment"
    assert (await seen(clerk, who.id)).tolerance.commitment.state == "refused"  # type: ignore[union-attr]
    shown = await offered(who)
    await cases.recall_commitment(clerk, who.id)
    assert said(await sign(who, shown)) == "cases.no_commitment"
    with pytest.raises(Conflict) as gone:
        await cases.recall_commitment(clerk, who.id)
    assert code(gone) == "cases.no_commitment"
    shown = await offered(who)
    await cases.check_materials(clerk, who.id, [CheckIn(key="rules", verdict="received")])
    assert said(await sign(who, shown)) == "cases.commitment_over", "the paper has come meanwhile"
    await cases.accept(clerk, who.id)
    assert said(await sign(who, shown)) == "cases.no_commitment"
    assert await db.fetchval("SELECT count(*) FROM tolerance") == 0


async def test_somebody_elses_words_look_like_none(client: Client, ports: Ports) -> None:
    who = await applied(client, ports, RULES)
    shown = await offered(who)
    other = await begun(client, ports, who.office)
    body = {"commitment_id": shown["commitment"]["id"], "version": shown["commitment"]["version"], "agreed": True}
    foreign = await other.phone.post(f"/api/v1/cases/{who.id}/commitment", json=body, headers=key())
    assert foreign.status == 404
    assert said(await sign(other, shown)) == "cases.no_commitment"
    assert await db.fetchval("SELECT state FROM commitment") == "offered"


async def test_two_clerks_and_two_taps_make_one(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at: Office = await office(materials=[CARD, RULES])
    who = await submitted(client, ports, at)
    second = (await as_staff("clerk", hall=at.hall.id)).actor
    tried = await asyncio.gather(
        *(cases.offer_commitment(actor, who.id, days=2) for actor in (at.clerk.actor, second)), return_exceptions=True
    )
    assert [type(one) for one in tried if one is not None] == [Conflict]
    assert await db.fetchval("SELECT count(*) FROM commitment") == 1
    shown = (await who.screen())["case"]["following"]
    taps = await asyncio.gather(sign(who, shown), sign(who, shown))
    assert sorted(one.status for one in taps) == [200, 409]
    assert await db.fetchval("SELECT count(*) FROM tolerance") == 1
    assert await db.fetchval("SELECT count(*) FROM notice") == 1


async def test_only_what_came_from_a_phone_is_signed_on_one(client: Client, ports: Ports) -> None:
    who = await applied(client, ports, RULES)
    await db.execute("UPDATE case_record SET channel = 'window' WHERE id = $1", who.id)
    with pytest.raises(Conflict) as paper:
        await cases.offer_commitment(who.office.clerk.actor, who.id, days=2)
    assert code(paper) == "cases.not_by_phone"
    assert not (await seen(who.office.clerk.actor, who.id)).tolerance.by_phone


async def test_what_was_chosen_and_not_sent_lies_there_still_for_nobody_else(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await applied(client, ports, RULES, PLAN)
    clerk = who.office.clerk.actor
    await sign(who, await offered(who))
    first, second = await who.picture("#aa0000"), await who.picture("#00aa00")
    unsent = [{"key": "rules", "file_id": str(first.id)}, {"key": "plan", "file_id": str(second.id)}]

    async def keep(materials: list[dict[str, str]]) -> Answer:
        path = f"/api/v1/cases/{who.id}/supplement"
        return await who.phone.request("PUT", path, json={"materials": materials}, headers=key())

    async def lying() -> dict[str, list[str]]:
        lines = (await who.screen())["case"]["following"]["lines"]
        return {line["key"]: [file["id"] for file in line["unsent"]] for line in lines}

    assert (await keep(unsent)).status == 200
    clock.advance(days=2)
    assert await documents.sweep_unused(ports.files) == 0, "it is kept as a draft's papers are"
    assert await lying() == {"rules": [str(first.id)], "plan": [str(second.id)]}
    at_desk = (await seen(clerk, who.id)).case
    assert at_desk.following is not None
    assert [line.unsent for line in at_desk.following.lines] == [[], []], "the office sees what was sent"
    assert [line.state for line in at_desk.following.lines] == ["awaited", "awaited"]
    assert said(await keep([{"key": "id_card", "file_id": str(first.id)}])) == "cases.not_awaited"
    stranger = await begun(client, ports, who.office)
    theirs = await stranger.picture("#0000aa")
    assert (await keep([{"key": "rules", "file_id": str(theirs.id)}])).status == 404
    # One is sent, the other lies there on; then nothing does.
    assert (await who.post("supplement", {"materials": unsent[:1]})).status == 200
    assert await lying() == {"rules": [], "plan": [str(second.id)]}
    assert (await keep([])).status == 200
    assert await lying() == {"rules": [], "plan": []}
    clock.advance(days=2)
    assert await documents.sweep_unused(ports.files) == 2, "the other's own, and what was taken off again"
