from __future__ import annotations

import asyncio
from datetime import datetime

import msgspec
import pytest
from sanic import Blueprint

from server.web import access, events, route
from tests.fixtures_web import Client
from tests.server.web.small_app import World


async def test_a_stream_tells_beats_and_ends(small: Client, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "HEARTBEAT", 0.05)
    async with small.session.get(f"{small.base}/small/events", headers={"last-event-id": "41"}) as answer:
        assert answer.headers["content-type"] == "text/event-stream"
        assert answer.headers["x-accel-buffering"] == "no"
        first = await answer.content.readuntil(b"you\n\n")
        assert first == b"retry: 2000\n\nid: after-41\nevent: message\ndata: hello\ndata: you\n\n"
        assert await answer.content.readuntil(b"\n\n") == b": here\n\n"
        world.go_on.set()
        assert (await answer.content.read()).endswith(b"event: end\ndata: bye\n\n")
    assert world.done == ["closed"]


async def test_a_browser_that_leaves_closes_the_source(small: Client, world: World) -> None:
    async with small.session.get(f"{small.base}/small/events") as answer:
        await world.entered.wait()
        answer.close()
    async with asyncio.timeout(30):
        while not world.done:  # noqa: ASYNC110 - a plain list cannot be waited for
            await asyncio.sleep(0.01)
    assert world.done == ["closed"]


class Visit(msgspec.Struct):
    when: list[datetime]


class VisitIn(msgspec.Struct):
    visit: Visit | None = None


def test_a_moment_without_a_zone_stops_the_start() -> None:
    async def visit(body: VisitIn) -> None: ...

    with pytest.raises(TypeError, match=r"Visit\.when: declare it as .*Instant"):
        route(Blueprint("visits"), "POST", "/visits", access=access.public)(visit)
