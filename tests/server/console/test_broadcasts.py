"""A broadcast at the desk: chosen from fixed words, seen as people will, approved by another, followed to its end."""

from __future__ import annotations

import re
from datetime import date
from html import unescape
from urllib.parse import urlencode

from server.actor import Role
from server.features.booking.schemas import BookIn
from server.features.push import service as push
from server.kit import clock as clocks
from server.kit.spoken import spoken
from tests.factories.booking import book, bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to

LIST = "/console/messages/broadcasts"


async def test_from_the_choice_to_the_last_person(client: Client, as_citizen: AsCitizen, as_staff: AsStaff) -> None:
    place = await bookable()
    someone = await as_citizen()
    (slot, *_) = await place.slots()
    await book(someone.actor, BookIn(item_id=place.item_id, slot_id=slot.id))
    day = str(slot.starts_at.astimezone(clocks.SHANGHAI).date())
    author = at_desk(client, await as_staff(Role.HALL_MANAGER))
    approver = at_desk(client, await as_staff(Role.SUPERVISOR))
    assert "还没有群发过通知" in await author.sees(LIST)
    for kind in push.broadcast_kinds():
        for audience in ("booking.booked", "queue.waiting", "cases.applicants"):
            page = await author.sees(f"{LIST}/new", kind=kind, audience=audience)
            assert "console." not in page.replace("/console/", "").replace("onetrip_console", ""), (kind, audience)
    hall = str(place.hall.id)
    form = {"kind": "booking.hall_closed", "audience": "booking.booked", "hall": hall, "day": day}
    # The hall and the day are asked for once: of the words and of whom they are for.
    chosen = {"kind": form["kind"], "audience": form["audience"], "was": urlencode(form)}
    asked = await author.sees(f"{LIST}/new", **chosen)
    assert [asked.count(f'name="{name}"') for name in ("hall", "day", "to_hall", "to_day")] == [1, 1, 0, 0]
    assert f'<option value="{hall}" selected>' in asked
    assert f'value="{day}"' in asked
    shown = await author.does(f"{LIST}/preview", form, on=LIST)
    assert "将通知 1 人" in shown.text
    assert "The hall is closed" in shown.text
    whom = f"某天预约到某个大厅的人 · {place.hall.name} · {spoken('zh-CN', date.fromisoformat(day))}"
    assert whom in shown.text
    back = re.search(r'href="(/console/messages/broadcasts/new[^"]*)"', shown.text)
    assert back
    changed = await author.sees(unescape(back[1]))
    assert f'<option value="{hall}" selected>' in changed, "going back keeps what was chosen"
    assert f'value="{day}"' in changed
    one = goes_to(await author.does(LIST, form, on=LIST))
    await author.refused(f"{one}/approve", on=LIST)
    waits = await approver.sees(one)
    assert "等待另一人审核" in waits
    assert whom in waits, "whoever approves sees whom it is for"
    assert "停止" not in waits
    assert "停止" in await author.sees(one)
    assert goes_to(await approver.does(f"{one}/approve", on=LIST)) == one
    await approver.refused(f"{one}/approve", on=LIST)
    for path in (one, f"{one}/now"):
        seen = await author.sees(path)
        assert all(words in seen for words in ("正在发送", "停止", 'hx-trigger="every 3s"'))
    await push.feed_broadcasts()
    for path in (one, f"{one}/now"):
        seen = await author.sees(path)
        assert "已发完" in seen
        assert not any(words in seen for words in ("停止", 'hx-trigger="every 3s"'))
    assert "1 / 1" in await author.sees(one)
    assert '<td class="figure">1</td><td class="figure">1</td>' in await author.sees(LIST), "told, and to be told"
    await author.refused(f"{one}/stop", on=LIST)


async def test_only_for_those_who_answer_for_messages(client: Client, as_staff: AsStaff) -> None:
    clerk = client.in_console((await as_staff(Role.CLERK)).cookie)
    for path in (LIST, f"{LIST}/new"):
        assert (await clerk.get(path, headers=HTML)).status == 403
