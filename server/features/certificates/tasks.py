"""What certificates do by themselves."""

from __future__ import annotations

from datetime import time, timedelta

from server.features.certificates import service as certificates
from server.ports import Ports, Task


async def _publish_status_list(ports: Ports) -> int:
    await certificates.publish_status_list(ports.signer)
    return 0


async def _sign_again(ports: Ports) -> int:
    await certificates.sign_again(ports.signer)
    return 0


async def _forget_showings(_ports: Ports) -> int:
    await certificates.forget_showings()
    return 0


async def _end_expired(_ports: Ports) -> int:
    return await certificates.end_expired()


async def _remind_of_endings(_ports: Ports) -> int:
    await certificates.remind_of_endings()
    return 0


TASKS = [
    Task(name="certificates.forget_showings", run=_forget_showings, at=time(3, 10), singleton=True),
    Task(name="certificates.end_expired", run=_end_expired, at=time(0, 35), singleton=True),
    Task(name="certificates.remind_of_endings", run=_remind_of_endings, at=time(9, 10), singleton=True),
    # Twice within the minute in which a revocation has to be in the list.
    Task(
        name="certificates.publish_status_list",
        run=_publish_status_list,
        every=timedelta(seconds=20),
        singleton=True,
    ),
    Task(name="certificates.sign_again", run=_sign_again, every=timedelta(seconds=30), singleton=True),
]
