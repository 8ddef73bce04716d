"""The phone's screens: one GET each, open to everybody as far as nothing is anybody's, and closed beyond that."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from server import db
from server.actor import Staff, System
from server.features.booking.service import of_thread
from server.features.cases import service as cases
from server.features.queue import service as queue
from server.features.thread import service as thread
from server.kit import clock, texts
from server.kit.spoken import spoken
from server.ports import BUCKETS, Ports
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.cases import begun, granted, office, submitted
from tests.factories.identity import AsCitizen, child_of, sample_phone
from tests.factories.queue import line
from tests.fixtures_web import Client


async def test_home_for_somebody_and_for_nobody(client: Client, as_citizen: AsCitizen) -> None:
    place = await bookable(confirmation="auto")
    nobody = (await client.get("/api/v1/home")).json
    assert [one["name"] for one in nobody["hot"]] == [place.guide.item.name]
    assert [one["key"] for one in nobody["halls"]] == ["county"]
    assert (nobody["threads"], nobody["next_booking"], nobody["unread"]) == ([], None, 0)
    phone = client.as_((await as_citizen()).token)
    assert (await phone.get("/api/v1/home")).json["threads"] == []
    slots = await place.slots()
    wish = {"item_id": str(place.item_id), "slot_id": str(slots[-1].id)}
    made = (await phone.post("/api/v1/bookings", json=wish, headers=key())).json
    mine = (await phone.get("/api/v1/home")).json
    assert [one["id"] for one in mine["threads"]] == [made["thread_id"]]
    assert mine["next_booking"]["id"] == made["id"]
    assert mine["unread"] == 1
    unverified = client.as_((await as_citizen(verified=False)).token)
    assert (await unverified.get("/api/v1/home")).json["threads"] == []
    assert (await client.as_("expired-or-forged").get("/api/v1/home")).status in (200, 401)


async def test_the_guide_screen(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    await make.hall("second")
    fee = {"name": "工本费", "amount_fen": 2000, "unit": "证", "basis": "测试文件"}
    at = await office(fees=[fee], hall_keys=["county", "second"], promise_days=5, legal_days=20)
    await line(at.hall.id, 2)
    path = f"/api/v1/items/{at.item_id}"
    shown = (await client.get(path)).json
    assert (shown["can"], shown["live"]) == (["book", "apply"], None)
    content = shown["content"]
    # What to bring, how long, how much, where, how busy: one answer holds it all.
    assert [(one["key"], one["need"], one["originals"]) for one in content["materials"]] == [("id_card", "required", 1)]
    assert (content["handling"], content["promise_days"], content["legal_days"]) == ("promised", 5, 20)
    assert [(one["name"], one["amount_fen"], one["unit"]) for one in content["fees"]] == [("工本费", 2000, "证")]
    assert {one["key"]: one["address"] for one in shown["halls"]} == dict.fromkeys(
        ("county", "second"), "颍上县测试路 1 号"
    )
    assert content["hours_text"] == "工作日 8:30–12:00，14:00–17:30"
    crowds = {one["hall_id"]: one for one in shown["crowds"]}
    assert {one["key"]: crowds[one["id"]]["waiting"] for one in shown["halls"]} == {"county": 2, "second": 0}
    assert crowds[str(at.hall.id)]["level"] == "some"
    assert [step["key"] for step in content["steps"]] == ["accept", "review", "decide"]
    assert sum(step["days"] for step in content["steps"]) == content["promise_days"]
    assert [field["key"] for field in content["form"]] == ["name", "reason"]
    assert set(shown["templates"]) == {"book", "apply"}
    who = await begun(client, ports, at)
    live = (await who.phone.get(path)).json["live"]
    assert live == {"thread_id": str(who.thread_id), "booking_id": None, "case_id": str(who.id)}
    stranger = client.as_((await as_citizen()).token)
    assert (await stranger.get(path)).json["live"] is None
    await who.post("withdraw")
    assert (await who.phone.get(path)).json["live"] is None


async def test_an_item_without_a_guide_is_listed_and_says_where_to_ask(client: Client) -> None:
    item = await make.item(name="还没有指南的事项")
    shown = (await client.get(f"/api/v1/items/{item.id}")).json
    assert (shown["content"], shown["guide_id"], shown["can"], shown["halls"]) == (None, None, [], [])
    assert shown["department"]["name"]
    for missing in (uuid4(), "nonsense"):
        assert (await client.get(f"/api/v1/items/{missing}")).status == 404


async def test_somebody_elses_matter_looks_like_none(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    path = f"/api/v1/threads/{who.thread_id}"
    stranger = client.as_((await as_citizen()).token)
    absent = await stranger.get(f"/api/v1/threads/{uuid4()}")
    seen = await stranger.get(path)
    assert (seen.status, seen.json["code"]) == (absent.status, absent.json["code"]) == (404, "not_found")
    assert (await client.get(path)).status == 401
    assert (await client.in_console(who.office.clerk.cookie).get(path)).status == 401


async def test_a_childs_matter_on_its_parents_phone(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    parent = await as_citizen(name="李敏")
    who = await submitted(client, ports, await office(), parent, for_person_id=str(await child_of(parent)))
    matter = await who.screen()
    assert (matter["case"]["person"], matter["case"]["form"]["name"]) == ("王*一", "李敏")
    listed = (await who.phone.get("/api/v1/threads")).json["items"]
    assert [(one["id"], one["person"]) for one in listed] == [(str(who.thread_id), "王*一")]
    await db.execute("UPDATE mandate SET state = 'ended', ended_at = now()")
    assert (await who.phone.get(f"/api/v1/threads/{who.thread_id}")).status == 404


async def test_progress_by_number_and_the_end_of_the_phone(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    number, tail = who.case["number"], who.someone.phone[-4:]
    spoken = f"{number[:6]} {number[6:12]}－{number[12:]}"
    for written in (number, spoken):
        found = await client.get("/api/v1/track", params={"number": written, "phone_tail": tail})
        assert found.status == 200, found.text
    assert [step["name"] for step in found.json["steps"]][:2] == ["cases.submitted", "cases.accepted"]
    for secret in (who.someone.name, "张*兰", who.someone.number, str(who.id)):
        assert secret not in found.text


async def test_progress_says_what_its_steps_name(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    today = clock.today()
    await thread.record(who.thread_id, "cases.extended", System(name="tests"), days=5, promise_on=today)
    await thread.record(who.thread_id, "delivery.posted", System(name="tests"), waybill="EM123456789CN")
    found = await client.get(
        "/api/v1/track", params={"number": who.case["number"], "phone_tail": who.someone.phone[-4:]}
    )
    told = {step["name"]: step["text"] for step in found.json["steps"]}
    assert told["cases.extended"] == texts.text(
        texts.SOURCE, "thread.step.cases.extended", days=5, promise_on=spoken(texts.SOURCE, today)
    )
    assert told["delivery.posted"].endswith("*********89CN")
    assert "{" not in "".join(told.values())


async def test_progress_is_not_guessed(client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await submitted(client, ports, await office())
    number, tail = who.case["number"], who.someone.phone[-4:]
    wrong = "0000" if tail != "0000" else "1111"
    last = str((int(number[-1]) + 1) % 10)
    refused = [
        await client.get("/api/v1/track", params={"number": typed, "phone_tail": end})
        for typed, end in ((number, wrong), (number[:-1] + last, tail), ("1", tail), (number, ""), (number, "x" * 9))
    ]
    assert [answer.status for answer in refused] == [404, 404, 404, 422, 422]
    assert {answer.json["code"] for answer in refused[:3]} == {"thread.not_tracked"}
    # Tests are let through more often than strangers; here nobody is.
    buckets: Any = vars(ports.limits)["_buckets"]
    for name in ("track", "track_number", "sms"):
        monkeypatch.setitem(buckets, name, BUCKETS[name])
    late = [await client.get("/api/v1/track", params={"number": number, "phone_tail": wrong}) for _ in range(12)]
    assert late[-1].status == 429
    assert int(late[-1].headers["retry-after"]) > 0
    right = await client.get("/api/v1/track", params={"number": number, "phone_tail": tail})
    assert right.status == 429, "the number is counted, not who asks: else many addresses guess it"
    other = await submitted(client, ports, who.office)
    theirs = {"number": other.case["number"], "phone_tail": other.someone.phone[-4:]}
    assert (await client.get("/api/v1/track", params=theirs)).status == 200, "a neighbour at the same address asks on"
    code = await client.post("/api/v1/login/code", json={"phone": sample_phone()})
    assert code.status in (204, 503), "and may log in: codes are counted apart"


async def test_codes_of_each_kind_open_their_page(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    place = await bookable(confirmation="auto")
    slot = (await place.slots())[-1]
    visitor = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    made = (await visitor.post("/api/v1/bookings", json=wish, headers=key())).json
    who = await granted(client, ports, await office())
    card = (await who.phone.get("/api/v1/certificates")).json[0]
    declined = await submitted(client, ports, who.office)
    await declined_case(declined.office.reviewer.actor, declined.id)
    tokens = {
        "hall": await queue.hall_token(place.hall.id),
        "booking": made["code"],
        "certificate": (await who.phone.post(f"/api/v1/certificates/{card['id']}/presentations")).json["token"],
        "notice": await db.fetchval("SELECT code FROM notice LIMIT 1"),
        "rating": (await declined.screen())["rating"]["token"],
    }
    for kind, token in tokens.items():
        assert len(token) <= 32
        said = (await client.get(f"/api/v1/codes/{token}")).json
        assert said["kind"] == kind
        assert (said["page"] is None) == (kind == "booking")
        assert (said["notice"] is None) == (kind != "notice")
        # Looking is not using.
        assert (await client.get(f"/api/v1/codes/{token}")).json == said
    ended = await visitor.post(f"/api/v1/bookings/{made['id']}/cancel", headers=key())
    assert ended.status == 200
    gone = await client.get(f"/api/v1/codes/{tokens['booking']}")
    assert (gone.status, gone.json["code"]) == (410, "codes.expired")
    assert await of_thread(who.thread_id) is None


async def declined_case(reviewer: Staff, case_id: UUID) -> None:
    await cases.decline(reviewer, case_id, "不属于本机关职权。")


@pytest.mark.parametrize(
    "token",
    [
        "nonsense",
        "x" * 500,
        "%00",
        "%0d%0aSet-Cookie:%20a=b",
        "%22%3E%3Cscript%3E",
        "a&page=evil",
        "令牌",
    ],
)
async def test_rude_tokens_lead_nowhere_else(client: Client, token: str) -> None:
    landed = await client.get(f"/q/{token}")
    assert landed.status in (303, 404)
    if landed.status == 303:
        target = landed.headers["location"]
        assert target.startswith("/#/features/codes/pages/open?token=")
        assert not set(target.split("token=", 1)[1]) & set('\r\n<>"&#? ')
    assert "set-cookie" not in landed.headers
    asked = await client.get(f"/api/v1/codes/{token}")
    assert asked.status == 404, asked.text


async def test_what_the_phone_knows_first(client: Client) -> None:
    known = (await client.get("/api/v1/config")).json
    assert known["env"] == "test"
    assert known["locales"] == ["zh-CN", "en"]
    assert known["region"]
