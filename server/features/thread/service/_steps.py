"""The timeline: steps are only ever added, and whoever must react does so in the same transaction."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.actor import Actor, Anonymous, Citizen, Staff
from server.features.thread.schemas import Recorded, StepView, Value
from server.features.thread.service._rows import get
from server.kit import clock, masking, texts
from server.kit.spoken import spoken
from server.kit.wire import to_wire

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from asyncpg import Record

Reaction = Callable[[Recorded], Awaitable[None]]

# On the timeline for the record, not for the person: nothing has happened for them yet.
HIDDEN = frozenset({"booking.held", "booking.released", "cases.started", "cases.nudged"})

# Between the person and whoever looks after it: at a desk it would tell the officer concerned who rated them, and when.
APART = ("ratings.",)

_reactions: dict[str, list[Reaction]] = {}

_RECORD = """
    WITH written AS (
        INSERT INTO step (thread_id, at, name, actor_kind, actor_id, data)
        VALUES ($1, $2, $3, $4, $5, $6::jsonb) RETURNING id)
    UPDATE thread SET updated_at = $2,
        status = CASE WHEN $7 THEN $3 ELSE status END,
        status_data = CASE WHEN $7 THEN $6::jsonb ELSE status_data END
    WHERE id = $1
    RETURNING (SELECT id FROM written) AS step_id
"""
_TIMELINE = "SELECT id, at, name, actor_kind, actor_id, data FROM step WHERE thread_id = $1 ORDER BY id"
_TIMELINES = """
    SELECT thread_id, id, at, name, actor_kind, actor_id, data FROM step WHERE thread_id = ANY ($1) ORDER BY id
"""


def on(name: str) -> Callable[[Reaction], Reaction]:
    """Register a reaction to a step: `@thread.on("cases.granted")`. It runs in the step's transaction, in the order
    of registration, and an error from it undoes the step.
    """

    def register(reaction: Reaction) -> Reaction:
        several = _reactions.setdefault(name, [])
        if any(_name(other) == _name(reaction) for other in several):
            msg = f"{_name(reaction)} already reacts to {name}"
            raise ValueError(msg)
        several.append(reaction)
        return reaction

    return register


def reactions() -> dict[str, tuple[str, ...]]:
    """List what reacts to each step, in order, by qualified name."""
    return {name: tuple(_name(one) for one in several) for name, several in sorted(_reactions.items())}


def reacted_to(name: str) -> bool:
    """Say whether anything reacts to a step."""
    return name in _reactions


def _name(reaction: Reaction) -> str:
    return f"{reaction.__module__}.{getattr(reaction, '__qualname__', reaction)}"


@db.transactional
async def record(thread_id: UUID, name: str, actor: Actor, **data: Value | UUID | date | datetime) -> StepView:
    """Write one step and run its reactions, all in the caller's transaction.

    `data` fills the step's text and is shown to whoever follows the thread: public numbers, states and ids, nothing
    personal. Moments go under names that end in `_at`, days under `_on`. Raises ValueError for a step without text.
    """
    public = is_public(name)
    kept = {key: _kept(value) for key, value in data.items()}
    at = clock.now()
    kind, actor_id = _who(actor)
    step_id = await db.fetchval(
        _RECORD, thread_id, at, name, kind, actor_id, msgspec.json.encode(kept).decode(), public
    )
    step = StepView(id=step_id, at=at, name=name, data=kept, actor_kind=kind, actor_id=actor_id, public=public)
    if several := _reactions.get(name):
        happening = Recorded(thread=await get(thread_id), step=step, actor=actor)
        for reaction in several:
            await reaction(happening)
    return step


def is_public(name: str) -> bool:
    """Say whether a step shows on the timeline. Raises ValueError when nothing says what it is called."""
    if name in HIDDEN:
        return False
    if texts.find(texts.SOURCE, f"thread.step.{name}") is None:
        msg = f"step {name} has no text thread.step.{name}"
        raise ValueError(msg)
    return True


async def timeline(thread_id: UUID) -> list[StepView]:
    """List all steps, oldest first, hidden ones too (`public` tells)."""
    return [step_of(row) for row in await db.fetch(_TIMELINE, thread_id)]


async def timelines(thread_ids: Collection[UUID]) -> dict[UUID, list[StepView]]:
    """List the steps of several threads, each as `timeline` does."""
    found: dict[UUID, list[StepView]] = {one: [] for one in thread_ids}
    for row in await db.fetch(_TIMELINES, list(found)):
        found[row["thread_id"]].append(step_of(row))
    return found


async def last(thread_id: UUID, name: str) -> datetime | None:
    """Say when a step was last taken."""
    found: datetime | None = await db.fetchval(
        "SELECT at FROM step WHERE thread_id = $1 AND name = $2 ORDER BY id DESC LIMIT 1", thread_id, name
    )
    return found


def step_of(row: Record) -> StepView:
    """Turn a row of the timeline into what is shown."""
    return StepView(
        id=row["id"],
        at=row["at"],
        name=row["name"],
        data=msgspec.json.decode(row["data"]),
        actor_kind=row["actor_kind"],
        actor_id=row["actor_id"],
        public=row["name"] not in HIDDEN,
        apart=row["name"].startswith(APART),
    )


def step_text(locale: str, name: str, data: Mapping[str, Value]) -> str:
    """Say a step in a language, its moments and days written out."""
    filled = {key: spoken(locale, _read(key, value)) for key, value in data.items()}
    return texts.text(locale, f"thread.step.{name}", **filled)


@cache
def detailed() -> list[str]:
    """List the steps whose text names something: a day, a place, a number."""
    names = (key.removeprefix("thread.step.") for key in texts.below("thread.step"))
    return [name for name in names if "{" in (texts.find(texts.SOURCE, f"thread.step.{name}") or "")]


def in_public(data: str | None) -> Mapping[str, Value]:
    """Give what fills a step's text for whoever has number and phone: of a waybill its end, the rest as it is."""
    if data is None:
        return {}
    filled: dict[str, Value] = msgspec.json.decode(data)
    if "waybill" in filled:
        filled["waybill"] = masking.end(str(filled["waybill"]))
    return filled


def _kept(value: Value | UUID | date | datetime) -> Value:
    if isinstance(value, datetime):
        return to_wire(value).isoformat()
    return str(value) if isinstance(value, UUID | date) else value


def _read(key: str, value: Value) -> Value | date | datetime:
    if not isinstance(value, str):
        return value
    if key.endswith("_at"):
        return datetime.fromisoformat(value)
    return date.fromisoformat(value) if key.endswith("_on") else value


def _who(actor: Actor) -> tuple[str, UUID | None]:
    if isinstance(actor, Citizen):
        return "citizen", actor.account_id
    if isinstance(actor, Staff):
        return "staff", actor.staff_id
    return ("anonymous" if isinstance(actor, Anonymous) else "system"), None
