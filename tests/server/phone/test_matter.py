"""The whole thread once, through the doors that phone and desk use: one number, one timeline, every step on it."""

from __future__ import annotations

import io
from datetime import time, timedelta
from typing import Any
from uuid import UUID

from aiohttp import FormData
from PIL import Image

from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.certificates import service as certificates
from server.features.delivery import service as delivery
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.kit.ids import token as new_token
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import SIGNED, authorise, shelved
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client


def key() -> dict[str, str]:
    return {"idempotency-key": new_token()}


def picture() -> bytes:
    sink = io.BytesIO()
    Image.new("RGB", (640, 400), "#88aacc").save(sink, "JPEG")
    return sink.getvalue()


async def upload(phone: Client) -> dict[str, Any]:
    form = FormData()
    form.add_field("file", picture(), filename="身份证 正面.jpg", content_type="image/jpeg")
    answer = await phone.post("/api/v1/files", data=form)
    assert answer.status == 201, answer.text
    stored: dict[str, Any] = answer.json
    return stored


async def test_from_search_to_a_bad_rating(  # noqa: PLR0915 - one matter, one story, in its order
    client: Client, ports: Ports, clock: Clock, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    clock.set(clock.now().replace(hour=1, minute=0))  # 9 in the morning in Shanghai
    await certificates.define_standard_types()
    hall = await make.county()
    await catalogue.upsert_department(
        make.TESTER, "police", "颍上县公安局（样例）", region_code=make.COUNTY, uscc=make.USCC
    )
    item = await make.item(name="高龄津贴申领")
    guide = await make.guide(
        item, result={"name": "老年优待证", "kind": "certificate", "certificate_type": "senior_card"}
    )
    await catalogue.upsert_department(make.TESTER, "police", "颍上县公安局", region_code=make.COUNTY, uscc=make.USCC)
    await booking.add_rule(
        hall.id, "general", weekdays=tuple(range(7)), opens=time(8, 30), closes=time(17, 30), minutes=30, capacity=2
    )
    await booking.release_slots()
    clerk = await as_staff("clerk", hall=hall.id)
    reviewer = await as_staff("reviewer", department=guide.department.id)
    await authorise(guide.department.id, clerk, reviewer)
    citizen = await as_citizen(name="张桂兰")
    phone = client.as_(citizen.token)

    # search and guide
    found = (await phone.get("/api/v1/items", params={"q": "gljt"})).json["items"]
    assert [one["name"] for one in found] == ["高龄津贴申领"]
    shown = (await phone.get(f"/api/v1/items/{found[0]['id']}")).json
    assert shown["can"] == ["book", "apply"]

    # book, confirm
    month = (await phone.get("/api/v1/availability", params={"item_id": str(item.id), "hall_id": str(hall.id)})).json
    free = [slot for day in month["days"] for slot in day["slots"] if not slot["full"]]
    wish = {"item_id": str(item.id), "slot_id": free[0]["id"], "ticked": ["id_card"]}
    booked = await phone.post("/api/v1/bookings", json=wish, headers=key())
    assert booked.status == 201, booked.text
    assert booked.json["state"] == "requested"
    day = clock.today() if free[0]["starts_at"][:10] == clock.today().isoformat() else None
    rows = await booking.day(clerk.actor, hall.id, day or clock.today() + timedelta(days=1))
    while not rows:
        clock.advance(days=1)
        rows = await booking.day(clerk.actor, hall.id, clock.today())
    await booking.confirm(clerk.actor, [rows[0].id])

    # check in by the hall's QR, be called, be served
    clock.set(rows[0].starts_at - timedelta(minutes=10))
    citizen_now = client.as_(citizen.token)
    arrived = await citizen_now.post(
        "/api/v1/check-ins", json={"token": await queue.hall_token(hall.id)}, headers=key()
    )
    assert arrived.status == 201, arrived.text
    assert (arrived.json["number"], arrived.json["ahead"]) == ("A001", 0)
    window = (await catalogue.windows(hall.id))[0]
    called = await queue.call_next(clerk.actor, window.id)
    assert called is not None
    await queue.finish(clerk.actor, called)

    # a visit that is over is finished for the person, though the number stays for what may follow
    (over,) = (await phone.get("/api/v1/threads", params={"state": "closed"})).json["items"]
    assert (over["standing"], over["standing_text"]) == ("visited", "窗口已办结")
    assert (await phone.get("/api/v1/threads", params={"state": "open"})).json["items"] == []
    assert (await phone.get(f"/api/v1/threads/{over['id']}")).json["standing_text"] == "窗口已办结"

    # apply with one uploaded material
    started = await phone.post("/api/v1/cases", json={"item_id": str(item.id)}, headers=key())
    assert started.status == 201, started.text
    case = started.json
    assert case["thread_id"] == booked.json["thread_id"]
    assert case["form"] == {"name": "张桂兰"}
    assert case["prefilled"] == ["name"]
    file = await upload(phone)
    application = {
        "form": {"name": "张桂兰", "reason": "年满八十"},
        "materials": [{"key": "id_card", "file_id": file["id"]}],
        "version": case["version"],
        "delivery": {"method": "counter", "hall_id": str(hall.id)},
    }
    submitted = await phone.post(f"/api/v1/cases/{case['id']}/submit", json=application, headers=key())
    assert submitted.status == 200, submitted.text
    assert submitted.json["state"] == "submitted"

    # accept, decide by another officer, certificate
    listed = (await cases.worklist(clerk.actor, cases.Wanted(tab="accept"))).items
    await cases.accept(clerk.actor, listed[0].id)
    await cases.grant(reviewer.actor, ports.signer, listed[0].id, "符合条件")
    wallet = (await phone.get("/api/v1/certificates")).json
    assert [one["type"] for one in wallet] == ["老年优待证"]
    presented = (await phone.post(f"/api/v1/certificates/{wallet[0]['id']}/presentations")).json
    checked = (await client.post("/api/v1/certificates/checks", json={"token": presented["token"]})).json
    assert (checked["result"], checked["holder"]) == ("valid", "张*兰")

    # ready, collect against the code
    await shelved(clerk.actor, reviewer.actor, UUID(case["thread_id"]))
    matter = (await phone.get(f"/api/v1/threads/{case['thread_id']}")).json
    code = matter["delivery"]["pickup_code"]
    assert len(code) == 8
    await delivery.hand_over(clerk.actor, code, identity_checked=True, signature=SIGNED)

    # one star, and work with seven days on its clock
    matter = (await phone.get(f"/api/v1/threads/{case['thread_id']}")).json
    token = matter["rating"]["token"]
    rating = {"token": token, "level": "very_dissatisfied", "tags": ["110"], "words": "等了太久"}
    rated = await client.post("/api/v1/ratings", json=rating)
    assert rated.status == 200, rated.text
    manager = await as_staff("hall_manager")
    work = (await (await ratings.rectifications(manager.actor)).page()).items
    assert [(one.days_left, one.light, one.words) for one in work] == [(7, "green", "等了太久")]

    matter = (await phone.get(f"/api/v1/threads/{case['thread_id']}")).json
    assert [step["name"] for step in matter["steps"]] == [
        "booking.requested",
        "booking.confirmed",
        "booking.checked_in",
        "queue.called",
        "booking.served",
        "cases.submitted",
        "cases.accepted",
        "cases.granted",
        "certificates.issued",
        "delivery.preparing",
        "delivery.handed_to_window",
        "delivery.ready_to_collect",
        "delivery.collected",
        "thread.closed",
        "ratings.given",
        "ratings.rectification_opened",
    ]
    assert matter["number"] == booked.json["number"]
    notices = [one["kind"] for one in matter["notices"]]
    assert notices == ["acceptance", "decision_granted"]
    pdf = await phone.get(matter["notices"][0]["url"])
    assert pdf.body.startswith(b"%PDF-")
