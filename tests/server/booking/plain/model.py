"""Booking as one would explain it to a new colleague: no database, no batches, nothing at once.

A refusal is a set of the reasons that speak against a deed: the product may name any one of them. People and
items are numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from tests.server.booking.plain.rows import DAY, EIGHT, LIVE, MOVABLE, NOTICE, OFFERED_FOR, Row, Rules, Slot, Wait


@dataclass(slots=True)
class Plain:
    """The hall. Every deed gives the reasons against it; with none, it is done."""

    rules: Rules
    slots: list[Slot]
    now: int = 0
    rows: list[Row] = field(default_factory=list)
    waits: list[Wait] = field(default_factory=list)

    @property
    def today(self) -> int:
        return (self.now + EIGHT) // DAY

    # --- what speaks against it ---------------------------------------------------------------------------------------

    def against_slot(self, slot: Slot) -> set[str]:
        said = {"booking.closed"} if slot.closed else set()
        said |= {"booking.past"} if slot.starts <= self.now else set()
        return said | ({"booking.slot_full"} if slot.taken >= slot.capacity else set())

    def against_person(self, person: int, item: int, day: int, *, but: Row | None = None) -> set[str]:
        rules = self.rules
        live = [row for row in self.rows if row.person == person and row.state in LIVE and row is not but]
        of_item = [row for row in live if row.item == item]
        missed = sorted(
            row.slot.day
            for row in self.rows
            if row.person == person and row.state == "no_show" and not row.excused
            and row.slot.day > self.today - rules.no_show_days
        )  # fmt: skip
        blocked = len(missed) >= rules.no_show_limit and self.today < missed[-1] + rules.blocked_days
        said = {
            "booking.blocked": blocked,
            "booking.already_booked": any(row.slot.day == day for row in of_item),
            "booking.item_limit": len(of_item) >= rules.per_person_item,
            "booking.limit_reached": sum(row.slot.day == day for row in live) >= rules.per_person_day,
            "booking.limit_in_all": len(live) >= rules.per_person,
        }
        return {code for code, speaks in said.items() if speaks}

    # --- what people do -----------------------------------------------------------------------------------------------

    def book(self, person: int, item: int, slot: Slot, *, hold: bool) -> set[str]:
        against = self.against_slot(slot) | self.against_person(person, item, slot.day)
        if not against:
            self._take(Row(person, item, slot, "held" if hold else self._asked, self.now + self.rules.hold_minutes))
        return against

    def request(self, row: Row) -> set[str]:
        if row.state in ("requested", "confirmed", "checked_in", "served"):
            return set()
        if row.state != "held" or row.until <= self.now or row.slot.starts <= self.now:
            return {"booking.hold_ended"}
        if row.slot.closed:
            return {"booking.closed"}
        self._offer_ends(row, "taken")
        row.state = "confirmed" if row.offer == "hall" else self._asked
        return set()

    def cancel(self, row: Row) -> set[str]:
        if row.state == "held":
            row.state = "cancelled"
            self._offer_ends(row, "left")
            self._free(row.slot)
            return set()
        against = self._fixed(row)
        if not against:
            row.state = "cancelled"
            self._free(row.slot)
        return against

    def reschedule(self, row: Row, slot: Slot) -> set[str]:
        if slot is row.slot and row.state in MOVABLE:
            return set()
        against = self._fixed(row) | self.against_slot(slot)
        against |= self.against_person(row.person, row.item, slot.day, but=row)
        if not against:
            row.state = "cancelled"
            row.slot.taken -= 1
            self._take(Row(row.person, row.item, slot, self._asked))
            self._pass_on(row.slot)
        return against

    def wait(self, person: int, item: int, day: int) -> set[str]:
        slots = [slot for slot in self.slots if slot.day == day]
        mine = [one for one in self.waits if one.person == person and one.state in ("waiting", "offered")]
        said = {
            "booking.past": day < self.today,
            "booking.day_free": any(slot.free and slot.starts > self.now for slot in slots),
            "booking.nothing_to_wait_for": all(slot.closed or slot.starts <= self.now + NOTICE for slot in slots),
            "booking.already_waiting": any((one.item, one.day) == (item, day) for one in mine),
        }
        against = {code for code, speaks in said.items() if speaks} | self.against_person(person, item, day)
        if not against:
            self.waits.append(Wait(person, item, day))
        return against

    def leave(self, wait: Wait) -> None:
        if wait.state == "waiting":
            wait.state = "left"

    def appeal(self, row: Row, *, grant: bool) -> set[str]:
        if row.state != "no_show":
            return {"booking.wrong_state"}
        if row.appealed:
            return {"booking.appealed"}
        row.appealed, row.excused = True, grant
        return set()

    # --- what the hall does -------------------------------------------------------------------------------------------

    def confirm(self, row: Row) -> set[str]:
        if row.state != "requested":
            return {"booking.wrong_state"}
        if self.now >= row.slot.ends:
            return {"booking.over"}
        row.state = "confirmed"
        return set()

    def decline(self, row: Row, instead: Slot | None) -> set[str]:
        if row.state != "requested":
            return {"booking.wrong_state"}
        if instead is not None:
            against = self.against_slot(instead)
            against |= self.against_person(row.person, row.item, instead.day, but=row)
            if against:
                return against
        row.state = "declined"
        if instead is not None:
            self._offer(row.person, row.item, instead, OFFERED_FOR, "hall")
        self._free(row.slot)
        return set()

    def miss(self, row: Row) -> set[str]:
        if row.state != "confirmed":
            return {"booking.wrong_state"}
        if self.now < row.slot.ends:
            return {"booking.too_early"}
        row.state = "no_show"
        return set()

    def check_in(self, row: Row) -> set[str]:
        if row.state == "checked_in" and row.slot.day == self.today:
            return set()  # the same number again; yesterday's is over, also before the night has put it away
        said = {
            "queue.not_today": row.slot.day != self.today,
            "queue.already_served": row.state == "served",
            "queue.given_back": row.left,
            "booking.wrong_state": row.state not in ("confirmed", "no_show", "served"),
            "booking.already_booked": row.state == "no_show"
            and any(self._same(row, one) and one.state in LIVE for one in self.rows),
        }
        against = {code for code, speaks in said.items() if speaks}
        if not against:
            row.state = "checked_in"
        return against

    def gone(self, row: Row) -> None:
        """They have left after checking in; whoever comes early and leaves gives a place back."""
        row.state, row.left = "expired", True
        if row.slot.starts > self.now:
            self._free(row.slot)

    def resize(self, slot: Slot, wanted: int) -> None:
        slot.wanted = wanted
        self.bring()

    def edit(self, slot: Slot, wanted: int | None) -> set[str]:
        """Change the line of a time from today on: so many places, or none at all; not below what is taken."""
        fewer = wanted is not None and slot.taken > wanted and (slot.out or wanted < slot.wanted)
        if fewer and slot.starts > self.now and not slot.shut and not slot.closed:
            return {"booking.below_taken"}
        slot.out = wanted is None
        slot.wanted = slot.wanted if wanted is None else wanted
        self.bring()
        return set()

    def shut(self, slot: Slot, *, shut: bool) -> None:
        slot.shut = shut
        self.bring()

    def bring(self) -> None:
        """Places follow the rules; nobody who has one loses it by that. What is free then goes to those who wait."""
        for slot in self.slots:
            gone = slot.shut or slot.out
            if slot.day < self.today or (gone and slot.starts <= self.now):
                continue
            slot.closed = gone
            if not gone:
                slot.capacity = max(slot.wanted, slot.taken)
        for slot in sorted(self.slots, key=lambda one: one.starts):
            self._pass_on(slot)

    # --- what time does -----------------------------------------------------------------------------------------------

    def tick(self) -> None:
        for row in sorted((one for one in self.rows if one.state == "held" and one.until <= self.now), key=self._ended):
            row.state = "expired"
            self._offer_ends(row, "lapsed")
            self._free(row.slot)
        for row in self.rows:
            if row.state == "requested" and row.slot.ends <= self.now:
                row.state = "expired"
            if row.state == "confirmed" and row.slot.day < self.today:
                row.state = "expired" if row.slot.shut else "no_show"
        self.move_closed()
        for wait in self.waits:
            if wait.state == "waiting" and wait.day < self.today:
                wait.state = "lapsed"
        for row in self.rows:
            if row.state == "checked_in" and row.slot.day < self.today:
                row.state = "expired"

    def move_closed(self) -> None:
        to_move = ("held", *MOVABLE)
        shut = [row for row in self.rows if row.state in to_move and row.slot.closed and row.slot.starts > self.now]
        for row in sorted(shut, key=lambda one: (one.slot.starts, self.rows.index(one))):
            row.state = "cancelled"
            self._offer_ends(row, "lapsed")
            later = [one for one in self.slots if one.free and one.starts > max(row.slot.starts, self.now)]
            if later:
                instead = min(later, key=lambda one: one.starts)
                if not self.against_person(row.person, row.item, instead.day):
                    self._offer(row.person, row.item, instead, OFFERED_FOR, "hall")
            self._free(row.slot)
        for wait in self.waits:
            ahead = [slot for slot in self.slots if slot.day == wait.day and slot.starts > self.now]
            if wait.state == "waiting" and ahead and all(slot.closed for slot in ahead):
                wait.state = "lapsed"

    # --- within -------------------------------------------------------------------------------------------------------

    @property
    def _asked(self) -> str:
        return "confirmed" if self.rules.auto else "requested"

    def _ended(self, row: Row) -> tuple[int, int]:
        return row.until, self.rows.index(row)

    def _same(self, row: Row, other: Row) -> bool:
        return other is not row and (row.person, row.item, row.slot.day) == (other.person, other.item, other.slot.day)

    def _fixed(self, row: Row) -> set[str]:
        if row.state not in MOVABLE:
            return {"booking.wrong_state"}
        return {"booking.cut_off"} if self.now >= row.slot.starts - self.rules.cancel_minutes else set()

    def _take(self, row: Row) -> Row:
        row.slot.taken += 1
        self.rows.append(row)
        return row

    def _offer(self, person: int, item: int, slot: Slot, minutes: int, by: str) -> Row:
        return self._take(Row(person, item, slot, "held", min(self.now + minutes, slot.starts), by))

    def _offer_ends(self, row: Row, state: str) -> None:
        for wait in self.waits:
            if wait.booking is row and wait.state == "offered":
                wait.state = state

    def _free(self, slot: Slot) -> None:
        slot.taken -= 1
        self._pass_on(slot)

    def _pass_on(self, slot: Slot) -> None:
        for wait in self.waits:
            if not slot.free or slot.starts <= self.now + NOTICE:
                return
            if wait.state == "waiting" and wait.day == slot.day:
                if self.against_person(wait.person, wait.item, slot.day):
                    continue
                wait.booking = self._offer(wait.person, wait.item, slot, self.rules.offer_minutes, "waitlist")
                wait.state = "offered"
