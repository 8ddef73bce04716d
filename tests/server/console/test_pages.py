"""The desk's pages: each role sees its own, refusals come as pieces, and nothing anybody wrote runs as script."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from server import db
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.cases import ON_THE_SPOT, SIGNED, granted, office, ready, submitted
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, csrf, goes_to

PAGES = (
    "bookings",
    "queue",
    "help",
    "cases",
    "handovers",
    "results",
    "parcels",
    "reports",
    "rectifications",
    "messages",
    "staff",
    "halls",
    "holidays",
    "audit",
)
FRONT = {"bookings", "queue", "help", "cases", "handovers", "results", "parcels", "rectifications"}
SCRIPT = "<script>alert(1)</script>"


async def booked(client: Client, as_citizen: AsCitizen, place: Bookable, name: str = "王小明") -> dict[str, Any]:
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen(name=name, born=grown_up())).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    made = await phone.post("/api/v1/bookings", json=wish, headers=key())
    assert made.status == 201, made.text
    seen: dict[str, Any] = made.json
    return seen


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_each_role_sees_its_own_pages(client: Client, as_staff: AsStaff, language: str) -> None:
    await make.county()
    sees = {
        "clerk": FRONT,
        "hall_manager": FRONT | {"messages"},
        "reviewer": {"cases", "handovers", "parcels", "reports", "rectifications"},
        "supervisor": {"reports", "rectifications", "messages"},
        "auditor": {"audit"},
        "administrator": {"messages", "staff", "halls", "holidays"},
    }
    for role, allowed in sees.items():
        browser = client.with_(accept_language=language).in_console((await as_staff(role)).cookie)
        for page in PAGES:
            answer = await browser.get(f"/console/{page}", headers=HTML)
            assert answer.status == (200 if page in allowed else 403), (role, page)
            assert answer.headers["content-type"].startswith("text/html")
            if answer.status == 200:
                assert f'lang="{language}"' in answer.text
                assert "console." not in answer.text.replace("onetrip_console", ""), "a text is missing"


async def test_the_day_of_a_hall(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    place = await bookable(capacity=9)
    made = [await booked(client, as_citizen, place) for _ in range(3)]
    clerk = await as_staff("clerk", hall=place.hall.id)
    desk = at_desk(client, clerk)
    day = made[0]["starts_at"][:10]
    where = {"hall": str(place.hall.id), "day": day}
    page = await desk.sees("/console/bookings", **where)
    assert page.count('name="ids"') == 6  # a box and a button each
    assert "王*明" in page
    assert "王小明" not in page
    said = goes_to(await desk.does("/console/bookings/confirm", where | {"ids": [made[0]["id"], made[1]["id"]]}))
    assert "confirmed=2" in said
    assert "已确认 2 个预约" in await desk.sees(said)
    declined = await desk.does(f"/console/bookings/{made[2]['id']}/decline", where | {"reason": SCRIPT})
    assert goes_to(declined).startswith("/console/bookings?")
    assert (await desk.refused(f"/console/bookings/{made[2]['id']}/decline", where | {"reason": "晚了"})).status == 409
    assert (await desk.refused(f"/console/bookings/{made[2]['id']}/decline", where)).status == 422
    assert (await desk.refused("/console/bookings/confirm", where | {"ids": ["x"]})).status == 422
    clock.set(booking_time(made[0]) + timedelta(minutes=1))
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    code = await db.fetchval("SELECT code FROM booking WHERE id::text = $1", made[0]["id"])
    said = goes_to(await desk.does("/console/bookings/scan", where | {"token": f" https://example.test/q/{code} "}))
    assert "ticket=A001" in said
    assert "A001" in await desk.sees(said)
    said = goes_to(await desk.does(f"/console/bookings/{made[1]['id']}/check-in", where))
    assert "ticket=A002" in said
    assert (await desk.refused("/console/bookings/scan", where | {"token": "nonsense"})).status == 404
    assert (await desk.refused(f"/console/bookings/{made[1]['id']}/no-show", where)).status == 409


def booking_time(made: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(made["starts_at"])


async def test_the_call_panel(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> None:
    place = await bookable(capacity=9, confirmation="auto")
    made = [await booked(client, as_citizen, place) for _ in range(2)]
    clock.set(booking_time(made[0]))
    clerk = await as_staff("clerk", hall=place.hall.id)
    for one in made:
        await queue.check_in_at_desk(clerk.actor, one["code"])
    desk = at_desk(client, clerk)
    window = (await catalogue.windows(place.hall.id))[0]
    where = {"hall": str(place.hall.id), "window": str(window.id)}
    assert "等候本窗口 2 人" in await desk.sees("/console/queue", **where)
    called = goes_to(await desk.does("/console/queue/next", where))
    assert "A001" in await desk.sees(called)
    assert (await desk.refused("/console/queue/next", where)).status == 409
    ticket = (await queue.waiting(clerk.actor, place.hall.id))[0]
    form = where | {"thread": str(ticket.thread_id)}
    await desk.does(f"/console/queue/{ticket.id}/start", form)
    done = goes_to(await desk.does(f"/console/queue/{ticket.id}/finish", form))
    page = await desk.sees(done)
    assert "/console/qr/" in page
    drawn = await desk.browser.get("/console/qr/" + page.split("/console/qr/")[1].split('"')[0])
    assert (drawn.status, drawn.headers["content-type"], b"<svg" in drawn.body) == (200, "image/svg+xml", True)
    piece = await desk.sees("/console/queue/tickets", **where)
    assert "<html" not in piece
    assert "A002" in piece
    other = (await queue.waiting(clerk.actor, place.hall.id))[0]
    await desk.does("/console/queue/next", where)
    form = where | {"thread": str(other.thread_id)}
    goes_to(await desk.does(f"/console/queue/{other.id}/skip", form))
    goes_to(await desk.does(f"/console/queue/{other.id}/bring-back", form))
    empty = await make.window(place.hall, 7, "police")
    nobody = goes_to(await desk.does("/console/queue/next", {"hall": str(place.hall.id), "window": str(empty.id)}))
    page = await desk.sees(nobody)
    for words in ("现在没有人等候本窗口", "等候本窗口 0 人", "本窗口办理：户籍证件", "另有 1 人在等其他窗口（综合）"):
        assert words in page


async def test_a_case_from_front_to_back(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    front, back = at_desk(client, at.clerk), at_desk(client, at.reviewer)
    path = f"/console/cases/{who.id}"
    assert who.case["number"] in await front.sees("/console/cases", list="accept")
    page = await front.sees(path)
    assert who.someone.name in page
    assert who.someone.number in page
    ask = {"keys": ["id_card", "reason"], "reasons": ["请重拍"]}
    assert (await front.refused(f"{path}/ask-correction", ask)).status == 422
    ask = {"keys": ["id_card", "reason"], "reasons": ["请重拍", "请写明"]}
    assert goes_to(await front.does(f"{path}/ask-correction", ask)) == path
    assert "曾要求补正" in await front.sees(path)
    who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
    better = [{"key": "id_card", "file_id": str((await who.picture("#000000")).id)}]
    assert (await who.post("submit", await who.application(materials=better))).status == 200
    assert "ask-correction" not in await front.sees(path)
    goes_to(await front.does(f"{path}/accept"))
    assert (await front.browser.post(f"{path}/grant", data={"csrf": csrf(await front.sees(path))})).status == 403
    page = await back.sees(path)
    assert f"{path}/grant" in page
    assert f"{path}/accept" not in page
    goes_to(await back.does(f"{path}/grant", {"opinion": "符合条件"}))
    page = await back.sees(path)
    assert "符合条件" in page
    assert "准予决定书" in page
    assert f"{path}/grant" not in page
    assert who.case["number"] in await back.sees("/console/cases", list="done")


async def test_results_are_found_before_they_are_handed_over(client: Client, ports: Ports) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    waiting = await granted(client, ports, replace(at, guide=await make.guide(**ON_THE_SPOT)))
    desk = at_desk(client, at.clerk)
    page = await desk.sees("/console/results")
    assert "A-03" in page
    assert code not in page
    row = await db.fetchval("SELECT id FROM delivery WHERE thread_id = $1", waiting.thread_id)
    assert goes_to(await desk.does(f"/console/results/{row}/ready", {"shelf": "B-02"})) == "/console/results"
    assert (await desk.refused(f"/console/results/{row}/ready", {"shelf": "B-02"})).status == 409
    assert (await desk.refused("/console/results/find", {"code": "123"})).status == 404
    found = await desk.does("/console/results/find", {"code": f"{code[:4]} {code[4:]}"})
    assert found.status == 200
    assert who.someone.name in found.text
    assert who.someone.number in found.text
    pad = goes_to(await desk.does("/console/results/check", {"code": code}))
    assert code not in pad
    assert "data-pad" in await desk.sees(pad)
    assert (await desk.refused(pad, {"drawn": "1,1"})).status == 422
    done = goes_to(await desk.does(pad, {"drawn": SIGNED}))
    assert "/console/qr/" in await desk.sees(done)
    assert (await desk.refused("/console/results/find", {"code": code})).status == 409


async def test_nothing_a_person_wrote_runs_as_script(
    client: Client, ports: Ports, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    at = await office()
    who = await submitted(client, ports, at, await as_citizen(name="李&四"))
    await cases.decline(at.reviewer.actor, who.id, SCRIPT)
    again = await submitted(client, ports, at)
    application = await again.application(form={"name": SCRIPT, "reason": f'" onload="x {SCRIPT}'})
    await cases.ask_correction(at.clerk.actor, again.id, [cases.CorrectionLine(key="name", reason=SCRIPT)])
    again.case = (await again.phone.get(f"/api/v1/cases/{again.id}")).json
    assert (await again.post("submit", application | {"version": again.case["version"]})).status == 200
    token = (await who.screen())["rating"]["token"]
    rated = {"token": token, "level": "very_dissatisfied", "tags": [], "words": SCRIPT}
    assert (await client.post("/api/v1/ratings", json=rated)).status == 200
    desk = at_desk(client, at.clerk)
    watcher = at_desk(client, await as_staff("supervisor"))
    for shown in (
        await desk.sees(f"/console/cases/{who.id}"),
        await desk.sees(f"/console/cases/{again.id}"),
        await watcher.sees("/console/rectifications"),
    ):
        assert SCRIPT not in shown
        assert 'onload="x' not in shown
        assert "&lt;script&gt;" in shown
    assert "李&amp;四" in await desk.sees(f"/console/cases/{who.id}")


async def test_deeds_without_the_pages_token_do_nothing(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())
    browser = client.in_console(who.office.clerk.cookie)
    for form in ({}, {"csrf": "0" * 64}):
        answer = await browser.post(f"/console/cases/{who.id}/accept", data=form, headers=HTML)
        assert answer.status == 403
    assert (await who.screen())["case"]["state"] == "submitted"
    anonymous = await client.post(f"/console/cases/{who.id}/accept", headers=HTML)
    assert goes_to(anonymous).startswith("/console/login")


async def test_another_halls_staff_find_nothing(
    client: Client, ports: Ports, as_citizen: AsCitizen, as_staff: AsStaff
) -> None:
    place = await bookable(capacity=9)
    made = await booked(client, as_citizen, place)
    at = await office()
    who, code = await ready(client, ports, at)
    pending = await submitted(client, ports, at)
    town = await make.hall("town", region_code="341226100")
    desk = at_desk(client, await as_staff("clerk", hall=town.id))
    where = {"hall": str(place.hall.id), "day": made["starts_at"][:10]}
    for path, query in (
        ("/console/bookings", where),
        ("/console/queue", {"hall": where["hall"]}),
        (f"/console/cases/{who.id}", {}),
        (f"/console/cases/{who.id}/files/{who.case['materials'][0]['files'][0]['id']}", {}),
        ("/console/results", {"done": str(who.thread_id)}),
        (f"/console/cases/{uuid4()}", {}),
    ):
        answer = await desk.browser.get(path, params=query, headers=HTML)
        assert answer.status == 404, path
        assert who.someone.name not in answer.text
    for path, form in (
        ("/console/bookings/confirm", where | {"ids": [made["id"]]}),
        (f"/console/cases/{pending.id}/accept", {}),
        ("/console/results/find", {"code": code}),
    ):
        assert (await desk.refused(path, form)).status == 404, path
    assert who.case["number"] not in await desk.sees("/console/cases", list="done")


async def test_a_clerk_without_a_hall_is_told_so(client: Client, as_staff: AsStaff) -> None:
    office_only = await make.department("housing")
    browser = client.in_console((await as_staff("clerk", department=office_only.id)).cookie)
    for page in ("bookings", "queue"):
        answer = await browser.get(f"/console/{page}", headers=HTML)
        assert answer.status == 403
        assert "还没有分配大厅" in answer.text


async def test_the_desks_dress_is_there(client: Client) -> None:
    for name, kind in (("desk.css", "text/css"), ("desk.js", "text/javascript"), ("htmx.js", "text/javascript")):
        answer = await client.get(f"/console/static/{name}")
        assert answer.status == 200, name
        assert answer.headers["content-type"].startswith(kind)
        assert "max-age" in answer.headers["cache-control"]
    for name in ("nothing.js", "..%2Fpapers.py"):
        assert (await client.get(f"/console/static/{name}")).status == 404
