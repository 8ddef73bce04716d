"""What certificates do by themselves."""

from __future__ import annotations

from datetime import timedelta

from server.features.certificates import service as certificates
from server.ports import Ports, Task


async def _publish_status_list(ports: Ports) -> int:
    await certificates.publish_status_list(ports.signer)
    return 0


async def _sign_again(ports: Ports) -> int:
    await certificates.sign_again(ports.signer)
    return 0


TASKS = [
    # Twice within the minute in which a revocation has to be in the list.
    Task(
        name="certificates.publish_status_list",
        run=_publish_status_list,
        every=timedelta(seconds=20),
        singleton=True,
    ),
    Task(name="certificates.sign_again", run=_sign_again, every=timedelta(seconds=30), singleton=True),
]
