"""The worker's rounds of sending."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.push import service as push
from server.ports import Ports, Task


async def _by_wechat(ports: Ports) -> int:
    return await push.deliver(ports, push.Channel.WECHAT)


async def _by_sms(ports: Ports) -> int:
    return await push.deliver(ports, push.Channel.SMS)


async def _patience(_ports: Ports) -> int:
    return await push.lose_patience()


async def _forget_reports(_ports: Ports) -> int:
    return await push.forget_reports()


TASKS = [
    Task(name="push.wechat", run=_by_wechat, every=timedelta(seconds=1), wake=push.WAKE),
    Task(name="push.sms", run=_by_sms, every=timedelta(seconds=1), wake=push.WAKE),
    Task(name="push.patience", run=_patience, every=timedelta(seconds=10), singleton=True),
    Task(name="push.forget_reports", run=_forget_reports, at=time(3, 20), singleton=True),
]
