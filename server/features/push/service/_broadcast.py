"""Telling many people one thing: composed of fixed words, seen by a second person, fed slowly, stopped at once.

A broadcast goes after everything else that waits. Each person is told at most once, however often feeding is repeated.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.push.schemas import To
from server.features.push.service._audience import (
    Audience,
    audience_of,
    broadcast_kinds,
    chosen_said,
    compose,
    told_by,
)
from server.features.push.service._kinds import filled, template_for, written
from server.features.push.service._plans import send
from server.features.push.service._shown import BroadcastIn, BroadcastView, Preview
from server.features.push.service._tally import COUNTED, ENDED
from server.kit import clock, texts
from server.kit.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

PRIORITY = 9
MOST_COUNTED = 10_000
BATCH = 100
# So many may wait to be sent; the rest stays with the broadcast, where it can still be stopped.
ROOM = 1000

_COLUMNS = """
    broadcast.id, broadcast.created_at, kind, words, audience, chosen, state, expected, author_id, approver_id,
    decided_at, ended_at, cursor, told, twice
"""
_ADD = """
    INSERT INTO broadcast (id, created_at, kind, words, audience, chosen, state, expected, author_id)
    VALUES ($1, $2, $3, $4::jsonb, $5, $6::jsonb, 'waiting', $7, $8)
"""
_GET = f"SELECT {_COLUMNS} FROM broadcast WHERE id = $1"  # noqa: S608 - our own columns
_SOME = f"SELECT {_COLUMNS} FROM broadcast WHERE id = ANY($1)"  # noqa: S608 - as above
_SENT = db.Listing(
    "broadcast b LEFT JOIN hall h ON h.id = (b.chosen ->> 'hall')::uuid"
    " LEFT JOIN item i ON i.id = (b.chosen ->> 'item')::uuid",
    "b.id",
    {
        "at": db.By("b.created_at", datetime),
        "kind": db.By("b.kind", str),
        "told": db.By("b.told", int),
        "state": db.By("b.state", str),
    },
)
# Searched by its title as whoever looks reads it, and by the hall, the item and the day it is for.
_SAID = "b.kind = ANY ({}::text[]) OR " + db.stands_in("concat_ws(' ', h.name, i.name, b.chosen ->> 'day')")
# One of two approvals finds nothing that still waits.
_DECIDE = """
    UPDATE broadcast SET state = $2, approver_id = $3, decided_at = $4::timestamptz,
        ended_at = CASE WHEN $2 = 'refused' THEN $4::timestamptz END
    WHERE id = $1 AND state = 'waiting'
"""
_STOP = "UPDATE broadcast SET state = 'stopped', ended_at = $2 WHERE id = $1 AND state IN ('waiting', 'running')"
_CALL_OFF = f"""
    WITH ended AS (
        UPDATE outbox SET state = 'too_late', reason = 'stopped', ended_at = $2 WHERE id = ANY(ARRAY(
            SELECT id FROM outbox WHERE state = 'pending' AND cause = $1 FOR UPDATE SKIP LOCKED))
        RETURNING {ENDED}),
    {COUNTED}
    SELECT
"""  # noqa: S608 - our own words
_RUNNING = "SELECT id FROM broadcast WHERE state = 'running' ORDER BY id"
_TAKEN = f"{_GET} AND state = 'running' FOR UPDATE SKIP LOCKED"
_FED = """
    UPDATE broadcast SET cursor = $2, told = told + $3, twice = twice + $4,
        state = CASE WHEN $5 THEN 'done' ELSE state END, ended_at = CASE WHEN $5 THEN $6::timestamptz END
    WHERE id = $1
"""
_WAITING = """
    SELECT count(*) FROM (
        SELECT FROM outbox WHERE state = 'pending' AND channel = ANY($1) AND priority = $2 LIMIT $3) AS found
"""
_CHANNELS = ("wechat", "service", "sms")


async def preview(actor: Staff, wish: BroadcastIn) -> Preview:
    """Show what people would read, in every language, and how many they are."""
    said, people = await compose(wish.kind, wish.words), await _reached(actor, wish)
    template = template_for(type(said))
    values = {} if template is None else filled(said, str(said.template))
    expected = len(await people.people(None, MOST_COUNTED + 1))
    return Preview(
        texts={locale: (title, body) for locale, (title, body) in written(said).items()},
        template=None if template is None else template.title,
        lines=[values[name] for name in template.fields if values[name]] if template else [],
        sms=said.sms,
        expected=min(expected, MOST_COUNTED),
        more=expected > MOST_COUNTED,
        said=await chosen_said(people, actor.locale),
    )


@db.transactional
async def propose(actor: Staff, wish: BroadcastIn) -> UUID:
    """Write a broadcast down for a second person to look at. Refuses `push.broadcast_nobody` for an empty audience."""
    seen = await preview(actor, wish)
    if seen.expected == 0:
        raise InvalidInput("push.broadcast_nobody", fields=(FieldError("audience", "required"),))
    broadcast_id = new_id()
    await db.execute(
        _ADD,
        broadcast_id,
        clock.now(),
        wish.kind,
        _json({name: wish.words[name] for name in broadcast_kinds()[wish.kind]}),
        wish.audience,
        _json(msgspec.to_builtins(audience_of(wish.audience, wish.chosen))),
        seen.expected,
        actor.staff_id,
    )
    await audit.record(actor, "push.broadcast_proposed", "broadcast", broadcast_id, kind=wish.kind)
    return broadcast_id


async def approve(actor: Staff, broadcast_id: UUID) -> None:
    """Let it go out. Refuses its author, and a broadcast that has been decided."""
    await _decide(actor, broadcast_id, "running")


async def refuse(actor: Staff, broadcast_id: UUID) -> None:
    """Do not let it go out; the same people may."""
    await _decide(actor, broadcast_id, "refused")


@db.transactional
async def stop(actor: Staff, broadcast_id: UUID) -> None:
    """Tell nobody else: whoever has not been told is not, and what waits to be sent to phones is called off."""
    row = await _row(actor, broadcast_id)
    if await db.execute(_STOP, broadcast_id, clock.now()) == "UPDATE 0":
        raise Conflict("push.broadcast_decided")
    await db.execute(_CALL_OFF, _event(broadcast_id), clock.now())
    await audit.record(actor, "push.broadcast_stopped", "broadcast", broadcast_id, told=row["told"])


async def broadcasts(actor: Staff, *, q: str = "") -> db.Found[BroadcastView]:
    """List broadcasts, the newest first: of everybody's, those to people the actor answers for."""

    async def shown(ids: list[UUID]) -> list[BroadcastView]:
        rows = {row["id"]: row for row in await db.fetch(_SOME, ids)}
        return [await _view(rows[one], actor) for one in ids if one in rows]

    found, (halls, departments) = _SENT.found(shown, usual="-at"), await told_by(actor)
    if halls is not None and departments is not None:
        found = found.where("b.chosen ->> 'hall' IS NULL OR h.id = ANY ({}::uuid[])", list(halls))
        found = found.where("b.chosen ->> 'item' IS NULL OR i.department_id = ANY ({}::uuid[])", list(departments))
    words = db.plain(q)
    return found.where(_SAID, _titled(words, actor.locale), words) if words else found


def _titled(words: str, locale: str) -> list[str]:
    """Name the kinds whose title has these words in it."""
    titles = {kind: db.plain(texts.text(locale, f"push.{kind}.title")) for kind in broadcast_kinds()}
    return [kind for kind, title in titles.items() if words.casefold() in title.casefold()]


async def broadcast(actor: Staff, broadcast_id: UUID) -> BroadcastView:
    """Show one, and what was sent: it stays readable."""
    return await _view(await _row(actor, broadcast_id), actor)


async def feed_broadcasts() -> int:
    """Tell the next people of each running broadcast, as far as there is room; gives how many."""
    fed = 0
    for row in await db.fetch(_RUNNING):
        fed += await _feed(row["id"])
    return fed


@db.transactional
async def _feed(broadcast_id: UUID) -> int:
    if await db.fetchval(_WAITING, list(_CHANNELS), PRIORITY, ROOM) >= ROOM:
        return 0
    row = await db.fetchrow(_TAKEN, broadcast_id)
    if row is None:
        return 0
    message = await compose(row["kind"], _words(row["words"]))
    people = await audience_of(row["audience"], _words(row["chosen"])).people(row["cursor"], BATCH)
    told, event = 0, _event(broadcast_id)
    for person_id in people:
        told += await send(message, to=To(person_id=person_id), dedupe=event, cause=event)
    done = len(people) < BATCH
    last = people[-1] if people else row["cursor"]
    await db.execute(_FED, broadcast_id, last, told, len(people) - told, done, clock.now())
    return len(people)


@db.transactional
async def _decide(actor: Staff, broadcast_id: UUID, state: str) -> None:
    row = await _row(actor, broadcast_id)
    if row["author_id"] == actor.staff_id:
        raise Forbidden("push.broadcast_own")
    if await db.execute(_DECIDE, broadcast_id, state, actor.staff_id, clock.now()) == "UPDATE 0":
        raise Conflict("push.broadcast_decided")
    action = "push.broadcast_approved" if state == "running" else "push.broadcast_refused"
    await audit.record(actor, action, "broadcast", broadcast_id, kind=row["kind"])


async def _row(actor: Staff, broadcast_id: UUID) -> Record:
    row = await db.fetchrow(_GET, broadcast_id)
    if row is None or not await _is_theirs(actor, row):
        raise NotFound
    return row


async def _is_theirs(actor: Staff, row: Record) -> bool:
    try:
        await audience_of(row["audience"], _words(row["chosen"])).allow(actor)
    except Forbidden:
        return False
    return True


async def _reached(actor: Staff, wish: BroadcastIn) -> Audience:
    people = audience_of(wish.audience, wish.chosen)
    await people.allow(actor)
    return people


async def _view(row: Record, actor: Staff) -> BroadcastView:
    said = await compose(row["kind"], _words(row["words"]))
    return BroadcastView(
        id=row["id"],
        kind=row["kind"],
        texts={locale: (title, body) for locale, (title, body) in written(said).items()},
        title=texts.text(actor.locale, f"push.{row['kind']}.title"),
        audience=row["audience"],
        said=await chosen_said(audience_of(row["audience"], _words(row["chosen"])), actor.locale),
        state=row["state"],
        expected=row["expected"],
        told=row["told"],
        twice=row["twice"],
        at=row["created_at"],
        decided_at=row["decided_at"],
        ended_at=row["ended_at"],
        mine=row["author_id"] == actor.staff_id,
    )


def _event(broadcast_id: UUID) -> str:
    return f"broadcast:{broadcast_id}"


def _words(kept: str) -> dict[str, str]:
    return msgspec.json.decode(kept, type=dict[str, str])


def _json(words: Mapping[str, str]) -> str:
    return msgspec.json.encode(words).decode()
