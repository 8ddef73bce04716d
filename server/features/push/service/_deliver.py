"""The worker's part: sends what the outbox holds, and goes on to the next way where one ends."""

from __future__ import annotations

import logging

from server import db
from server.features.push.models import Channel, Reason
from server.features.push.service import _claim as outbox
from server.features.push.service import _ladder as ladder
from server.features.push.service._breaker import PROBE_EVERY, Breaker, Streak
from server.features.push.service._pump import Pump, Width
from server.features.push.service._senders import Sender, ServiceSender, SmsSender, WeChatSender
from server.kit import clock
from server.ports import Ports

IN_FLIGHT = {Channel.WECHAT: 64, Channel.SERVICE: 32, Channel.SMS: 8}
# Kept from round to round: what a process has shown it can carry.
WIDTHS = {channel: Width(most) for channel, most in IN_FLIGHT.items()}
STREAKS = {channel: Streak() for channel in Channel}
_SENDERS: dict[Channel, type[Sender]] = {sender.channel: sender for sender in (WeChatSender, ServiceSender, SmsSender)}

_log = logging.getLogger(__name__)


async def deliver(ports: Ports, channel: Channel) -> int:
    """Do one round on a channel and give the number of messages dealt with."""
    swept = await sweep(channel)
    state = await outbox.state_of(channel)
    if state.paused:
        return swept
    if state.probing and not await outbox.take_probe(channel, clock.now() + PROBE_EVERY):
        return swept
    if state.probing:
        WIDTHS[channel].narrow()
    sender = _SENDERS[channel](ports, Breaker(channel, STREAKS[channel], probing=state.probing))
    pump = Pump(
        claim=sender.claim,
        send=sender.send,
        record=sender.record,
        release=ladder.released,
        interrupted=lambda row: ladder.doubted(row, Reason.ANSWER_LOST),
        broken=ladder.broken,
        stopping=ports.stopping,
        width=WIDTHS[channel],
    )
    return swept + await pump.run()


@db.transactional
async def sweep(channel: Channel) -> int:
    """Settle messages whose worker has gone: they may have been sent, so they count as doubted."""
    done = [(row, ladder.doubted(row, Reason.ANSWER_LOST)) for row in await outbox.lapsed(channel)]
    await outbox.record(done)
    for row, outcome in done:
        _log.warning("message %s: the worker that held it is gone, it is now %s", row.id, outcome.state.value)
        await ladder.next_way(row, outcome, channel)
    return len(done)


async def lose_patience() -> int:
    """End what is of no use any more, and go on by the next way with what one has kept waiting for too long."""
    return sum([await outbox.overdue(channel) + await _impatient(channel) for channel in Channel])


@db.transactional
async def _impatient(channel: Channel) -> int:
    rows = await outbox.impatient(channel, paused=(await outbox.state_of(channel)).paused)
    for row in rows:
        await ladder.next_way(row, ladder.refused(row, Reason.PAUSED), channel)
    return len(rows)
