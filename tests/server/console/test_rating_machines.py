"""The tablet at a window and the kiosk in the hall: the visit just finished, once, with no login and nothing left."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import Anonymous, Staff
from server.config import Settings
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, at_desk, csrf
from tests.server.queue.test_walking_in import opened


class Machine:
    """A browser that the desk has let in; it keeps its cookies as a browser does."""

    def __init__(self, client: Client, cookies: dict[str, str]) -> None:
        self.client, self.cookies = client, cookies

    async def sees(self, path: str, **query: Any) -> Answer:
        answer = await self._as().get(path, params=query, headers=HTML)
        self._keep(answer)
        return answer

    async def does(self, path: str, page: Answer, form: dict[str, Any]) -> Answer:
        return await self._as().post(path, data={"csrf": csrf(page.text), **form}, headers=HTML)

    def _as(self) -> Client:
        return self.client.with_(cookie="; ".join(f"{name}={value}" for name, value in self.cookies.items()))

    def _keep(self, answer: Answer) -> None:
        if hit := re.match(r"(\w+)=([^;]+)", answer.headers.get("set-cookie", "")):
            self.cookies[hit[1]] = hit[2]


async def let_in(client: Client, clerk: Staff, hall_id: UUID, kind: DeviceKind) -> Machine:
    _, code = await queue.add_device(clerk, hall_id, kind, "一号窗口")
    paired = await queue.pair(code)
    return Machine(client, {"onetrip_device": paired.session})


async def scene(clock: Clock, as_staff: AsStaff) -> tuple[Staff, UUID, UUID]:
    """A hall in the middle of a day; gives its clerk, the hall and a window."""
    place, _ = await opened(clock)
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    return clerk, place.hall.id, (await catalogue.windows(place.hall.id))[0].id


async def serve(clerk: Staff, hall_id: UUID, window_id: UUID) -> str:
    """Serve somebody who took a number at the kiosk, without a phone; gives the code of their slip."""
    kiosk, _ = await queue.add_device(clerk, hall_id, DeviceKind.KIOSK, "东门")
    ticket = await queue.walk_in_at_kiosk(Anonymous(), hall_id, "general", None, None, device_id=kiosk)
    called = await queue.call_next(clerk, window_id)
    assert called is not None
    await queue.finish(clerk, called)
    assert ticket.code is not None
    return ticket.code


async def test_a_tablet_asks_whoever_was_served_and_forgets(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    tablet = await let_in(client, clerk, hall_id, DeviceKind.TABLET)
    home = f"/rate/{window_id}"
    assert home in (await tablet.sees("/rate", hall=str(hall_id))).text
    assert "<form" not in (await tablet.sees(home)).text, "nobody has been served"
    await serve(clerk, hall_id, window_id)
    asked = await tablet.sees(home)
    assert (asked.text.count('name="level"'), " checked" in asked.text, "<textarea" in asked.text) == (5, False, False)
    token = re.search(r'name="token" value="([^"]+)"', asked.text)
    assert token
    assert "hx-redirect" not in (await tablet.sees(f"{home}/now", token=token[1])).headers
    form = {"token": token[1], "level": "very_dissatisfied", "tags": ["110", "501"]}
    assert "谢谢您的评价" in (await tablet.does(home, asked, form)).text
    row = await db.fetchrow(
        "SELECT channel, level, tags::text, account_id, thread_id, window_id, served_by FROM rating"
    )
    assert tuple(row or ())[:5] == ("tablet", "very_dissatisfied", '["110"]', None, None)
    assert tuple(row or ())[5:] == (window_id, clerk.staff_id)
    assert await db.fetchval("SELECT count(*) FROM rectification WHERE hall_id = $1", hall_id) == 1
    after = await tablet.sees(home)
    assert ("<form" in after.text, token[1] in after.text) == (False, False), "as if nobody had been there"


async def test_it_is_bound_to_the_visit_just_finished(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    tablet = await let_in(client, clerk, hall_id, DeviceKind.TABLET)
    home = f"/rate/{window_id}"
    await serve(clerk, hall_id, window_id)
    asked = await tablet.sees(home)
    first = re.search(r'name="token" value="([^"]+)"', asked.text)
    assert first
    await serve(clerk, hall_id, window_id)
    late = await tablet.does(home, asked, {"token": first[1], "level": "very_satisfied"})
    assert "失效" in late.text or "过期" in late.text
    moved = await tablet.client.with_(cookie=f"onetrip_device={tablet.cookies['onetrip_device']}").get(
        f"{home}/now", params={"token": first[1]}, headers={"hx-request": "true"}
    )
    assert moved.headers["hx-redirect"] == home, "the tablet begins anew"
    clock.advance(minutes=4)
    assert "<form" not in (await tablet.sees(home)).text
    assert await db.fetchval("SELECT count(*) FROM rating WHERE level IS NOT NULL") == 0


async def test_only_what_the_desk_let_in_rates_here(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    await serve(clerk, hall_id, window_id)
    kiosk = await let_in(client, clerk, hall_id, DeviceKind.KIOSK)
    elsewhere = await make.hall("second", name="另一个大厅")
    other = await as_staff("clerk", hall=elsewhere.id)
    foreign = await let_in(client, other.actor, elsewhere.id, DeviceKind.TABLET)
    for machine in (Machine(client, {}), kiosk, foreign):
        answer = await machine.sees(f"/rate/{window_id}")
        assert (answer.status, answer.headers["location"]) == (303, "/kiosk")


async def test_a_slip_under_the_kiosks_scanner(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    slip = await serve(clerk, hall_id, window_id)
    kiosk = await let_in(client, clerk, hall_id, DeviceKind.KIOSK)
    scanned = await kiosk.does(
        f"/kiosk/{hall_id}/scan", await kiosk.sees(f"/kiosk/{hall_id}"), {"token": f"x/q/{slip}"}
    )
    assert scanned.headers["location"] == f"/kiosk/{hall_id}/rate?slip={slip}"
    asked = await kiosk.sees(f"/kiosk/{hall_id}/rate", slip=slip)
    token = re.search(r'name="token" value="([^"]+)"', asked.text)
    assert token
    form = {"token": token[1], "slip": slip, "level": "satisfied"}
    assert (await kiosk.does(f"/kiosk/{hall_id}/rate", asked, form)).status == 200
    assert await db.fetchval("SELECT channel FROM rating") == "kiosk"
    assert "<form" not in (await kiosk.sees(f"/kiosk/{hall_id}/rate", slip=slip)).text


async def test_the_second_screen_says_its_code_for_phones_without_a_camera(
    client: Client, as_staff: AsStaff, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    await serve(clerk, hall_id, window_id)
    desk = at_desk(client, await as_staff("clerk", hall=hall_id))
    shown = await desk.sees("/console/queue/second", window=str(window_id))
    token: str = await db.fetchval("SELECT token FROM rating")
    assert f"/console/qr/{token}.svg" in shown
    assert f"/q/{token}</small>" in shown
    told = '/console/static/shown.js" data-phones="'
    assert told in shown
    assert f'/q/{token}" data-label=' in shown
    monkeypatch.setattr(Settings, "phones_port", None)
    in_production = await desk.sees("/console/queue/second", window=str(window_id))
    assert told not in in_production
    assert f"/q/{token}</small>" not in in_production
