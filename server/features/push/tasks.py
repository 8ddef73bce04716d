"""The worker's rounds of sending."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.push import service as push
from server.ports import Ports, Task


async def _by_wechat(ports: Ports) -> int:
    return await push.deliver(ports, push.Channel.WECHAT)


async def _by_service_account(ports: Ports) -> int:
    return await push.deliver(ports, push.Channel.SERVICE)


async def _by_sms(ports: Ports) -> int:
    return await push.deliver(ports, push.Channel.SMS)


async def _by_bare_sms(ports: Ports) -> int:
    return await push.send_bare(ports.sms)


async def _say_due(_ports: Ports) -> int:
    return await push.say_due()


async def _hear(ports: Ports) -> int:
    return await push.hear(ports)


async def _pull_reports(ports: Ports) -> int:
    return await push.pull_reports(ports)


async def _ask_reports(ports: Ports) -> int:
    return await push.ask_reports(ports)


async def _match_receipts(_ports: Ports) -> int:
    return await push.match_receipts()


async def _patience(_ports: Ports) -> int:
    return await push.lose_patience()


async def _forget(_ports: Ports) -> int:
    return await push.forget_reports() + await push.forget_events() + await push.forget_arrivals()


async def _fold(_ports: Ports) -> int:
    return await push.fold_tallies()


async def _feed(_ports: Ports) -> int:
    return await push.feed_broadcasts()


TASKS = [
    Task(name="push.wechat", run=_by_wechat, every=timedelta(seconds=1), wake=push.WAKE),
    Task(name="push.service", run=_by_service_account, every=timedelta(seconds=1), wake=push.WAKE),
    Task(name="push.sms", run=_by_sms, every=timedelta(seconds=1), wake=push.WAKE),
    Task(name="push.bare", run=_by_bare_sms, every=timedelta(seconds=20), wake=push.BARE_WAKE),
    Task(name="push.due", run=_say_due, every=timedelta(seconds=1)),
    # One at a time, so that what a person does is heard in the order it was done.
    Task(name="push.hear", run=_hear, every=timedelta(seconds=2), singleton=True, wake=push.ARRIVED),
    Task(name="push.reports", run=_pull_reports, every=timedelta(minutes=1), singleton=True),
    Task(name="push.unheard", run=_ask_reports, every=timedelta(minutes=1), singleton=True),
    Task(name="push.receipts", run=_match_receipts, every=timedelta(seconds=5), singleton=True),
    Task(name="push.patience", run=_patience, every=timedelta(seconds=10), singleton=True),
    Task(name="push.broadcast", run=_feed, every=timedelta(seconds=2)),
    Task(name="push.fold", run=_fold, every=timedelta(minutes=1), singleton=True),
    Task(name="push.forget", run=_forget, at=time(3, 20), singleton=True),
]
