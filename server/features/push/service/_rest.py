"""Ending a channel's rest before its time: somebody has seen to what it rested for."""

from __future__ import annotations

from server import db
from server.features.push.models import Channel
from server.features.push.service._causes import cause_of
from server.features.push.service._send import WAKE
from server.kit import clock

_RESTING = "SELECT reason FROM channel WHERE name = $1 AND paused_until > $2 FOR UPDATE"
# It stays `probing`: one message finds out whether the channel works, before the many.
_END = "UPDATE channel SET paused_until = $2, probing = true WHERE name = $1"
# What was refused or put back then waits for the end of the rest. Whoever waits for less has not long to wait.
_GO_ON = "UPDATE outbox SET run_at = $2 WHERE channel = $1 AND state = 'pending' AND run_at > $2"


@db.transactional
async def end_rest(channel: Channel, cause: str) -> bool:
    """Let a channel that rests for this cause (one of CAUSES) try again now; gives whether one did."""
    now = clock.now()
    reason = await db.fetchval(_RESTING, channel.value, now)
    if reason is None or cause_of("dead", reason) != cause:
        return False
    await db.execute(_END, channel.value, now)
    await db.execute(_GO_ON, channel.value, now)
    db.after_commit(_wake)
    return True


async def _wake() -> None:
    await db.notify(WAKE)
