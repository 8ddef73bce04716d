from __future__ import annotations

import pytest

from server.actor import Anonymous, System
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from tests.factories import catalogue
from tests.factories.identity import WECHAT, AsCitizen, AsStaff, child_of, enterprise_of
from tests.factories.thread import opened
from tests.fixtures_web import Client

WORKER = System(name="test")


async def test_my_matters_are_listed_newest_first_with_what_to_do(as_citizen: AsCitizen, client: Client) -> None:
    someone = await as_citizen(name="王小明")
    phone = client.as_(someone.token)
    first, second = await opened(someone), await opened(someone)
    await thread.record(first.id, "booking.confirmed", WORKER, booking_id="b1")
    await thread.record(second.id, "booking.requested", WORKER, booking_id="b2")
    await opened(await as_citizen())
    page = (await phone.get("/api/v1/threads")).json
    assert [line["number"] for line in page["items"]] == [second.number, first.number]
    assert page["items"][1] == {
        "id": str(first.id),
        "number": first.number,
        "title": first.title,
        "state": "open",
        "standing": "open",
        "standing_text": "办理中",
        "status": "thread.step.booking.confirmed",
        "status_text": "预约成功",
        "updated_at": page["items"][1]["updated_at"],
        "person": "王*明",
        "next": {"text": "请按时到大厅办理", "page": "/features/booking/pages/detail?id=b1"},
    }
    assert page["items"][0]["next"] is None
    assert page["items"][0]["updated_at"].endswith("+08:00")


async def test_an_enterprise_s_matter_bears_its_name(as_citizen: AsCitizen, client: Client) -> None:
    owner, item = await as_citizen(), await catalogue.item()
    firm = await enterprise_of(owner, name="颍上县样例餐饮有限公司")
    await thread.open(
        owner.actor,
        person_id=owner.person_id,
        enterprise_id=firm,
        item_id=item.id,
        title=item.name,
        region_code=catalogue.COUNTY,
    )
    (line,) = (await client.as_(owner.token).get("/api/v1/threads")).json["items"]
    assert line["person"] == "颍上县样例餐饮有限公司"


async def test_the_list_goes_on_by_cursor_and_keeps_to_a_state(as_citizen: AsCitizen, client: Client) -> None:
    someone = await as_citizen()
    phone = client.as_(someone.token)
    mine = [await opened(someone) for _ in range(5)]
    await thread.close(mine[0].id, WORKER)
    seen: list[str] = []
    cursor = ""
    while True:
        page = (await phone.get(f"/api/v1/threads?limit=2{cursor}")).json
        seen += [line["id"] for line in page["items"]]
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert seen == [str(one.id) for one in reversed(mine)]
    closed = (await phone.get("/api/v1/threads?state=closed")).json
    assert [line["id"] for line in closed["items"]] == [str(mine[0].id)]
    assert (await phone.get("/api/v1/threads?cursor=nonsense")).status == 422


async def test_the_list_is_for_who_is_logged_in(client: Client) -> None:
    assert (await client.get("/api/v1/threads")).status == 401


async def test_somebody_else_s_thread_looks_like_none(as_citizen: AsCitizen) -> None:
    mine, other = await as_citizen(), await as_citizen()
    found = await opened(mine)
    assert await thread.view(mine.actor, found.id) == found
    for stranger in (other.actor, Anonymous(), (await as_citizen(verified=False)).actor):
        with pytest.raises(NotFound):
            await thread.view(stranger, found.id)


async def test_a_guardian_sees_the_child_s(as_citizen: AsCitizen) -> None:
    guardian, item = await as_citizen(), await catalogue.item()
    found = await thread.open(
        guardian.actor,
        person_id=await child_of(guardian),
        enterprise_id=None,
        item_id=item.id,
        title=item.name,
        region_code=catalogue.COUNTY,
    )
    assert (await thread.view(guardian.actor, found.id)).id == found.id


async def test_staff_see_what_lies_in_their_reach(as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    hall = await catalogue.county()
    item = await catalogue.item(department_key="police")
    found = await opened(await as_citizen(), item)
    elsewhere = await catalogue.department("schools")
    for staff in (
        await as_staff("clerk", hall=hall.id),
        await as_staff("reviewer", department=item.department_id),
        await as_staff("supervisor"),
    ):
        assert (await thread.view(staff.actor, found.id)).id == found.id
    with pytest.raises(NotFound):
        await thread.view((await as_staff("reviewer", department=elsewhere.id)).actor, found.id)


async def test_the_number_and_the_end_of_the_phone_show_the_way_so_far(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    found = await opened(someone)
    await thread.record(found.id, "cases.started", WORKER)
    await thread.record(found.id, "queue.called", WORKER, window=3)
    wide = "".join(chr(ord(digit) + 0xFEE0) for digit in someone.phone[-4:])
    assert (await thread.track(found.number, f" {wide} ")).number == found.number
    written = f" {found.number[:6]} {found.number[6:]}"
    shown = await thread.track(thread.parse_number(written), someone.phone[-4:])
    assert (shown.number, shown.title) == (found.number, found.title)
    assert [(step.name, dict(step.data)) for step in shown.steps] == [("queue.called", {})]


async def test_the_phone_that_was_left_and_the_one_of_today_both_open_it(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    found = await opened(someone)
    new = "19955550123"
    await identity.consent(someone.actor, identity.privacy(Anonymous()).version)
    await identity.take_phone(someone.actor, await identity.ask_phone(someone.actor, f"{new}#again", WECHAT))
    for tail in (someone.phone[-4:], new[-4:]):
        assert (await thread.track(found.number, tail)).number == found.number


async def test_a_thread_without_steps_can_be_tracked(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    assert (await thread.track((await opened(someone)).number, someone.phone[-4:])).steps == ()


async def test_wrong_unknown_and_somebody_else_s_look_the_same(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    found = await opened(someone)
    wrong_tail = "0000" if someone.phone[-4:] != "0000" else "1111"
    for number, tail in (
        (found.number, wrong_tail),
        (found.number, ""),
        (found.number, someone.phone),
        (found.number, "一二三四"),
        (thread.format_number("341226", clock.today(), 999_999), someone.phone[-4:]),
        ("12345", someone.phone[-4:]),
    ):
        with pytest.raises(NotFound, match=r"thread\.not_tracked"):
            await thread.track(thread.parse_number(number), tail)
