"""What stands in the hall: kiosk, reception and the screen at the window, each for whoever may use it."""

from __future__ import annotations

import re
from datetime import date
from http.cookies import SimpleCookie
from typing import Any
from uuid import UUID

from server import db
from server.features.queue import service as queue
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable
from tests.factories.identity import AsStaff, citizen
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, Desk, at_desk, csrf, goes_to


async def opened(**guide: Any) -> Bookable:
    place = await bookable(**guide)
    await queue.set_policy(place.hall.id, every_day=True, walk_in_from=0, walk_in_until=1440)
    return place


async def kiosk(client: Client, path: str, form: dict[str, Any], on: str) -> Any:  # noqa: ANN401 - an answer
    """Send a form of the kiosk as its browser would."""
    page = await client.get(on, headers=HTML)
    visit = page.headers["set-cookie"].split(";")[0]
    held = "; ".join(one for one in (client.headers.get("cookie"), visit) if one)
    return await client.with_(cookie=held).post(path, data={"csrf": csrf(page.text), **form}, headers=HTML)


async def let_in(client: Client, desk: Desk, hall: UUID, kind: str) -> tuple[Client, str]:
    """Set a machine up as staff do: a code at the desk, typed in at the machine. Gives its browser and where it is."""
    form = {"hall": str(hall), "kind": kind, "name": "一楼东门"}
    shown = (await desk.does("/console/queue/devices", form)).text
    hit = re.search(r'href="(/kiosk\?code=(\d{8}))"', shown)
    assert hit, shown
    paired = await kiosk(client, "/kiosk", {"code": hit[2]}, hit[1])
    kept = SimpleCookie(paired.headers["set-cookie"])["onetrip_device"]
    assert (kept["httponly"], kept["samesite"], kept["path"]) == (True, "Strict", f"/{kind}")
    return client.with_(cookie=f"onetrip_device={kept.value}"), goes_to(paired)


async def test_a_kiosk_gives_a_number_and_a_slip(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    machine, home = await let_in(client, desk, place.hall.id, "kiosk")
    assert home == f"/kiosk/{place.hall.id}"
    assert goes_to(await client.get(home, headers=HTML)) == "/kiosk"
    assert "综合" in (await machine.get(home, headers=HTML)).text
    form = {"skill": "general", "item": str(place.item_id), "green": "pregnant"}
    given = await kiosk(machine, f"{home}/number", form, f"{home}/kind?skill=general")
    where = goes_to(given)
    slip = (await machine.get(where, headers=HTML)).text
    assert "B001" in slip
    assert "<svg" in slip
    assert "居民身份证" in slip
    assert "下一位就是您" in slip
    assert await db.fetchval("SELECT green FROM ticket") == "pregnant"
    refused = await kiosk(machine, f"{home}/scan", {"token": "nonsense"}, home)
    assert 'role="alert"' in refused.text
    code = where.partition("code=")[2]
    again = await kiosk(machine, f"{home}/scan", {"token": f"https://x/q/{code}"}, home)
    assert code in goes_to(again)
    assert (await machine.post(f"{home}/number", data=form, headers=HTML)).status == 403
    assert goes_to(await kiosk(client, f"{home}/number", form, "/kiosk")) == "/kiosk"
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1


async def test_a_machine_works_until_the_desk_shuts_it_out(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    machine, home = await let_in(client, desk, place.hall.id, "kiosk")
    page = await desk.sees("/console/queue/devices")
    assert "使用中" in page
    hit = re.search(r"/console/queue/devices/([0-9a-f-]{36})/revoke", page)
    assert hit
    where = {"hall": str(place.hall.id)}
    again = (await desk.does(f"/console/queue/devices/{hit[1]}/pair", where)).text
    assert re.search(r"/kiosk\?code=\d{8}", again)
    assert goes_to(await machine.get(home, headers=HTML)) == "/kiosk"
    goes_to(await desk.does(hit[0], where))
    assert "已停用" in await desk.sees("/console/queue/devices")
    wrong = await kiosk(client, "/kiosk", {"code": "12345678"}, "/kiosk")
    assert "启用码不对" in wrong.text
    refused = await desk.refused("/console/queue/devices", where | {"kind": "screen", "name": " "})
    assert "起个名字" in refused.text
    poster = await desk.sees("/console/queue/devices/poster", **where)
    assert "<svg" in poster


async def test_only_the_halls_own_screen_shows_the_code_that_changes(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    screen, home = await let_in(client, desk, place.hall.id, "screen")
    assert home == f"/screen/{place.hall.id}"
    assert 'id="door"' in (await screen.get(home, headers=HTML)).text
    shown = await screen.get(f"{home}/door.svg")
    assert (shown.status, shown.headers["cache-control"]) == (200, "no-store")
    assert b"<svg" in shown.body
    assert 'id="door"' not in (await client.get(home, headers=HTML)).text
    assert goes_to(await client.get(f"{home}/door.svg")) == "/kiosk"


async def test_the_reception_gives_scans_and_prints(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    where = {"hall": str(place.hall.id)}
    given = goes_to(await desk.does("/console/reception/number", where | {"skill": "general", "green": "elder"}))
    page = await desk.sees(given)
    assert "B001" in page
    assert "老年人" in page
    row = await db.fetchrow("SELECT id, code FROM ticket")
    assert row is not None
    scanned = goes_to(await desk.does("/console/reception/scan", where | {"token": f"https://x/q/{row['code']}"}))
    assert "B001" in await desk.sees(scanned)
    slip = await desk.sees(f"/console/reception/slip/{row['id']}")
    assert "<svg" in slip
    assert "B001" in slip
    assert (await desk.refused("/console/reception/scan", where | {"token": "nonsense"})).status == 404
    stranger = at_desk(client, await as_staff("clerk", hall=(await make.hall("town", region_code="341226100")).id))
    other = await stranger.browser.get(f"/console/reception/slip/{row['id']}", headers=HTML)
    assert other.status == 404


async def test_a_scan_counts_for_the_hall_whose_desk_it_is(client: Client, as_staff: AsStaff) -> None:
    """Who answers for several halls checks nobody in where they do not stand."""
    place = await opened()
    town = await make.hall("town", name="古城镇便民中心", region_code="341226100")
    desk = at_desk(client, await as_staff("clerk"))
    await desk.does("/console/reception/number", {"hall": str(place.hall.id), "skill": "general"})
    code = await db.fetchval("SELECT code FROM ticket")
    refused = await desk.refused("/console/reception/scan", {"hall": str(town.id), "token": code})
    assert (refused.status, place.hall.name in refused.text) == (409, True)
    scanned = goes_to(await desk.does("/console/reception/scan", {"hall": str(place.hall.id), "token": code}))
    assert "B001" in await desk.sees(scanned)


async def test_the_reception_sees_whom_an_item_is_not_for(client: Client, as_staff: AsStaff) -> None:
    place = await opened(ages={"at_least": 60})
    desk = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    wish = {"hall": str(place.hall.id), "skill": "general", "item": str(place.item_id)}
    given = goes_to(await desk.does("/console/reception/number", wish))
    assert "年龄不符" not in await desk.sees(given), "of a stranger nothing is known"
    for born, told in ((date(1990, 1, 6), True), (date(1948, 1, 6), False)):
        someone = await citizen(born=born)
        await db.execute("UPDATE ticket SET person_id = $1", someone.person_id)
        assert ("年龄不符：本事项由年满 60 周岁的人申请" in await desk.sees(given)) is told


async def test_the_panel_has_every_deed_and_the_second_screen_follows(client: Client, as_staff: AsStaff) -> None:
    place = await opened()
    who = await as_staff("clerk", hall=place.hall.id)
    desk = at_desk(client, who)
    window, other = [await make.window(place.hall, number) for number in (1, 2)]
    where = {"hall": str(place.hall.id), "window": str(window.id)}
    await desk.does("/console/reception/number", {"hall": where["hall"], "skill": "general"})
    ticket = (await queue.waiting(who.actor, place.hall.id))[0].id
    facing = f"/console/queue/second/now?window={window.id}"
    await desk.does("/console/queue/next", where)
    page = await desk.sees("/console/queue", **where)
    for key in "srfk":
        assert f'data-key="{key}"' in page
    assert "B001" in await desk.sees(facing)
    for deed in ("skip", "bring-back", "next", "recall", "start", "hold", "resume"):
        there = f"/console/queue/{deed}" if deed == "next" else f"/console/queue/{ticket}/{deed}"
        assert goes_to(await desk.does(there, where))
        # Whoever was passed over or put aside comes back by one key, too.
        if back := {"skip": "b", "hold": "c"}.get(deed):
            assert f'data-key="{back}"' in await desk.sees("/console/queue", **where)
    handed = where | {"to": f"window:{other.id}", "note": "只差盖章"}
    assert goes_to(await desk.does(f"/console/queue/{ticket}/transfer", handed))
    assert "只差盖章" in await desk.sees("/console/queue", hall=where["hall"], window=str(other.id))
    assert goes_to(await desk.does(f"/console/queue/{ticket}/green", where | {"green": "veteran"}))
    assert goes_to(await desk.does("/console/queue/pause", where))
    assert "暂停服务" in await desk.sees(facing)
    assert (await desk.refused("/console/queue/next", where)).status == 409
    assert goes_to(await desk.does("/console/queue/reopen", where))
    colleague = at_desk(client, await as_staff("clerk", hall=place.hall.id))
    assert 'data-key="t"' in await colleague.sees("/console/queue", **where)
    assert goes_to(await colleague.does("/console/queue/take-over", where))
    assert goes_to(await desk.does("/console/queue/devices/taking", {"hall": where["hall"], "taking": "0"}))
    refused = await desk.refused("/console/reception/number", {"hall": where["hall"], "skill": "general"})
    assert refused.status == 409
    assert goes_to(await desk.does(f"/console/queue/{ticket}/leave", where))
    assert (await desk.refused(f"/console/queue/{ticket}/transfer", handed | {"to": "window:x"})).status == 404
