from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import pytest
from sanic import Sanic

import server.app
from server import db
from server.config import Settings
from server.web import finishing
from server.web.serving import listen
from tests.fixtures_web import Client, serve
from tests.server.web.small_app import World


@pytest.fixture
def lines(caplog: pytest.LogCaptureFixture) -> pytest.LogCaptureFixture:
    caplog.set_level(logging.INFO)
    return caplog


async def test_a_sane_request_id_is_kept_and_any_other_replaced(small: Client) -> None:
    kept = await small.get("/small/mine", headers={"x-request-id": "proxy-12345678"})
    assert kept.headers["x-request-id"] == kept.json["request_id"] == "proxy-12345678"
    for sent in ("short", "x" * 65, 'a"},{"b', "../../etc/passwd"):
        answer = await small.get("/small/mine", headers={"x-request-id": sent})
        assert answer.headers["x-request-id"] != sent


async def test_the_access_log_knows_the_route_but_not_the_person(
    small: Client, lines: pytest.LogCaptureFixture
) -> None:
    await small.as_("citizen:1").get("/small/things/01890a5d-ac96-774b-bcce-b302099a8057?name=张三")
    await small.get("/somebody/340826199001011234?name=张三")
    finishing.write_lines()
    told = [
        json.loads(line)
        for record in lines.records
        if record.name == "server.access"
        for line in record.message.splitlines()
    ]
    assert [(line["method"], line["route"], line["status"]) for line in told] == [
        ("GET", "/small/things/{thing_id}", 200),
        ("GET", "-", 404),
    ]
    assert set(told[0]) == {"method", "route", "status", "ms", "request_id"}
    assert told[0]["ms"] >= 0


async def test_a_bug_is_told_without_its_words_and_logged_without_data(
    small: Client, lines: pytest.LogCaptureFixture
) -> None:
    answer = await small.get("/small/boom?phone=13800138000", headers={"authorization": "Bearer citizen:secret"})
    assert (answer.status, answer.json["code"]) == (500, "internal")
    assert "Traceback" not in answer.text
    assert answer.json["request_id"] in lines.text
    assert "RuntimeError" in lines.text
    assert "in boom" in lines.text
    for secret in ("340826199001011234", "李秀英", "13800138000", "citizen:secret"):
        assert secret not in lines.text
        assert secret not in answer.text


async def test_a_full_disk_is_no_bug(small: Client) -> None:
    answer = await small.get("/small/full-disk")
    assert (answer.status, answer.json["code"]) == (507, "storage_full")
    assert answer.headers["retry-after"]


async def test_a_wrong_method_names_the_right_ones(small: Client) -> None:
    answer = await small.put("/small/notes", json={})
    assert (answer.status, answer.json["code"], answer.headers["allow"]) == (405, "method_not_allowed", "POST")
    assert (await small.request("BREW", "/small/notes")).status in (404, 405)


async def test_answers_protect_whoever_reads_them(small: Client) -> None:
    api = await small.get("/health/live")
    assert api.headers["cache-control"] == "no-store"
    assert api.headers["x-content-type-options"] == "nosniff"
    assert api.headers["referrer-policy"] == "no-referrer"
    phone = (await small.get("/nothing", headers={"accept": "text/html"})).headers["content-security-policy"]
    desk = (await small.get("/console/login")).headers["content-security-policy"]
    assert "default-src 'self'" in phone
    assert "frame-ancestors 'self' http://127.0.0.1:8001 http://localhost:8001" in phone
    assert "frame-ancestors 'none'" in desk
    assert "unsafe-eval" not in phone + desk
    assert "script-src 'self';" in desk
    assert "media-src 'self' https:;" in phone, "a guide's film plays"
    assert "media-src 'self';" in desk
    assert "connect-src 'self';" in phone
    assert "connect-src 'self' http://127.0.0.1:8001 http://localhost:8001;" in desk, (
        "a demo's phones hear of its codes"
    )


async def test_in_production_nobody_frames_us(settings: Settings) -> None:
    finish = server.app._finish(replace(settings, env="production", public_url="https://yizhan.example.gov.cn"))
    assert "frame-ancestors 'none'" in finish._csp
    assert "connect-src 'self';" in finish._console_csp
    assert finish._https


async def test_a_spoofed_address_counts_only_from_a_named_proxy(
    small: Client, world: World, settings: Settings, make_small: Callable[[Settings], Sanic[Any, Any]]
) -> None:
    spoofed = {"x-forwarded-for": "9.9.9.9, 8.8.8.8", "forwarded": "for=7.7.7.7", "x-real-ip": "6.6.6.6"}
    await small.post("/small/notes", json={"text": "a"}, headers=spoofed)
    assert world.seen[-1].address == "127.0.0.1"

    running = await serve(make_small(replace(settings, proxies_count=1)))
    try:
        await replace(small, base=running.base).post("/small/notes", json={"text": "a"}, headers=spoofed)
    finally:
        await running.stop()
    assert world.seen[-1].address == "8.8.8.8"


async def test_a_client_that_hangs_up_leaks_no_connection(
    small: Client, world: World, lines: pytest.LogCaptureFixture
) -> None:
    parts = urlsplit(small.base)

    async def hang_up(pause: float) -> None:
        _, writer = await asyncio.open_connection(parts.hostname, parts.port)
        body = b'{"text": "slow"}'
        writer.write(
            b"POST /small/deeds HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer citizen:1\r\n"
            b"Idempotency-Key: hang-up-%d\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%s"
            % (round(pause * 1e6) + 10**7, len(body), body)
        )
        await writer.drain()
        await asyncio.sleep(pause)
        writer.transport.abort()

    before = db.pool().get_size() - db.pool().get_idle_size()
    for round_ in range(10):
        await asyncio.gather(*(hang_up(0.001 * number + round_ * 1e-5) for number in range(12)))
    async with asyncio.timeout(30):
        while db.pool().get_size() - db.pool().get_idle_size() != before:  # noqa: ASYNC110 - the last rollbacks
            await asyncio.sleep(0.01)
    assert (await small.get("/health/ready")).status == 200
    assert not world.done
    # Over TCP, asyncpg's cancel requests leave futures behind that asyncio mentions; nothing of ours may complain.
    assert not [record for record in lines.records if record.levelno >= logging.WARNING and record.name != "asyncio"]


async def test_rubbish_on_the_line_is_a_quiet_400(small: Client) -> None:
    parts = urlsplit(small.base)
    for rubbish in (
        b"\x16\x03\x01\x02\x00\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: x\r\n\r\n",
    ):
        reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
        writer.write(rubbish)
        head = await asyncio.wait_for(reader.readuntil(b"\r\n"), 30)
        assert b" 400 " in head
        writer.close()


async def test_ready_says_no_within_a_second_when_the_pool_is_exhausted(small: Client) -> None:
    pool = db.pool()
    taken = [await pool.acquire() for _ in range(pool.get_max_size())]
    try:
        began = asyncio.get_running_loop().time()
        answer = await small.get("/health/ready")
        assert (answer.status, answer.json["code"]) == (503, "unavailable")
        assert asyncio.get_running_loop().time() - began < 1.5
        assert (await small.get("/health/live")).status == 200
    finally:
        for connection in taken:
            await pool.release(connection)
    assert (await small.get("/health/ready")).status == 200


def test_a_taken_port_is_noticed() -> None:
    first = listen("127.0.0.1", 0)
    try:
        with pytest.raises(OSError, match="in use"):
            listen("127.0.0.1", first.getsockname()[1])
    finally:
        first.close()
