"""How sending goes, read from tallies and from the ends of indexes: no question here grows with what was ever sent."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from server import db
from server.actor import Staff
from server.features.push.models import Channel
from server.features.push.service._causes import cause_of
from server.features.push.service._log import require_county
from server.features.push.service._shown import ChannelHealth, Health, Share, TemplateHealth
from server.features.push.service._templates import templates
from server.kit import clock

if TYPE_CHECKING:
    from asyncpg import Record

MOST_COUNTED = 1000
# WeChat's own daily limit for a mini-program that takes no payments.
QUOTA = {Channel.WECHAT: 10_000_000}
FEW_AGREE = 0.8
# Longer than the longest month, so that the figures of one are counted when it is whole.
KEPT = timedelta(days=40)

_SUMS = """
    SELECT channel, template, sum(sent)::int AS sent, sum(in_time)::int AS in_time,
           sum(not_agreed)::int AS not_agreed, sum(refused)::int AS refused, sum(dead)::int AS dead,
           sum(too_late)::int AS too_late
    FROM push_tally WHERE created_at > $1 GROUP BY channel, template
"""
# The head of each priority's line: one step of the index each.
_OLDEST = """
    SELECT min(head.run_at) FROM generate_series(1, 9) AS rank (priority), LATERAL (
        SELECT run_at FROM outbox
        WHERE channel = $1 AND outbox.priority = rank.priority AND state = 'pending'
        ORDER BY run_at LIMIT 1) head
    WHERE head.run_at <= $2
"""
# In the index's order, so that it is read from the index whatever the planner believes of the table.
_WAITING = """
    SELECT count(*) FROM (
        SELECT FROM outbox WHERE channel = $1 AND state = 'pending' ORDER BY priority, run_at LIMIT $2) AS found
"""
_CHANNELS = "SELECT name, paused_until, probing, reason FROM channel"
_FOLD = """
    WITH loose AS (
        DELETE FROM push_tally WHERE id = ANY(ARRAY(
            SELECT id FROM push_tally
            WHERE created_at > $1 AND created_at < $2 AND created_at <> date_trunc('minute', created_at) LIMIT 20000))
        RETURNING *)
    INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)
    SELECT date_trunc('minute', created_at), channel, template, sum(sent), sum(in_time), sum(not_agreed), sum(refused),
           sum(dead), sum(too_late)
    FROM loose GROUP BY 1, 2, 3
"""
_FORGET = "DELETE FROM push_tally WHERE created_at < $1"


async def health(actor: Staff) -> Health:
    """Show how each channel does now, in the last hour and today, and which templates people no longer agree to."""
    await require_county(actor)
    now = clock.now()
    midnight = now.astimezone(clock.SHANGHAI).replace(hour=0, minute=0, second=0, microsecond=0)
    hour, today = await db.fetch(_SUMS, now - timedelta(hours=1)), await db.fetch(_SUMS, midnight)
    week = await db.fetch(_SUMS, now - timedelta(days=7))
    known = {row["name"]: row for row in await db.fetch(_CHANNELS)}
    return Health(
        channels=[await _channel(channel, known.get(channel.value), hour, today) for channel in Channel],
        templates=_few_agree(week),
    )


async def fold_tallies() -> int:
    """Put the tallies of past minutes together, one row a minute and template, and forget what is older than `KEPT`."""
    now = clock.now()
    done = await db.execute(_FOLD, now - timedelta(hours=2), now.replace(second=0, microsecond=0))
    await db.execute(_FORGET, now - KEPT)
    # Folding makes rows too; there is more to do only when a round was full.
    return int(done.rpartition(" ")[2]) if done.endswith(" 20000") else 0


async def _channel(channel: Channel, row: Record | None, hour: list[Record], today: list[Record]) -> ChannelHealth:
    now = clock.now()
    reason = None if row is None else row["reason"]
    paused: datetime | None = None if row is None else row["paused_until"]
    sent = _share(channel, today)
    waiting = await db.fetchval(_WAITING, channel.value, MOST_COUNTED + 1)
    quota = QUOTA.get(channel)
    return ChannelHealth(
        name=channel.value,
        state="resting" if paused is not None and paused > now else "probing" if row and row["probing"] else "open",
        paused_until=paused if paused is not None and paused > now else None,
        code=reason,
        cause=cause_of("dead", reason),
        waiting=min(waiting, MOST_COUNTED),
        more=waiting > MOST_COUNTED,
        oldest=await db.fetchval(_OLDEST, channel.value, now),
        hour=_share(channel, hour),
        today=sent,
        left=None if quota is None else max(quota - sent.sent, 0),
    )


def _share(channel: Channel, rows: list[Record]) -> Share:
    mine = [row for row in rows if row["channel"] == channel.value]
    sums = {name: sum(row[name] for row in mine) for name in ("sent", "in_time", "not_agreed", "refused", "dead")}
    return Share(**sums, too_late=sum(row["too_late"] for row in mine))


def _few_agree(rows: list[Record]) -> list[TemplateHealth]:
    """List templates whose agreements run out: where WeChat could have carried a message and was not allowed to."""
    known = templates()
    found = [
        TemplateHealth(
            name=row["template"],
            title=known[row["template"]].title,
            long_term=known[row["template"]].long_term,
            sent=row["sent"],
            not_agreed=row["not_agreed"],
        )
        for row in rows
        if row["channel"] == Channel.WECHAT.value and row["template"] in known and row["not_agreed"]
    ]
    wanting = [one for one in found if one.sent < FEW_AGREE * (one.sent + one.not_agreed)]
    return sorted(wanting, key=lambda one: -one.not_agreed)
