"""20,000 messages from the outbox to the sandbox, every state written, beside a bare loop of the same POSTs."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count
from uuid import UUID

import aiohttp
import msgspec

from server import db, wiring
from server.adapters import wechat
from server.config import Settings
from server.features.push import service as push
from server.features.push.service._send import Payload
from server.kit import clock, garbage
from server.kit.ids import new_id
from server.ports import Ports
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process

MESSAGES = 20_000
IN_FLIGHT = 64
ROUNDS = 5
TEMPLATE = push.templates()["booking_result"]
VALUES = {
    "item": "居民身份证换领",
    "result": "预约成功",
    "time": "2026年11月23日 09:00~09:30",
    "place": "县政务服务中心",
    "note": "请带好原件，提前十分钟到",
}
PAGE = "features/booking/pages/detail?id=0199d2f0-0000-7000-8000-000000000000"
_rounds = count()


@row("push_drain")
async def run() -> Figure:
    """Measure both in turn; of so many pairs the one with the middle ratio is told."""
    port = free_port()
    async with database() as settings, process(port, "server.sandbox", "--port", str(port)) as base:
        people = await _people(base)
        api = wechat.make(_pointed(settings, base))
        ports = replace(wiring.ports(settings), wechat=api)
        garbage.settle()  # as the worker does, and for both
        pairs = []
        for _ in range(ROUNDS):
            limit = await _bare(base, people, await api._client.tokens.get())
            pairs.append((await _drained(ports, people), limit))
        await api.close()
    ours, limit = sorted(pairs, key=lambda pair: pair[0] / pair[1])[len(pairs) // 2]
    ratios = " ".join(f"{rate / base:.2f}" for rate, base in pairs)
    return Figure(
        ours=ours, limit=limit, unit="messages/s", more={"ratios": ratios, "load": round(os.getloadavg()[0], 1)}
    )


def _pointed(settings: Settings, base: str) -> Settings:
    return replace(
        settings,
        wechat_api_base=base,
        wechat_appid="wxonetripdemo00001",
        wechat_secret="onetripdemosecret000000000000001",
    )


async def _people(base: str) -> list[tuple[UUID, str]]:
    """Make the same people here and in the sandbox: account and openid."""
    people = [(new_id(), f"o{number:027d}") for number in range(MESSAGES)]
    now = clock.now()
    await _copy(
        "account",
        ("id", "created_at", "locale", "openid_sealed", "openid_index"),
        [
            (account, now, "zh-CN", db.seal("account", "openid_sealed", account, openid), db.blind_index("x", openid))
            for account, openid in people
        ],
    )
    await _copy(
        "subscription_credit",
        ("id", "created_at", "account_id", "template_id", "balance"),
        [(new_id(), now, account, TEMPLATE.id, 1_000) for account, _ in people],
    )
    async with aiohttp.ClientSession(base) as session:
        await _done(session.patch("/_sandbox/account", json={"send_latency": 0}))
        for first in range(0, MESSAGES, 2_000):
            openids = [openid for _, openid in people[first : first + 2_000]]
            phones = [
                {"key": openid, "name": "x", "phone_number": f"1{openid[-10:]}", "openid": openid, "hidden": True}
                for openid in openids
            ]
            await _done(session.post("/_sandbox/phones", json=phones))
            credit = [{"openid": openid, "template_id": TEMPLATE.id, "count": 1_000} for openid in openids]
            await _done(session.post("/_sandbox/credits", json=credit))
    return people


async def _done(request: aiohttp.client._RequestContextManager) -> None:
    async with request as reply:
        if reply.status >= 400:
            raise RuntimeError(f"the sandbox answered {reply.status}: {await reply.text()}")


async def _bare(base: str, people: Sequence[tuple[UUID, str]], token: str) -> float:
    """The limit: the same bodies from a list, nothing remembered."""
    bodies = iter([_body(openid) for _, openid in people])
    url = f"{base}/cgi-bin/message/subscribe/send?access_token={token}"
    sent = 0

    async def sender(session: aiohttp.ClientSession) -> None:
        nonlocal sent
        for body in bodies:
            async with session.post(url, data=body, headers={"content-type": "application/json"}) as reply:
                answer = msgspec.json.decode(await reply.read())
            sent += answer["errcode"] == 0

    async with aiohttp.ClientSession() as session:
        began = time.perf_counter()
        await asyncio.gather(*(sender(session) for _ in range(IN_FLIGHT)))
        took = time.perf_counter() - began
    if sent != MESSAGES:
        raise RuntimeError(f"only {sent} of {MESSAGES} were taken")
    return sent / took


def _body(openid: str) -> bytes:
    data = {TEMPLATE.fields[name]: {"value": value} for name, value in VALUES.items()}
    return msgspec.json.encode(
        {"touser": openid, "template_id": TEMPLATE.id, "page": PAGE, "data": data, "lang": "zh_CN"}
    )


async def _drained(ports: Ports, people: Sequence[tuple[UUID, str]]) -> float:
    """Ours: claimed, sent, recorded, paid for."""
    await _filled(people)
    began = time.perf_counter()
    while await push.deliver(ports, push.Channel.WECHAT):
        pass
    took = time.perf_counter() - began
    states = [one["state"] for one in await db.fetch("SELECT DISTINCT state FROM outbox")]
    if states != ["sent"]:
        raise RuntimeError(f"not everything was sent: {states}")
    return MESSAGES / took


async def _filled(people: Sequence[tuple[UUID, str]]) -> None:
    now, turn = clock.now(), next(_rounds)
    deadline = now + timedelta(days=3)
    inbox, outbox = [], []
    payload = Payload(page=PAGE, template="booking_result", values=VALUES)
    for account, _ in people:
        inbox_id, row_id = new_id(), new_id()
        inbox.append((inbox_id, now, "bench.said", f"round {turn}", account, "/x", b""))
        sealed = db.seal_json("outbox", "payload_sealed", row_id, payload)
        said = (row_id, now, inbox_id, "wechat", "bench.said", account, "booking_result", sealed)
        outbox.append((*said, 5, now, deadline, True, True))
    await _copy("inbox", ("id", "created_at", "kind", "event", "account_id", "page", "text_sealed"), inbox)
    columns = ("id", "created_at", "inbox_id", "channel", "kind", "account_id", "template", "payload_sealed")
    await _copy("outbox", (*columns, "priority", "run_at", "deadline", "retry_unknown", "sms"), outbox)
    await db.execute("ANALYZE inbox, outbox, account, subscription_credit")


async def _copy(table: str, columns: tuple[str, ...], rows: Sequence[tuple[object, ...]]) -> None:
    async with db.tx() as connection:
        await connection.copy_records_to_table(table, records=rows, columns=columns)
