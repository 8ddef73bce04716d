"""The product's side of the comparison: one hall, a few people, and every deed through its door."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import AppError
from server.features.booking import service as booking
from server.features.queue import service as queue
from server.kit import clock
from tests.factories import catalogue as make
from tests.factories import identity as people
from tests.factories.booking import key
from tests.fixtures_web import Answer, Client
from tests.server.booking.plain.rows import DAY, EIGHT, Rules

# A Monday on which, and on the days after, the country works.
MONDAY = datetime(2026, 12, 7, tzinfo=clock.SHANGHAI)
PEOPLE, ITEMS = 4, 2
BOOKINGS = "/api/v1/bookings"
_USED = (
    "appeal", "waitlist", "ticket", "ticket_counter", "window_duty", "booking", "booker", "hall_change", "slot",
    "slot_rule", "week_plan", "code", "step", "idempotency_key", "thread",
)  # fmt: skip
_BOOKINGS = "SELECT id::text, slot_id, person_id, item_id, state, offer FROM booking ORDER BY created_at, id"
_WAITS = "SELECT id::text, person_id, item_id, day, state, booking_id::text FROM waitlist ORDER BY created_at, id"
_SLOTS = "SELECT id, taken, capacity, closed FROM slot WHERE id = ANY($1::uuid[])"


@dataclass(slots=True, kw_only=True)
class Town:
    """Who and what there is. `slots` are the ids of the model's times, in order; `shut` the closures in force."""

    rules: Rules
    client: Client
    hall: UUID
    items: list[UUID]
    tokens: list[str]
    persons: list[UUID]
    clerk: Staff
    manager: Staff
    window: UUID
    slots: list[UUID] = field(default_factory=list)
    starts: list[int] = field(default_factory=list)
    shut: dict[int, UUID] = field(default_factory=dict)

    async def begin(self, starts: list[int], capacities: list[int]) -> None:
        """Start afresh, at eight o'clock of the first day."""
        async with db.tx() as connection:
            await connection.execute("SET LOCAL session_replication_role = replica")
            for table in _USED:
                await connection.execute(f"DELETE FROM {table}")
        clock.advance(MONDAY + timedelta(minutes=EIGHT) - clock.now())
        self.starts, self.shut = starts, {}
        for number, capacity in enumerate(capacities):
            await self._rule(number, capacity)
        await booking.release_slots()
        rows = await db.fetch("SELECT id, starts_at FROM slot")
        ids = {row["starts_at"]: row["id"] for row in rows}
        self.slots = [ids[MONDAY + timedelta(minutes=EIGHT + one)] for one in starts]

    async def look(self) -> tuple[list[Any], list[Any], list[Any]]:
        """Give slots, bookings and lines as they are."""
        slots = {row["id"]: row for row in await db.fetch(_SLOTS, self.slots)}
        return [slots[one] for one in self.slots], await db.fetch(_BOOKINGS), await db.fetch(_WAITS)

    # --- people, over HTTP --------------------------------------------------------------------------------------------

    async def book(self, person: int, item: int, slot: int, *, hold: bool) -> str:
        wish = {"item_id": str(self.items[item]), "slot_id": str(self.slots[slot]), "hold": hold}
        return _said(await self._post(person, BOOKINGS, wish))

    async def deed(self, person: int, booking_id: str, verb: str, body: object = None) -> str:
        return _said(await self._post(person, f"{BOOKINGS}/{booking_id}/{verb}", body))

    async def wait(self, person: int, item: int, day: int) -> str:
        wish = {"item_id": str(self.items[item]), "hall_id": str(self.hall), "day": str(self._date(day))}
        return _said(await self._post(person, "/api/v1/waits", wish))

    async def leave(self, person: int, waiting_id: str) -> str:
        return _said(await self._post(person, f"/api/v1/waits/{waiting_id}/leave", None))

    async def appeal(self, person: int, booking_id: str, *, grant: bool) -> str:
        said = await self.deed(person, booking_id, "appeal", {"reason": "那天路断了"})
        if not said:
            (one,) = await booking.appeals(self.manager, self.hall)
            await booking.decide(self.manager, one.id, grant=grant)
        return said

    # --- the hall -----------------------------------------------------------------------------------------------------

    async def confirm(self, booking_id: str) -> str:
        return await _told(booking.confirm(self.clerk, [UUID(booking_id)]))

    async def decline(self, booking_id: str, instead: int | None) -> str:
        offered = None if instead is None else self.slots[instead]
        return await _told(booking.decline(self.clerk, UUID(booking_id), "设备检修", offered))

    async def miss(self, booking_id: str) -> str:
        return await _told(booking.miss(self.clerk, UUID(booking_id)))

    async def check_in(self, booking_id: str) -> str:
        return await _told(queue.check_in_at_desk(self.clerk, UUID(booking_id)))

    async def serve(self) -> str | None:
        """Call the next and serve them; gives their booking, None when nobody waits."""
        called = await queue.call_next(self.clerk, self.window)
        if called is None:
            return None
        await queue.finish(self.clerk, called)
        return str(await db.fetchval("SELECT booking_id FROM ticket WHERE id = $1", called))

    async def go_away(self, booking_id: str) -> str:
        ticket = await db.fetchval("SELECT id FROM ticket WHERE booking_id = $1", UUID(booking_id))
        return await _told(queue.leave(self.clerk, ticket))

    async def resize(self, slot: int, capacity: int) -> None:
        """Write another number into the week itself, past whoever would refuse it."""
        day, minute = self._line(slot)
        await db.execute("UPDATE slot_rule SET capacity = $3 WHERE weekday = $1 AND opens = $2", day, minute, capacity)
        await booking.release_slots()

    async def edit(self, slot: int, capacity: int | None) -> str:
        """Change a line of the week at the desk, from today on; without a number it is taken out."""
        day, minute = self._line(slot)
        week = await booking.week_of(self.manager, self.hall)
        known = [one for one in week if (one.weekday, one.opens) == (day, minute)]
        edit = booking.LineEdit(
            hall_id=self.hall, skill="general", first_on=clock.today(), reason="调整", minutes=60, opens=minute,
            replaces=tuple(one.id for one in known), weekdays=() if capacity is None else (day,), closes=minute + 60,
            capacity=capacity or 0,
        )  # fmt: skip
        return await _told(booking.edit_line(self.manager, edit))

    async def set_shut(self, slot: int, *, shut: bool) -> None:
        if not shut:
            await booking.end_change(self.manager, self.shut.pop(slot))
            return
        at = MONDAY + timedelta(minutes=EIGHT + self.starts[slot])
        change = booking.HallChange(
            hall_id=self.hall, kind="closed", first_on=at.date(), last_on=at.date(), weekdays=list(range(7)),
            opens=at.hour * 60, closes=at.hour * 60 + 60, reason="检修",
        )  # fmt: skip
        await booking.change_hall(self.manager, change)
        self.shut[slot] = change.id

    async def tick(self) -> None:
        """Let everything run that runs by itself."""
        await booking.release_ended()
        await booking.expire_overdue()
        await booking.move_closed()
        await booking.lapse_past()
        await queue.close_day()

    # --- within -------------------------------------------------------------------------------------------------------

    async def _post(self, person: int, path: str, body: object) -> Answer:
        return await self.client.as_(self.tokens[person]).post(path, json=body, headers=key())

    async def _rule(self, slot: int, capacity: int) -> None:
        day, minute = self._line(slot)
        opens = time(minute // 60)
        await booking.add_rule(
            self.hall, "general", weekdays=(day,), opens=opens, closes=time(opens.hour + 1), minutes=60,
            capacity=capacity,
        )  # fmt: skip

    def _line(self, slot: int) -> tuple[int, int]:
        return divmod(self.starts[slot] + EIGHT, DAY)

    def _date(self, day: int) -> object:
        return (MONDAY + timedelta(days=day)).date()


def _said(answer: Answer) -> str:
    """Give the refusal's code, or nothing. Whatever else it was is a fault."""
    assert answer.status in {200, 201, 409, 410}, answer.text
    return "" if answer.status < 300 else str(answer.json["code"])


async def _told(deed: Awaitable[object]) -> str:
    try:
        await deed
    except AppError as refused:
        return refused.code
    return ""


async def founded(client: Client, rules: Rules) -> Town:
    """Build it; the product's clock goes to the first Monday."""
    clock.advance(MONDAY + timedelta(minutes=EIGHT) - clock.now())
    hall = await make.county()
    # Once and for all: web processes look at a policy for a second before they look again.
    await set_rules(hall.id, rules)
    crowd = [await people.citizen() for _ in range(PEOPLE)]
    return Town(
        rules=rules,
        client=client,
        hall=hall.id,
        items=[(await make.guide()).item.id for _ in range(ITEMS)],
        tokens=[one.token for one in crowd],
        persons=[one.person_id for one in crowd if one.person_id is not None],
        clerk=(await people.staff("clerk", hall=hall.id)).actor,
        manager=(await people.staff("hall_manager", hall=hall.id)).actor,
        window=(await make.window(hall, 1)).id,
    )


async def set_rules(hall_id: UUID, rules: Rules) -> None:
    """Tell the product what the model is told."""
    await booking.set_policy(
        hall_id, horizon_days=1, confirmation="auto" if rules.auto else "staff",
        **{name: getattr(rules, name) for name in Rules.__slots__ if name != "auto"},
    )  # fmt: skip
