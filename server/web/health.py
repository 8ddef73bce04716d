"""For machines that watch: alive, ready, and numbers."""

from __future__ import annotations

import asyncio
import hmac
from ipaddress import ip_address

import msgspec
from sanic import Blueprint, Request

from server import db
from server.config import Settings
from server.errors import AppError, NotFound, Unavailable
from server.ports import HEARTBEAT_NAME
from server.web import access, metrics
from server.web.replies import Raw
from server.web.routing import route

blueprint = Blueprint("health")
_PATIENCE = 0.9
_FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")


class Health(msgspec.Struct):
    """Nothing but a word: who may look is everybody."""

    status: str = "ok"


@route(blueprint, "GET", "/health/live", access=access.public, limit=None)
async def live() -> Health:
    """Say that the process answers."""
    return Health()


@route(blueprint, "GET", "/health/ready", access=access.public, limit=None)
async def ready() -> Health:
    """Say whether a request would get a database connection now; 503 within a second when not."""
    try:
        async with asyncio.timeout(_PATIENCE):
            await db.fetchval("SELECT 1")
    except (TimeoutError, AppError):
        raise Unavailable("unavailable", retry_after=1) from None
    return Health()


@route(blueprint, "GET", "/metrics", access=access.public, limit=None, hidden=True)
async def show_metrics(request: Request, settings: Settings) -> Raw:
    """Give Prometheus its numbers: on this machine, or with the token. To others there is no such page."""
    if not (_with_token(request, settings.metrics_token) or _from_here(request)):
        raise NotFound
    text = await metrics.exposition()
    return Raw(body=text.encode(), content_type="text/plain; version=0.0.4; charset=utf-8")


def _with_token(request: Request, token: str) -> bool:
    scheme, _, sent = request.headers.get("authorization", "").partition(" ")
    given = sent.strip().encode(errors="surrogateescape")
    return bool(token) and scheme.lower() == "bearer" and hmac.compare_digest(given, token.encode())


def _from_here(request: Request) -> bool:
    # A proxy on this machine asks for others, whether or not it has been named in the settings.
    if any(name in request.headers for name in _FORWARDED):
        return False
    try:
        return ip_address(request.ip).is_loopback
    except ValueError:
        return False


async def _workers() -> float:
    # A worker beats on a connection that bears its name, so the database itself knows who lives.
    alive = await db.fetchval(
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()"
        " AND state_change > clock_timestamp() - interval '20 seconds'",
        HEARTBEAT_NAME,
    )
    return float(alive)


async def _pool_size() -> float:
    return float(db.pool().get_size())


async def _pool_idle() -> float:
    return float(db.pool().get_idle_size())


metrics.gauge("workers", "Worker processes that beat within 20 seconds.", _workers)
metrics.gauge("pool_size", "Open database connections of this process.", _pool_size)
metrics.gauge("pool_idle", "Database connections of this process nobody uses.", _pool_idle)
