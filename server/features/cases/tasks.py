"""What cases do by themselves."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.cases import service as cases
from server.ports import Ports, Task


async def _close_idle(_ports: Ports) -> int:
    return await cases.close_idle()


async def _deem_accepted(_ports: Ports) -> int:
    return await cases.deem_accepted()


async def _end_uncorrected(_ports: Ports) -> int:
    return await cases.end_uncorrected()


async def _end_unsigned(_ports: Ports) -> int:
    return await cases.end_unsigned()


async def _route_stranded(_ports: Ports) -> int:
    return await cases.route_stranded()


async def _resume_ended(_ports: Ports) -> int:
    return await cases.resume_ended()


async def _remind_of_corrections(_ports: Ports) -> int:
    # What was reminded of stays due: a second round at once would look at the same and never end.
    await cases.remind_of_corrections()
    return 0


async def _end_unseen(_ports: Ports) -> int:
    return await cases.end_unseen()


async def _remind_of_originals(_ports: Ports) -> int:
    await cases.remind_of_originals()
    return 0


async def _end_unsupplemented(_ports: Ports) -> int:
    return await cases.end_unsupplemented()


async def _remind_of_supplements(_ports: Ports) -> int:
    await cases.remind_of_supplements()
    return 0


async def _rule(ports: Ports) -> int:
    return await cases.rule_next(ports)


TASKS = [
    Task(name="cases.rule", run=_rule, every=timedelta(seconds=2), wake=cases.WAKE),
    Task(name="cases.route_stranded", run=_route_stranded, at=time(0, 30), singleton=True),
    Task(name="cases.end_unsigned", run=_end_unsigned, at=time(0, 5), singleton=True),
    Task(name="cases.deem_accepted", run=_deem_accepted, at=time(0, 10), singleton=True),
    Task(name="cases.end_uncorrected", run=_end_uncorrected, at=time(0, 20), singleton=True),
    Task(name="cases.resume_ended", run=_resume_ended, at=time(0, 15), singleton=True),
    Task(name="cases.end_unsupplemented", run=_end_unsupplemented, at=time(0, 25), singleton=True),
    Task(name="cases.end_unseen", run=_end_unseen, at=time(0, 35), singleton=True),
    Task(name="cases.remind_of_originals", run=_remind_of_originals, at=time(9, 10), singleton=True),
    Task(name="cases.remind_of_supplements", run=_remind_of_supplements, at=time(9, 5), singleton=True),
    Task(name="cases.remind_of_corrections", run=_remind_of_corrections, at=time(9, 0), singleton=True),
    Task(name="cases.close_idle", run=_close_idle, at=time(0, 40), singleton=True),
]
