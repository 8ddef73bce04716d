"""A theme under way: accepted as one, mended once for all, decided item by item, ended with the last."""

from __future__ import annotations

import pytest

from server import db
from server.errors import Conflict, Forbidden, NotFound
from server.features.cases import service as cases
from server.features.cases.schemas import CorrectionLine
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import CASES
from tests.factories.family import BLURRED, decide, handed_in, reviewer_of
from tests.fixtures_web import Client

pytestmark = pytest.mark.usefixtures("database")


async def test_the_window_accepts_the_theme_as_one(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    await cases.accept(one.who.office.clerk.actor, one.who.id)
    assert (await one.states(), await one.state()) == (["accepted", "accepted"], "accepted")
    # Said once, of the theme.
    assert await one.told() == ["cases.accepted"]
    due = [row["promise_on"] for row in await one.rows()]
    whole = await db.fetchval("SELECT promise_on FROM case_record WHERE id = $1", one.who.id)
    assert max(due) == whole
    # What its department takes ten days for by itself it has agreed to do in eight.
    assert due[1] == await catalogue.add_working_days(clock.today(), 8)
    assert due[0] == await catalogue.add_working_days(clock.today(), 5)
    with pytest.raises(Conflict) as twice:
        await cases.accept(one.who.office.clerk.actor, one.who.id)
    assert twice.value.code in ("cases.wrong_state", "cases.moved_on")


async def test_what_is_not_in_order_keeps_all_from_being_accepted(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    clerk = one.who.office.clerk.actor
    wrong = [cases.CheckIn(key="photo", verdict="wrong", reason=BLURRED)]
    await cases.check_materials(clerk, (await one.rows())[1]["id"], wrong)
    with pytest.raises(Conflict) as refused:
        await cases.accept(clerk, one.who.id)
    assert refused.value.code == "cases.part_incomplete"
    assert await one.states() == ["submitted", "submitted"]
    await cases.accept(clerk, (await one.rows())[0]["id"])
    assert (await one.states(), await one.state()) == (["accepted", "submitted"], "submitted")


@pytest.mark.parametrize("deed", ["grant", "decline", "ask", "take_back"])
async def test_a_theme_is_not_decided_itself(client: Client, ports: Ports, deed: str) -> None:
    one = await handed_in(client, ports)
    clerk, reviewer = one.who.office.clerk.actor, one.who.office.reviewer.actor
    line = [CorrectionLine(key="photo", reason=BLURRED)]
    doors = {
        "grant": lambda: cases.grant(reviewer, ports.signer, one.who.id, None),
        "decline": lambda: cases.decline(reviewer, one.who.id, "不予受理。"),
        "ask": lambda: cases.ask_correction(clerk, one.who.id, line),
        "take_back": lambda: cases.take_back(clerk, one.who.id, "申请人来窗口说明。"),
    }
    with pytest.raises(Conflict) as refused:
        await doors[deed]()
    assert refused.value.code == "cases.theme_by_item"


async def test_another_department_sees_its_own_item_only(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    household, card = await one.rows()
    police, lead = await reviewer_of(household), one.who.office.reviewer.actor
    seen = await cases.view(police, household["id"])
    assert seen.case.whole is not None
    assert [(part.name, part.state) for part in seen.case.whole.parts] == [
        ("户口登记", "submitted"),
        ("社会保障卡申领", "submitted"),
    ]
    for other in (card["id"], one.who.id):
        with pytest.raises(NotFound):
            await cases.view(police, other)
    assert len((await cases.view(lead, one.who.id)).case.parts) == 2


async def test_the_theme_ends_when_all_have_and_one_refused_stops_no_other(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    await cases.accept(one.who.office.clerk.actor, one.who.id)
    await decide(one, ports, 0, yes=False)
    assert (await one.states(), await one.state()) == (["denied", "accepted"], "accepted")
    await decide(one, ports, 1)
    assert (await one.states(), await one.state()) == (["denied", "granted"], "closed")
    # A refusal says so itself; the grant is said with the whole.
    assert await one.told() == ["cases.accepted", "cases.denied", "cases.theme_finished"]
    shown = await one.who.screen()
    assert shown["state"] == "open"
    # The matter itself is open until its last result is in somebody's hands.
    row = (await one.rows())[1]
    await thread.close(row["thread_id"], make.TESTER)
    assert (await one.who.screen())["state"] == "closed"
    assert await db.fetchval("SELECT count(*) FROM rating WHERE subject_kind = 'case'") == 1


async def test_a_shared_paper_mended_once_is_mended_in_all(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    clerk = one.who.office.clerk.actor
    household, card = await one.rows()
    await cases.ask_correction(clerk, household["id"], [CorrectionLine(key="id_card", reason=BLURRED)])
    await cases.ask_correction(clerk, card["id"], [CorrectionLine(key="card", reason=BLURRED)])
    assert (await one.state(), await one.states()) == ("submitted", ["correction_asked"] * 2)
    fresh = await one.who.picture("#abcdef")
    now = await cases.get(one.who.someone.actor, household["id"])
    body = {
        "form": now.form,
        "materials": [
            {"key": "id_card", "file_id": str(fresh.id)},
            *({"key": "proof", "file_id": str(file.id)} for line in now.materials for file in line.files
              if line.key == "proof"),
        ],
        "version": now.version,
        "delivery": {"method": "counter"},
    }  # fmt: skip
    path = f"{CASES}/{household['id']}"
    assert (await one.who.phone.put(f"{path}/draft", json={k: body[k] for k in ("form", "materials", "version")},
                                    headers=key())).status == 200  # fmt: skip
    body["version"] = now.version + 1
    answer = await one.who.phone.post(f"{path}/submit", json=body, headers=key())
    assert answer.status == 200, answer.text
    assert await one.states() == ["submitted", "submitted"]
    held = "SELECT file_id FROM material WHERE case_id = $1 AND rule_key = $2"
    assert await db.fetchval(held, card["id"], "card") == fresh.id
    look = await reviewer_of(card)
    await documents.look(look, ports.files, fresh.id, await cases.paper_at_desk(look, card["id"], fresh.id))


async def test_what_was_mended_for_one_leaves_open_what_another_was_asked_besides(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    clerk = one.who.office.clerk.actor
    household, card = await one.rows()
    both = [CorrectionLine(key="card", reason=BLURRED), CorrectionLine(key="photo", reason=BLURRED)]
    await cases.ask_correction(clerk, household["id"], [CorrectionLine(key="id_card", reason=BLURRED)])
    await cases.ask_correction(clerk, card["id"], both)
    now = await cases.get(one.who.someone.actor, household["id"])
    fresh = await one.who.picture("#abcdef")
    given = [{"key": "id_card", "file_id": str(fresh.id)},
             *({"key": "proof", "file_id": str(file.id)} for line in now.materials for file in line.files
               if line.key == "proof")]  # fmt: skip
    body = {"form": now.form, "materials": given, "version": now.version, "delivery": {"method": "counter"}}
    answer = await one.who.phone.post(f"{CASES}/{household['id']}/submit", json=body, headers=key())
    assert answer.status == 200, answer.text
    assert await one.states() == ["submitted", "correction_asked"]


async def test_one_item_is_taken_back_or_all(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    household = (await one.rows())[0]
    assert (await one.who.phone.post(f"{CASES}/{household['id']}/withdraw", headers=key())).status == 200
    assert (await one.states(), await one.state()) == (["withdrawn", "submitted"], "submitted")
    answer = await one.who.post("withdraw")
    assert (answer.status, answer.json["state"]) == (200, "withdrawn")
    assert await one.states() == ["withdrawn", "withdrawn"]
    assert await db.fetchval("SELECT count(*) FROM thread WHERE state = 'open'") == 0


async def test_my_matters_show_the_theme_and_not_each_of_its_items(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    listed = (await one.who.phone.get("/api/v1/threads")).json["items"]
    assert [line["number"] for line in listed] == [one.who.case["number"]]
    english = await one.who.phone.get(f"{CASES}/{one.who.id}", headers={"accept-language": "en"})
    assert english.json["parts"][0]["state_text"] == "Waiting for acceptance"


async def test_the_desk_lists_the_theme_once_and_its_items_where_they_are_decided(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    clerk = one.who.office.clerk.actor
    waiting = await cases.worklist(clerk, cases.Wanted(tab="accept"))
    assert [line.id for line in waiting.items] == [one.who.id]
    await cases.accept(clerk, one.who.id)
    rows = await one.rows()
    police = await cases.worklist(await reviewer_of(rows[0]), cases.Wanted(tab="decide"))
    assert [line.id for line in police.items] == [rows[0]["id"]]
    lead = await cases.worklist(one.who.office.reviewer.actor, cases.Wanted(tab="decide"))
    assert lead.items == []


async def test_the_department_that_leads_asks_the_others_to_get_on(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    lead, (household, _) = one.who.office.reviewer.actor, await one.rows()
    await cases.nudge(lead, household["id"])
    police = await reviewer_of(household)
    seen = (await cases.view(police, household["id"])).case.whole
    assert seen is not None
    assert seen.nudged_at is not None
    with pytest.raises(Conflict) as again:
        await cases.nudge(lead, household["id"])
    assert again.value.code == "cases.nudged_today"
    with pytest.raises(NotFound):
        await cases.nudge(police, household["id"])
    # The applicant has nothing from it, and reads nothing of it.
    assert "cases.nudged" not in {step["name"] for step in (await one.who.screen())["steps"]}


async def test_one_timeline_tells_what_happened_to_each_item(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    await cases.accept(one.who.office.clerk.actor, one.who.id)
    told = [step["text"] for step in (await one.who.screen())["steps"]]
    assert "户口登记：已受理" in told
    assert any(text.startswith("各事项都已受理") for text in told)


async def test_silence_accepts_every_item(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports)
    await db.execute("UPDATE clock SET promise_on = '2020-01-02', law_on = '2020-01-02', started_on = '2020-01-01'")
    assert await cases.deem_accepted() == 2
    assert (await one.states(), await one.state()) == (["accepted", "accepted"], "accepted")


async def test_what_the_hall_may_only_receive_lies_with_its_department_at_once(client: Client, ports: Ports) -> None:
    one = await handed_in(client, ports, authorised=1)
    clerk = one.who.office.clerk.actor
    household, card = await one.rows()
    assert (household["routed_at"], card["routed_at"] is not None) == (None, True)
    await cases.accept(clerk, one.who.id)
    assert (await one.states(), await one.state()) == (["accepted", "submitted"], "submitted")
    with pytest.raises(Forbidden):
        await cases.accept(clerk, one.who.id)
    await cases.accept(await reviewer_of(card), card["id"])
    assert (await one.states(), await one.state()) == (["accepted", "accepted"], "accepted")
