"""News for the page: the stream, the polling fallback, and what a page that slept through a restart is told."""

import asyncio

import aiohttp

from tests.server.sandbox.conftest import Json, Sandbox


async def read_events(reply: aiohttp.ClientResponse, count: int) -> list[dict[str, str]]:
    events: list[dict[str, str]] = []
    current: dict[str, str] = {}
    while len(events) < count:
        line = (await asyncio.wait_for(reply.content.readline(), 30)).decode().rstrip("\n")
        if line and not line.startswith(":"):
            name, _, value = line.partition(": ")
            current[name] = value
        elif current:
            events.append(current)
            current = {}
    return events


async def test_stream_tells_what_happens_and_continues_where_it_was_cut(sandbox: Sandbox) -> None:
    async with sandbox.session.get(sandbox.base + "/_sandbox/events") as reply:
        assert reply.content_type == "text/event-stream"
        (hello,) = await read_events(reply, 1)
        assert hello["event"] == "hello"
        await sandbox.accept("booking_result")
        (event,) = await read_events(reply, 1)
        assert event["event"] == "change"
        assert '"kind":"subscription"' in event["data"]
        assert '"phone":"grandma"' in event["data"]
    await sandbox.accept("booking_result", key="worker")
    headers = {"Last-Event-ID": event["id"]}
    async with sandbox.session.get(sandbox.base + "/_sandbox/events", headers=headers) as reply:
        missed = (await read_events(reply, 2))[1]
        assert '"phone":"worker"' in missed["data"]


async def changes(sandbox: Sandbox, **params: str) -> Json:
    return (await sandbox.get("/_sandbox/changes", **params)).json


async def test_polling_waits_for_news(sandbox: Sandbox) -> None:
    since = (await changes(sandbox))["latest"]
    assert await changes(sandbox, since=since) == {"latest": since, "changes": []}
    waiting = asyncio.create_task(changes(sandbox, since=since, wait="60"))
    await asyncio.sleep(0.05)
    await sandbox.accept("booking_result")
    news = await asyncio.wait_for(waiting, 30)
    assert [(change["kind"], change["phone"]) for change in news["changes"]] == [("subscription", "grandma")]
    assert news["latest"] != since


async def test_who_slept_too_long_reads_everything_anew(sandbox: Sandbox) -> None:
    first = (await changes(sandbox))["latest"]
    for _ in range(600):
        sandbox.world.hub.publish("message", "grandma")
    for since in (first, "otherboot.3", "nonsense", ".", f"{first}9999"):
        assert [change["kind"] for change in (await changes(sandbox, since=since))["changes"]] == ["resync"]


async def test_rude_waiting(sandbox: Sandbox) -> None:
    assert (await sandbox.get("/_sandbox/changes", wait="soon")).status == 422
    assert (await sandbox.get("/_sandbox/changes", wait="-5")).status == 200
