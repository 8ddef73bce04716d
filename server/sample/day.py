"""Today and tomorrow in the sample halls: who is expected, who has answered whom, who waits at which window.

What waits in the county hall has been handed on to window 5, so that whoever tries the demo calls whom they sent.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Citizen, Staff
from server.db.promises import Claim
from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView
from server.features.queue import service as queue
from server.features.queue.service import Green
from server.kit import clock
from server.kit.ids import new_id, token
from server.ports import Ports
from server.sample import items
from server.sample.acting import asked, desks, phones, unless_done
from server.sample.places import ACTOR, COUNTY_HALL, town_key
from server.sample.sandbox import Sandbox

TOWN_HALL = town_key("341226100")
_AHEAD = 7  # days in which a town's hall surely opens once

Halls = Mapping[str, HallView]


class Answer(enum.Enum):
    """What became of a wish for a place."""

    REQUESTED = enum.auto()
    CONFIRMED = enum.auto()
    DECLINED = enum.auto()
    CANCELLED = enum.auto()
    CHECKED_IN = enum.auto()


@dataclass(frozen=True, slots=True)
class Visit:
    """One booking: whose, for what, and what became of it."""

    phone: str
    item: str
    answer: Answer
    hall: str = COUNTY_HALL


_TODAY = (
    Visit("visitor-zhou", "国有建设用地使用权及房屋所有权转移登记", Answer.REQUESTED),
    Visit("visitor-wu", "个体工商户设立登记", Answer.REQUESTED),
    Visit("visitor-han", "出生登记", Answer.CONFIRMED),
    Visit("visitor-peng", "高龄津贴申领", Answer.CANCELLED),
    Visit("visitor-cao", "个体工商户设立登记", Answer.DECLINED),
    Visit("visitor-zheng", "居民身份证换领", Answer.CHECKED_IN),
)
_TOMORROW = (
    Visit("visitor-zheng", "居住证申领", Answer.CONFIRMED),
    Visit("visitor-cao", "国有建设用地使用权及房屋所有权变更登记", Answer.REQUESTED),
    Visit("visitor-han", "高龄津贴申领", Answer.CONFIRMED, hall=TOWN_HALL),
)
# Late in the evening nobody can be expected today any more: then those who wait say that the day was filled.
_FILLED = """
    SELECT EXISTS (SELECT 1 FROM booking WHERE hall_id = $1 AND day = $2)
        OR EXISTS (SELECT 1 FROM ticket WHERE hall_id = $1 AND day = $2)
"""


async def fill(halls: Halls, sandbox: Sandbox, ports: Ports) -> int:
    """Have people book and come, once a day; gives how many bookings are new."""
    if await db.fetchval(_FILLED, halls[COUNTY_HALL].id, clock.today()):
        return 0
    staff, today = await desks(halls), clock.today()
    async with phones((one.phone for one in (*_TODAY, *_TOMORROW)), sandbox, ports) as people:
        for visits, day in ((_TODAY, today), (_TOMORROW, today + timedelta(days=1))):
            for place, visit in enumerate(visits):
                await unless_done(_visit(visit, people[visit.phone], staff, halls[visit.hall].id, day, place))
    await _county_line(staff["manager1"], halls[COUNTY_HALL].id)
    await _town_line(halls[TOWN_HALL].id)
    return len(_TODAY) + len(_TOMORROW)


async def _visit(
    visit: Visit, actor: Citizen, staff: Mapping[str, Staff], hall_id: UUID, day: date, place: int
) -> None:
    item_id = await items.id_of(visit.item)
    month = await booking.availability(asked(item_id=item_id, hall_id=hall_id, first=day, days=_AHEAD))
    slots = next((one.slots for one in month.days if any(not slot.full for slot in one.slots)), [])
    slots = [slot for slot in slots if not slot.full]
    wish = asked(
        item_id=item_id, slot_id=slots[place * 2 % len(slots)].id, for_person_id=None, enterprise_id=None, ticked=[],
        subscriptions=None, hold=False,
    )  # fmt: skip
    claim = Claim(owner=f"citizen:{actor.account_id}", key=token(), fingerprint=b"seed-demo")
    made = UUID(msgspec.json.decode((await booking.book(actor, wish, claim)).body)["id"])
    clerk = staff["clerk1"]
    if visit.hall != COUNTY_HALL or visit.answer is Answer.REQUESTED:
        return  # a town's hall says yes by itself
    if visit.answer is Answer.CANCELLED:
        await booking.cancel(actor, made)
    elif visit.answer is Answer.DECLINED:
        await booking.decline(clerk, made, "当日该窗口设备检修，请改约其他时间。")
    else:
        await booking.confirm(clerk, [made])
    if visit.answer is Answer.CHECKED_IN:
        await queue.check_in_at_desk(clerk, made)


async def _county_line(manager: Staff, hall_id: UUID) -> None:
    windows = {one.number: one.id for one in await catalogue.windows(hall_id)}
    called = await queue.call_next(manager, windows[6])
    if called is not None:
        await queue.start(manager, called)
    for green in (None, Green.VETERAN):
        await queue.walk_in_at_kiosk(ACTOR, hall_id, "property", None, green, device_id=new_id())
        called = await queue.call_next(manager, windows[4])
        if called is not None:
            await queue.transfer(manager, called, window_id=windows[5], note="材料已看过，请核对面积。")
    await queue.walk_in_at_kiosk(ACTOR, hall_id, "market", device_id=new_id())
    called = await queue.call_next(manager, windows[1])
    if called is not None:
        await queue.start(manager, called)
        await queue.hold(manager, called)


async def _town_line(hall_id: UUID) -> None:
    for skill in ("police", "civil", "social"):
        # On a day off, and after hours, the hall gives no numbers.
        await unless_done(queue.walk_in_at_kiosk(ACTOR, hall_id, skill, device_id=new_id()))
