"""Many who tap at once share one statement; a refusal of one is nobody else's."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from operator import attrgetter
from uuid import UUID

import asyncpg
import msgspec

from server import db
from server.db.promises import Stored, sealed_reply
from server.errors import AppError, Conflict, NotFound
from server.features.booking.models import BookingState
from server.features.booking.service import _statement
from server.features.booking.service._facts import Facts, Wish, facts_of
from server.features.booking.service._sketch import sketch_of
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock
from server.kit.batching import Batcher
from server.kit.ids import is_walked, new_id, token

MOST_ROUNDS = 8
# While one batch is in the database, the process reads and writes for another.
LANES, BESIDE = 2, 16

_lane = db.Lane()

STEPS = {
    BookingState.HELD: "booking.held",
    BookingState.REQUESTED: "booking.requested",
    BookingState.CONFIRMED: "booking.confirmed",
}


@dataclass(slots=True, kw_only=True)
class _Said:
    """What a row says to the person; all empty when it says nothing."""

    inbox_id: UUID | None = None
    kind: str | None = None
    page: str | None = None
    text_sealed: bytes | None = None
    outbox_id: UUID | None = None
    target: UUID | None = None
    template: str | None = None
    payload_sealed: bytes | None = None
    priority: int | None = None
    retry_unknown: bool | None = None
    sms: bool | None = None


@dataclass(slots=True, kw_only=True)
class _Row:
    """One row of the statement; `body` is the answer if it is booked."""

    facts: Facts
    booking_id: UUID
    state: BookingState
    ticked: str
    hold_until: datetime | None
    code: str | None
    tail_index: bytes | None
    said: _Said
    audit_id: UUID
    body: bytes
    reply_sealed: bytes
    counter: int = 0
    rank: int = 0

    @property
    def slot_id(self) -> UUID:
        return self.facts.wish.slot_id

    @property
    def step(self) -> str:
        return thread.plain_step(STEPS[self.state])

    @property
    def public(self) -> bool:
        return thread.is_public(self.step)

    @property
    def shares(self) -> tuple[UUID, UUID, BookingState]:
        return self.facts.place.guide.id, self.facts.place.hall.id, self.state


_SILENT = _Said()
_row_columns = attrgetter(*(path for _, path in _statement.ROWS))
_counter_columns = attrgetter(*(path for _, _, path in _statement.COUNTERS))


def _apart(wish: Wish) -> tuple[Hashable, ...]:
    # Two wishes of one person, one matter or one key decide about each other: the second sees what became of the first.
    return wish.person_id, (wish.party_id, wish.item_id), (wish.claim.owner, wish.claim.key)


async def _run(wishes: list[Wish]) -> list[Stored | Exception]:
    told: list[Stored | Exception | None] = [None] * len(wishes)
    open_places = list(range(len(wishes)))
    for _ in range(MOST_ROUNDS):
        answers = await _round([wishes[place] for place in open_places])
        for place, answer in zip(open_places, answers, strict=True):
            told[place] = answer
        open_places = [place for place in open_places if told[place] is None]
        if not open_places:
            break
    # Who lost every round to somebody else is told to try again; nothing was written for them.
    return [Conflict("booking.busy") if one is None else one for one in told]


batcher: Batcher[Wish, Stored] = Batcher(_run, lanes=LANES, beside=BESIDE, apart=_apart)


async def _round(wishes: list[Wish]) -> list[Stored | Exception | None]:
    """Grant what can be granted. None: somebody else changed what was read; ask again."""
    known = await facts_of(wishes, _lane.fetch)
    told: list[Stored | Exception | None] = [None if isinstance(one, Facts) else one for one in known]
    now = clock.now()
    granted = [(place, _row(facts, now)) for place, facts in enumerate(known) if isinstance(facts, Facts)]
    if granted:
        for (place, _), answer in zip(granted, await _write([row for _, row in granted]), strict=True):
            told[place] = answer
    return told


async def _write(rows: list[_Row]) -> list[Stored | Exception | None]:
    try:
        verdicts = await _asked(rows)
    except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
        return [None] * len(rows)
    except asyncpg.IntegrityConstraintViolationError as broken:
        if len(rows) == 1:
            return [_refusal(broken)]
        # One row breaks a rule of the tables: alone, the others go through.
        return [(await _write([row]))[0] for row in rows]
    lost = {
        row.slot_id for row, (verdict, booked) in zip(rows, verdicts, strict=True) if verdict == "take" and not booked
    }
    if any(booked for _, booked in verdicts):
        await push.wake()
    return [
        _answer(row, verdict, booked=booked, lost=lost) for row, (verdict, booked) in zip(rows, verdicts, strict=True)
    ]


def _answer(row: _Row, verdict: str, *, booked: bool, lost: set[UUID]) -> Stored | Exception | None:
    if booked:
        return Stored(201, row.body)
    if verdict == "gone":
        return NotFound("booking.slot_gone")
    # A place kept for somebody who then did not take it is still there for who was told "full".
    return Conflict("booking.slot_full") if verdict == "full" and row.slot_id not in lost else None


def _refusal(broken: asyncpg.IntegrityConstraintViolationError) -> AppError:
    if broken.constraint_name == "booking_live_key":
        return Conflict("booking.already_booked")
    if broken.constraint_name == "slot_taken_check":
        return Conflict("booking.slot_full")
    raise broken


async def _asked(rows: list[_Row]) -> list[tuple[str, bool]]:
    counters: dict[tuple[UUID, UUID, BookingState], _Row] = {}
    ranks: dict[UUID, int] = {}
    for row in rows:
        first = counters.setdefault(row.shares, row)
        row.counter = len(counters) if first is row else first.counter
        row.rank = ranks[row.slot_id] = ranks.get(row.slot_id, 0) + 1
    shared = map(list, zip(*map(_counter_columns, counters.values()), strict=True))
    given = list(map(_row_columns, rows))
    found = await _lane.fetch(_statement.STATEMENT, clock.now(), given, *shared, sorted(ranks))
    return [(row["verdict"], row["booked"]) for row in found]


def _row(facts: Facts, now: datetime) -> _Row:
    wish, place, opening = facts.wish, facts.place, facts.opening
    state = _state(facts)
    sketch = sketch_of(facts, state, now)
    booking_id = new_id()
    code = token() if state is BookingState.CONFIRMED else None
    hold_until = now + timedelta(minutes=place.policy.hold_minutes) if state is BookingState.HELD else None
    body = sketch.reply(facts, booking_id, code, hold_until)
    return _Row(
        facts=facts,
        booking_id=booking_id,
        state=state,
        ticked=msgspec.json.encode(wish.ticked).decode(),
        hold_until=hold_until,
        code=code,
        tail_index=opening.tail(facts.caller.phone) if opening.opens else None,
        said=_SILENT if sketch.says is None else _said(facts, booking_id, sketch.says),
        audit_id=new_id(),
        body=body,
        reply_sealed=sealed_reply(wish.claim, body),
    )


def _said(facts: Facts, booking_id: UUID, draft: push.Draft) -> _Said:
    inbox_id = new_id()
    # A test person has no phone outside to be told on.
    outbox_id = None if draft.payload is None or is_walked(facts.wish.person_id) else new_id()
    return _Said(
        inbox_id=inbox_id,
        kind=draft.kind,
        page=draft.page,
        text_sealed=draft.sealed_text(inbox_id),
        outbox_id=outbox_id,
        target=facts.caller.login or facts.wish.actor.account_id,
        template=None if outbox_id is None or draft.payload is None else draft.payload.template,
        payload_sealed=None
        if outbox_id is None
        else draft.sealed_payload(outbox_id, draft.page.replace("{booking_id}", str(booking_id))),
        priority=draft.priority,
        retry_unknown=draft.retry_unknown,
        sms=draft.sms,
    )


def _state(facts: Facts) -> BookingState:
    if facts.wish.hold:
        return BookingState.HELD
    return BookingState.CONFIRMED if facts.place.policy.confirmation == "auto" else BookingState.REQUESTED


def code_lasts(day: date) -> datetime:
    """Say until when the check-in QR of a day opens: through it, since being late is no reason to be turned away."""
    return datetime.combine(day + timedelta(days=1), time(), clock.SHANGHAI)
