"""How often one may ask. A route names a bucket; the store behind `ports.limits` counts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.actor import Actor, Citizen, Staff
from server.errors import TooMany
from server.kit.addresses import neighbourhood
from server.ports import BUCKETS, Ports

if TYPE_CHECKING:
    from sanic import Request


async def check(request: Request, bucket: str, actor: Actor) -> None:
    """Count one attempt of the asker. Raises TooMany."""
    await count(request.app.ctx.ports, bucket, subject(actor))


async def count(ports: Ports, bucket: str, counted: str) -> None:
    """Count one attempt at something, whoever makes it: `counted` names what is tried. Raises TooMany."""
    wait = await ports.limits.take(bucket, counted)
    if wait:
        raise TooMany("too_many", retry_after=wait)


def subject(actor: Actor) -> str:
    """Name who is counted: the account, or the address of somebody not logged in."""
    if isinstance(actor, Citizen):
        return f"c{actor.account_id}"
    if isinstance(actor, Staff):
        return f"s{actor.staff_id}"
    return f"a{neighbourhood(actor.address)}"


def known(bucket: str) -> str:
    """Refuse at start a bucket that does not exist."""
    if bucket not in BUCKETS:
        msg = f"no rate limit is called {bucket}; there are {', '.join(sorted(BUCKETS))}"
        raise ValueError(msg)
    return bucket
