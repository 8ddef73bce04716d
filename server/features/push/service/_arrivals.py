"""What others tell us, kept the moment it arrives: whoever told it is answered at once, the work is the worker's."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

import msgspec

from server import db
from server.kit import clock
from server.kit.ids import new_id
from server.ports import OutsideError, Ports, SmsReport, WeChatEvent

ARRIVED = "arrival"
# WeChat tells of a thing for seconds; whoever looks for what happened has a week.
KEPT = timedelta(days=7)
MOST_FAILURES = 12
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=30)
_BATCH = 200

HEARD = frozenset(
    {
        "subscribe_msg_popup_event",
        "subscribe_msg_change_event",
        "subscribe_msg_sent_event",
        "TEMPLATESENDJOBFINISH",
        "subscribe",
        "unsubscribe",
    }
)

_KEEP = """
    INSERT INTO arrival (id, created_at, source, name, key_index, content_sealed, run_at)
    VALUES ($1, $2, $3, $4, $5, $6, $2) ON CONFLICT (key_index) DO NOTHING RETURNING id
"""
# What arrived first is done first: a person who follows and leaves again has left.
_DUE = "SELECT id FROM arrival WHERE state = 'waiting' AND run_at <= $1 ORDER BY run_at, id LIMIT $2"
_LOCKED = """
    SELECT id, source, name, content_sealed, failures FROM arrival
    WHERE id = ANY($1) AND state = 'waiting' ORDER BY created_at, id FOR UPDATE SKIP LOCKED
"""
_DONE = "UPDATE arrival SET state = 'done', ended_at = $2 WHERE id = ANY($1)"
_AGAIN = """
    UPDATE arrival SET failures = $2, reason = $3, run_at = $4, state = $5,
        ended_at = CASE WHEN $5 = 'waiting' THEN NULL ELSE $6::timestamptz END
    WHERE id = $1 AND state = 'waiting'
"""
_FORGET = """
    DELETE FROM arrival WHERE id IN (SELECT id FROM arrival WHERE state <> 'waiting' AND ended_at < $1 LIMIT 10000)
"""

_log = logging.getLogger(__name__)


class Arrived(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was told: an event of WeChat's, or a report of the SMS provider's."""

    id: UUID
    failures: int
    event: WeChatEvent | None = None
    report: SmsReport | None = None


async def keep_event(event: WeChatEvent) -> bool:
    """Keep an event; False where it is kept already or nobody here would hear it."""
    if event.name not in HEARD:
        _log.info("wechat tells of %s, which nobody waits for", event.name[:40] if event.name.isascii() else "?")
        return False
    return await _keep(event.account, event.name, event.key, event)


async def pull_reports(ports: Ports) -> int:
    """Fetch what became of text messages and keep it."""
    try:
        reports = await ports.sms.reports()
    except OutsideError as trouble:
        # The adapter has said what is wrong; the provider keeps the reports until they are asked for again.
        _log.info("no reports of text messages: %s", trouble.code)
        return 0
    await keep_reports(reports)
    return len(reports)


async def keep_reports(reports: Iterable[SmsReport]) -> None:
    """Keep reports; one that is kept already is passed over."""
    for report in reports:
        await _keep("sms", "report", f"{report.serial}\x1f{report.problem}", report)


async def forget_arrivals() -> int:
    """Remove what was dealt with long ago."""
    done = await db.execute(_FORGET, clock.now() - KEPT)
    return int(done.removeprefix("DELETE "))


@db.transactional
async def _keep(source: str, name: str, key: str, content: WeChatEvent | SmsReport) -> bool:
    row_id = new_id()
    kept = await db.fetchval(
        _KEEP,
        row_id,
        clock.now(),
        source,
        name,
        db.blind_index("push.arrival", f"{source}\x1f{key}"),
        db.seal_json("arrival", "content_sealed", row_id, content),
    )
    if kept is None:
        return False
    db.after_commit(_wake)
    return True


async def _wake() -> None:
    await db.notify(ARRIVED)


async def due() -> list[UUID]:
    """List what waits to be dealt with."""
    return [row["id"] for row in await db.fetch(_DUE, clock.now(), _BATCH)]


async def take(ids: Sequence[UUID]) -> list[Arrived]:
    """Lock and open what still waits, in the caller's transaction: whoever dies here leaves it waiting."""
    found = []
    for row in await db.fetch(_LOCKED, list(ids)):
        sealed = db.unseal("arrival", "content_sealed", row["id"], row["content_sealed"])
        of = {"id": row["id"], "failures": row["failures"]}
        if row["source"] == "sms":
            found.append(Arrived(**of, report=msgspec.json.decode(sealed, type=SmsReport)))
        else:
            found.append(Arrived(**of, event=msgspec.json.decode(sealed, type=WeChatEvent)))
    return found


async def done(ids: Sequence[UUID]) -> None:
    """Mark what was dealt with, in the caller's transaction."""
    await db.execute(_DONE, list(ids), clock.now())


async def failed(row_id: UUID, failures: int, reason: str) -> None:
    """Try again later, or give it up and say so."""
    now = clock.now()
    over = failures + 1 >= MOST_FAILURES
    wait = min(_FIRST_WAIT * 2**failures, _LONGEST_WAIT)
    if over:
        _log.error("what arrived as %s cannot be dealt with: %s", row_id, reason)
    state = "dead" if over else "waiting"
    await db.execute(_AGAIN, row_id, failures + 1, reason[:100], now + wait, state, now)
