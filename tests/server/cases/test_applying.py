"""A draft is never lost, an application is handed in once, and a matter ends when nothing of it is left."""

from __future__ import annotations

import asyncio
from collections import Counter
from datetime import date
from uuid import uuid4

import pytest

from server import db
from server.errors import NotFound
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.documents import service as documents
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.cases import CASES, begun, granted, office, submitted
from tests.factories.identity import AsCitizen, child_of, enterprise_of
from tests.fixtures_web import Answer, Client


def codes(answer: Answer) -> dict[str, str]:
    assert answer.status == 422, answer.text
    return {field["path"]: field["code"] for field in answer.json["fields"]}


async def test_a_draft_keeps_its_files_and_lets_go_of_those_it_dropped(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who = await begun(client, ports, await office())
    first, second = await who.picture(), await who.picture("#111111")
    draft = {"form": {}, "version": 1, "materials": [{"key": "id_card", "file_id": str(first.id)}]}
    assert (await who.post("draft", draft)).status == 200
    draft = {"form": {}, "version": 2, "materials": [{"key": "id_card", "file_id": str(second.id)}]}
    assert (await who.post("draft", draft)).status == 200
    held = await who.phone.delete(second.url)
    assert (held.status, held.json["code"]) == (409, "documents.file_in_use")
    # Nobody of the office sees a draft or its papers.
    clerk = who.office.clerk.actor
    assert not (await cases.worklist(clerk, cases.Wanted(tab="accept"))).items
    for look in (cases.view(clerk, who.id), documents.look(clerk, ports.files, second.id, who.thread_id)):
        with pytest.raises(NotFound):
            await look
    clock.advance(days=8)
    assert await documents.sweep_unused(ports.files) == 1
    seen = (await client.as_(who.someone.token).get(f"{CASES}/{who.id}")).json
    assert [file["id"] for file in seen["materials"][0]["files"]] == [str(second.id)]
    assert (await who.phone.get(second.url)).status == 200


async def test_two_devices_and_a_newer_draft(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())
    stale = {"form": {"reason": "旧"}, "materials": [], "version": 1}
    assert (await who.post("draft", stale | {"form": {"reason": "新"}})).json["version"] == 2
    refused = await who.post("draft", stale)
    assert (refused.status, refused.json["code"]) == (409, "cases.newer_elsewhere")
    refused = await who.post("submit", await who.application(version=1))
    assert (refused.status, refused.json["code"]) == (409, "cases.newer_elsewhere")
    assert (await who.phone.get(f"{CASES}/{who.id}")).json["form"]["reason"] == "新"


async def test_many_taps_hand_in_once(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())
    application = await who.application()
    answers = await asyncio.gather(*(who.post("submit", application) for _ in range(5)))
    assert Counter(answer.status for answer in answers) == {200: 1, 409: 4}
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == 1
    assert await db.fetchval("SELECT count(*) FROM material") == 1


async def test_saving_and_handing_in_at_once_never_mixes(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())
    application = await who.application()
    draft = {
        "form": {"reason": "草稿"},
        "materials": [{"key": "id_card", "file_id": str((await who.picture("#222222")).id)}],
        "version": 1,
    }
    saved, handed_in = await asyncio.gather(who.post("draft", draft), who.post("submit", application))
    assert sorted((saved.status, handed_in.status)) == [200, 409], (saved.text, handed_in.text)
    assert await db.fetchval("SELECT count(*) FROM material") == 1


async def test_beginning_again_goes_on_with_the_draft(client: Client, ports: Ports) -> None:
    at = await office()
    who = await begun(client, ports, at)
    answers = await asyncio.gather(
        *(who.phone.post(CASES, json={"item_id": str(at.item_id)}, headers=key()) for _ in range(4))
    )
    assert {answer.json["id"] for answer in answers} == {who.case["id"]}
    assert (await who.post("submit", await who.application())).status == 200
    again = await who.phone.post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    assert (again.status, again.json["code"]) == (409, "cases.already_open")
    # The refusal leads to the matter that is there.
    assert again.json["page"] == f"/features/thread/pages/detail?id={who.case['thread_id']}"
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    again = await who.phone.post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    assert (again.status, again.json["code"]) == (409, "cases.result_waiting")


async def test_a_draft_is_listed_as_a_draft_at_the_step_it_stands_at(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())

    async def listed(state: str = "open") -> list[tuple[str, str]]:
        items = (await who.phone.get("/api/v1/threads", params={"state": state})).json["items"]
        return [(one["standing"], one["standing_text"]) for one in items]

    application = await who.application()
    await who.post("draft", {"form": {}, "materials": [], "version": 1})
    assert await listed() == [("draft", "草稿，未提交 · 填写信息")]
    assert (await who.screen())["standing"] == "draft"
    await who.post("draft", {"form": application["form"], "materials": [], "version": 2})
    assert await listed() == [("draft", "草稿，未提交 · 上传材料")]
    await who.post("draft", {"form": application["form"], "materials": application["materials"], "version": 3})
    assert await listed() == [("draft", "草稿，未提交 · 确认提交")]
    (line,) = (await who.phone.get("/api/v1/threads")).json["items"]
    assert line["next"]["page"] == f"/features/cases/pages/form?id={who.id}"
    assert (await who.post("submit", application | {"version": 4})).status == 200
    assert await listed() == [("open", "办理中")]
    await who.post("withdraw")
    assert (await listed(), await listed("closed")) == ([], [("closed", "已办结")])


async def test_what_was_filled_in_and_then_changed_is_no_longer_the_registers_word(
    client: Client, ports: Ports
) -> None:
    who = await begun(client, ports, await office())
    assert who.case["prefilled"] == ["name"]
    saved = await who.post("draft", {"form": {"name": "李四"}, "materials": [], "version": 1})
    assert (saved.json["form"], saved.json["prefilled"]) == ({"name": "李四"}, [])


async def test_withdrawing_ends_the_matter(client: Client, ports: Ports) -> None:
    at = await office()
    draft = await begun(client, ports, at)
    assert (await draft.post("withdraw")).json["state"] == "withdrawn"
    assert (await draft.screen())["state"] == "closed"
    handed_in = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, handed_in.id)
    assert (await handed_in.post("withdraw")).json["state"] == "withdrawn"
    matter = await handed_in.screen()
    assert (matter["state"], matter["clock"]["days_left"], matter["rating"]) == ("closed", None, None)
    again = await handed_in.post("withdraw")
    assert (again.status, again.json["code"]) == (409, "cases.wrong_state")
    # What was never handed in is nobody's business, also when it was withdrawn.
    assert [row.id for row in (await cases.worklist(at.clerk.actor, cases.Wanted(tab="done"))).items] == [handed_in.id]
    fresh = await begun(client, ports, at, draft.someone)
    assert fresh.case["number"] != draft.case["number"]


async def test_applicants_read_their_own_name_and_nobody_elses(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at, parent = await office(), await as_citizen(name="李敏", born=date(1980, 1, 1))
    own = await begun(client, ports, at, parent)
    for_child = await begun(client, ports, at, parent, for_person_id=str(await child_of(parent)))
    assert (own.case["person"], for_child.case["person"]) == ("李敏", "王*一")
    assert own.case["age"] >= 46
    assert for_child.case["age"] < 46


async def test_a_visit_that_comes_to_nothing_ends_its_matter_unless_a_case_is_under_way(
    client: Client, ports: Ports
) -> None:
    place = await bookable()
    slots = await place.slots()
    at = await office()
    for with_case, state in ((False, "closed"), (True, "open")):
        who = await begun(client, ports, at)
        wish = {"item_id": str(place.item_id), "slot_id": str(slots[-1].id)}
        if with_case:
            started = await who.phone.post(CASES, json={"item_id": str(place.item_id)}, headers=key())
            assert started.status == 201
        booked = (await who.phone.post("/api/v1/bookings", json=wish, headers=key())).json
        gone = await who.phone.post(f"/api/v1/bookings/{booked['id']}/cancel", headers=key())
        assert gone.status == 200, gone.text
        assert (await who.phone.get(f"/api/v1/threads/{booked['thread_id']}")).json["state"] == state
    assert not await booking.has_live(who.thread_id)


async def test_for_a_child_and_for_an_enterprise(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at, business = await office(), await office(audience=["enterprise"], themes=[])
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    for_child = await begun(client, ports, at, parent, for_person_id=str(child))
    assert for_child.case["form"] == {"name": "王一一"}
    assert (await for_child.post("submit", await for_child.application())).status == 200
    own = await begun(client, ports, at, parent)
    assert own.case["number"] != for_child.case["number"]
    phone = client.as_(parent.token)
    alone = await phone.post(CASES, json={"item_id": str(business.item_id)}, headers=key())
    assert (alone.status, alone.json["code"]) == (409, "cases.enterprise_only")
    company = await enterprise_of(parent)
    of_persons = {"item_id": str(at.item_id), "enterprise_id": str(company)}
    firm = await phone.post(CASES, json=of_persons, headers=key())
    assert (firm.status, firm.json["code"]) == (409, "cases.person_only")
    assert await db.fetchval("SELECT count(*) FROM thread WHERE enterprise_id IS NOT NULL") == 0
    with_it = await begun(client, ports, business, parent, enterprise_id=str(company))
    assert with_it.case["enterprise"] == "颍上县样例餐饮有限公司"


async def test_a_colleague_goes_on_with_the_enterprises_draft(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at = await office(audience=["enterprise"], themes=[])
    owner, colleague = await as_citizen(name="李敏"), await as_citizen(name="周洁")
    company = await enterprise_of(owner)
    mine = await begun(client, ports, at, owner, enterprise_id=str(company))
    file = await mine.picture()
    held = {"form": {}, "version": 1, "materials": [{"key": "id_card", "file_id": str(file.id)}]}
    assert (await mine.post("draft", held)).status == 200
    theirs = client.as_(colleague.token)
    assert (await theirs.get(file.url)).status == 404
    added = await mine.phone.post(
        f"/api/v1/enterprises/{company}/clerks", json={"phone": colleague.phone}, headers=key()
    )
    assert added.status in (200, 201), added.text
    assert (await theirs.get(file.url)).status == 200
    application = await mine.application(materials=held["materials"], version=2)
    done = await theirs.post(f"{CASES}/{mine.id}/submit", json=application, headers=key())
    assert done.status == 200, done.text


async def test_somebody_elses_case_looks_like_none(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await begun(client, ports, await office())
    stranger = client.as_((await as_citizen()).token)
    application = await who.application()
    for answer in (
        await stranger.get(f"{CASES}/{who.id}"),
        await stranger.put(f"{CASES}/{who.id}/draft", json={"form": {}, "materials": [], "version": 1}, headers=key()),
        await stranger.post(f"{CASES}/{who.id}/submit", json=application, headers=key()),
        await stranger.post(f"{CASES}/{who.id}/withdraw", headers=key()),
        await stranger.post(
            CASES, json={"item_id": str(who.office.item_id), "for_person_id": str(uuid4())}, headers=key()
        ),
    ):
        assert (answer.status, answer.json["code"]) == (404, "not_found")


async def test_which_hall_takes_it_in(client: Client, ports: Ports) -> None:
    await make.hall("town", region_code="341226100")
    for keys in (["county", "town"], []):
        who = await begun(client, ports, await office(hall_keys=keys, bookable=bool(keys), mail=False))
        elsewhere = await who.post(
            "submit", await who.application(delivery={"method": "counter", "hall_id": str(uuid4())})
        )
        assert codes(elsewhere) == {"delivery.hall_id": "bad_format"}
        assert codes(await who.post("submit", await who.application(delivery={"method": "post"}))) == {
            "delivery.method": "bad_format"
        }
        anywhere = await who.post("submit", await who.application(delivery={"method": "counter"}))
        assert anywhere.status == 200, anywhere.text
        assert [row.id for row in (await cases.worklist(who.office.clerk.actor, cases.Wanted(tab="accept"))).items] == [
            who.id
        ]
        await who.post("withdraw")


async def test_a_case_keeps_the_guide_it_began_with(client: Client, ports: Ports) -> None:
    at = await office()
    who = await begun(client, ports, at)
    questions = [{"key": "other", "label": "别的", "type": "text", "required": True}]
    await make.guide(at.guide.item, reason="改了表", form=questions)
    assert (await who.post("submit", await who.application())).status == 200
    fresh = await begun(client, ports, at)
    assert (fresh.case["guide_version"], fresh.case["content"]["form"][0]["key"]) == (2, "other")


async def test_an_item_that_is_not_online(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at = await office(online=False)
    phone = client.as_((await as_citizen()).token)
    refused = await phone.post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    assert (refused.status, refused.json["code"]) == (409, "cases.not_online")
    unknown = await as_citizen(verified=False)
    refused = await client.as_(unknown.token).post(CASES, json={"item_id": str(at.item_id)}, headers=key())
    assert (refused.status, refused.json["code"]) == (403, "identity.real_name_required")


async def test_nothing_personal_in_steps_and_audit(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    await cases.view(who.office.reviewer.actor, who.id)
    told = await db.fetch("SELECT data::text AS text FROM step UNION ALL SELECT detail::text FROM audit_entry")
    personal = (who.someone.name, who.someone.number, who.someone.phone, "年满八十")
    assert not [row["text"] for row in told if any(word in row["text"] for word in personal)]
