"""Deeds at random against the product and the plain model, held against each other after every one."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import dataclass
from datetime import timedelta
from random import Random
from typing import Any, TypeVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from server import db
from server.kit import clock
from tests.server.booking import whole
from tests.server.booking.plain.model import Plain
from tests.server.booking.plain.rows import EIGHT, Row, Slot
from tests.server.booking.plain.town import ITEMS, MONDAY, PEOPLE, Town

T = TypeVar("T")

STARTS = [240, 24 * 60 + 120, 24 * 60 + 420]
CAPACITIES = [1, 1, 1]
LAST = 2 * 24 * 60
STRETCHES = [1, 6, 11, 11, 31, 200]
# How often each is tried, in the order in which a failure is made simpler.
OFTEN = {
    "book": 14, "request": 4, "confirm": 4, "cancel": 4, "wait": 8, "pass_time": 4, "check_in": 3, "serve": 3,
    "reschedule": 3, "decline": 2, "miss": 2, "appeal": 3, "tick": 1, "leave": 1, "go_away": 1, "resize": 1,
    "edit_line": 2, "shut": 1,
}  # fmt: skip
DEEDS = [deed for deed, often in OFTEN.items() for _ in range(often)]


@dataclass(frozen=True, slots=True)
class Dice:
    """What a deed may need to know; each takes what it needs."""

    person: int
    item: int
    slot: int
    nth: int
    yes: bool

    @classmethod
    def thrown(cls, chance: Random) -> Dice:
        """Throw them."""
        person, item, slot = chance.randrange(PEOPLE), chance.randrange(ITEMS), chance.randrange(len(STARTS))
        return cls(person, item, slot, chance.randrange(6), chance.random() < 0.5)


_DICE = st.builds(
    Dice, st.integers(0, PEOPLE - 1), st.integers(0, ITEMS - 1), st.integers(0, len(STARTS) - 1), st.integers(0, 5),
    st.booleans(),
)  # fmt: skip


class Machine(RuleBasedStateMachine):
    """Hypothesis runs it in a thread; what it does to the product runs in the tests' own loop."""

    def __init__(self, town: Town, loop: asyncio.AbstractEventLoop, said: Counter[str]) -> None:
        super().__init__()
        self.town, self.loop, self.said = town, loop, said
        self.plain = Plain(town.rules, [Slot(at, n, n) for at, n in zip(STARTS, CAPACITIES, strict=True)])

    def do(self, deed: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(deed, self.loop).result(30)

    @initialize()
    def begin(self) -> None:
        self.do(self.town.begin(STARTS, CAPACITIES))

    @rule(deed=st.sampled_from(DEEDS), dice=_DICE)
    def live(self, deed: str, dice: Dice) -> None:
        """One rule for all: left to itself Hypothesis would switch most kinds of deeds off most of the time."""
        self.live_on(deed, dice)

    def live_on(self, deed: str, dice: Dice) -> None:
        """Do one deed on both sides and compare."""
        getattr(self, deed)(dice)

    # --- people -------------------------------------------------------------------------------------------------------

    def book(self, dice: Dice) -> None:
        said = self.do(self.town.book(dice.person, dice.item, dice.slot, hold=dice.yes))
        slot = self.plain.slots[dice.slot]
        self.same("book", said, self.plain.book(dice.person, dice.item, slot, hold=dice.yes))

    def request(self, dice: Dice) -> None:
        row = self.row(dice, "held")
        if row is not None:
            self.same("request", self.do(self.town.deed(row.person, row.id, "request", {})), self.plain.request(row))

    def cancel(self, dice: Dice) -> None:
        row = self.row(dice, "held", "requested", "confirmed")
        if row is not None:
            self.same("cancel", self.do(self.town.deed(row.person, row.id, "cancel")), self.plain.cancel(row))

    def reschedule(self, dice: Dice) -> None:
        row = self.row(dice, "requested", "confirmed")
        if row is None:
            return
        body = {"slot_id": str(self.town.slots[dice.slot])}
        said = self.do(self.town.deed(row.person, row.id, "reschedule", body))
        self.same("reschedule", said, self.plain.reschedule(row, self.plain.slots[dice.slot]))

    def wait(self, dice: Dice) -> None:
        person, item, day = dice.person, dice.item, self.plain.slots[dice.slot].day
        self.same("wait", self.do(self.town.wait(person, item, day)), self.plain.wait(person, item, day))

    def leave(self, dice: Dice) -> None:
        if self.plain.waits:
            wait = self.plain.waits[-1 - dice.nth % len(self.plain.waits)]
            said = self.do(self.town.leave(wait.person, wait.id))
            self.plain.leave(wait)
            self.same("leave", said, set())

    def appeal(self, dice: Dice) -> None:
        row = self.row(dice, "no_show")
        if row is not None:
            said = self.do(self.town.appeal(row.person, row.id, grant=dice.yes))
            self.same("appeal", said, self.plain.appeal(row, grant=dice.yes))

    # --- the hall -----------------------------------------------------------------------------------------------------

    def confirm(self, dice: Dice) -> None:
        row = self.row(dice, "requested")
        if row is not None:
            self.same("confirm", self.do(self.town.confirm(row.id)), self.plain.confirm(row))

    def decline(self, dice: Dice) -> None:
        row = self.row(dice, "requested")
        if row is None:
            return
        slot = self.plain.slots[dice.slot]
        instead = dice.slot if dice.yes and slot is not row.slot else None
        said = self.do(self.town.decline(row.id, instead))
        self.same("decline", said, self.plain.decline(row, None if instead is None else slot))

    def miss(self, dice: Dice) -> None:
        row = self.row(dice, "confirmed")
        if row is not None:
            self.until(row.slot.ends if dice.nth < 1 else 0)
            self.same("miss", self.do(self.town.miss(row.id)), self.plain.miss(row))

    def check_in(self, dice: Dice) -> None:
        row = self.row(dice, "confirmed", "no_show")
        if row is not None:
            self.until(row.slot.starts - 60 if dice.nth < 1 else 0)
            self.same("check_in", self.do(self.town.check_in(row.id)), self.plain.check_in(row))

    def serve(self, _dice: Dice) -> None:
        here = {
            row.id: row for row in self.plain.rows if row.state == "checked_in" and row.slot.day == self.plain.today
        }
        served = self.do(self.town.serve())
        assert (served in here) if here else served is None, (served, here)
        if served is not None:
            here[served].state = "served"
            self.same("serve", "", set())

    def go_away(self, _dice: Dice) -> None:
        here = [row for row in self.plain.rows if row.state == "checked_in"]
        if here:
            said = self.do(self.town.go_away(here[-1].id))
            self.plain.gone(here[-1])
            self.same("go_away", said, set())

    def resize(self, dice: Dice) -> None:
        capacity = 1 + dice.nth // 4
        self.do(self.town.resize(dice.slot, capacity))
        self.plain.resize(self.plain.slots[dice.slot], capacity)
        self.same("resize", "", set())

    def edit_line(self, dice: Dice) -> None:
        slot = self.plain.slots[dice.slot]
        capacity = None if dice.yes and not slot.out else 1 + dice.nth // 4
        said = self.do(self.town.edit(dice.slot, capacity))
        self.same("edit_line", said, self.plain.edit(slot, capacity))

    def shut(self, dice: Dice) -> None:
        ours = self.plain.slots[dice.slot]
        if ours.day >= self.plain.today:
            self.do(self.town.set_shut(dice.slot, shut=not ours.shut))
            self.plain.shut(ours, shut=not ours.shut)
            self.same("shut", "", set())

    # --- time ---------------------------------------------------------------------------------------------------------

    def pass_time(self, dice: Dice) -> None:
        self.until(self.plain.now + STRETCHES[dice.nth])
        if dice.yes:
            self.tick(dice)

    def until(self, moment: int) -> None:
        """Let time pass, if it has not yet; never further than the places go."""
        self.plain.now = max(self.plain.now, min(moment, LAST))
        # Never back: the product's clock has gone on a little while the model's stood still.
        clock.advance(max(MONDAY + timedelta(minutes=EIGHT + self.plain.now) - clock.now(), timedelta(0)))

    def tick(self, _dice: Dice) -> None:
        self.do(self.town.tick())
        self.plain.tick()
        self.same("tick", "", set())

    # --- are they the same? -------------------------------------------------------------------------------------------

    def row(self, dice: Dice, *states: str) -> Row | None:
        """Pick a booking, mostly one the deed is for, sometimes any."""
        fit = [row for row in self.plain.rows if row.state in states]
        rows = fit if fit and dice.nth < 5 else self.plain.rows
        return rows[-1 - dice.nth % len(rows)] if rows else None

    def same(self, deed: str, said: str, against: set[str]) -> None:
        """Hold what was said, and all that is there, against the model."""
        self.said[f"{deed}: {said or 'done'}"] += 1
        assert said in against if against else not said, (
            f"{deed}: {said or 'done'}, but {against or 'nothing'} is against it"
        )
        slots, rows, waits = self.do(self.town.look())
        theirs = [(row["taken"], row["capacity"], row["closed"]) for row in slots]
        ours = [(slot.taken, slot.capacity, slot.closed) for slot in self.plain.slots]
        assert theirs == ours, f"{deed}: places are {theirs}, should be {ours}"
        self._same_rows(deed, rows)
        self._same_waits(deed, waits)

    def _same_rows(self, deed: str, rows: list[Any]) -> None:
        known = {row.id: row for row in self.plain.rows if row.id}
        new = [row for row in self.plain.rows if not row.id]
        for row in rows:
            what = (row["person_id"], row["item_id"], row["slot_id"], row["offer"], row["state"])
            ours = known.pop(row["id"], None) or next((one for one in new if self._what(one) == what), None)
            assert ours is not None, f"{deed}: nobody should have {what}"
            if not ours.id:
                new.remove(ours)
                ours.id = row["id"]
            assert what == self._what(ours), f"{deed}: {what}, should be {ours}"
        assert not known, f"{deed}: {known} have gone"
        assert not new, f"{deed}: {new} should be there"

    def _what(self, row: Row) -> tuple[Any, ...]:
        slot = self.town.slots[self.plain.slots.index(row.slot)]
        return self.town.persons[row.person], self.town.items[row.item], slot, row.offer, row.state

    def _same_waits(self, deed: str, waits: list[Any]) -> None:
        theirs = [(row["person_id"], row["item_id"], row["state"], row["booking_id"]) for row in waits]
        ours = [
            (self.town.persons[one.person], self.town.items[one.item], one.state, one.booking and one.booking.id)
            for one in self.plain.waits
        ]
        assert theirs == ours, f"{deed}: in line are {theirs}, should be {ours}"
        for wait, row in zip(self.plain.waits, waits, strict=True):
            wait.id = row["id"]

    def teardown(self) -> None:
        if self.town.slots:
            found = self.do(whole.faults(db.fetch))
            assert not found, "\n".join(found)
