"""Five hundred live phones on one hall: how long until the last has heard of a call, and what each costs in memory."""

from __future__ import annotations

import asyncio
import json
import time
from statistics import median
from typing import Any

import psutil  # type: ignore[import-untyped]

from server.features.queue import service as queue
from server.features.queue.models import Ticket
from server.features.thread import service as thread
from tests.bench.load import request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories import catalogue as make
from tests.factories.identity import staff
from tests.factories.queue import line

PHONES = 500
FIRST = 100
ROUNDS = 5
CALM = 2.0
PATIENCE = 30.0
ANSWER_BYTES = 900


class _Phone:
    """One connection that asks again as soon as it has an answer, and notes when that came."""

    def __init__(self, code: str) -> None:
        self._code = code
        self.heard = 0.0
        self.asleep = asyncio.Event()
        self.version = 0

    async def live(self, port: int) -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        while True:
            wait = 25 if self.version else 0
            path = f"/api/v1/places/{self._code}?version={self.version}&wait={wait}"
            writer.write(request("GET", path, headers={"x-real-ip": f"10.1.{self._number >> 8}.{self._number & 255}"}))
            self.asleep.set()
            head = await reader.readuntil(b"\r\n\r\n")
            length = int(head.lower().split(b"content-length:")[1].split(b"\r\n")[0])
            seen: dict[str, Any] = json.loads(await reader.readexactly(length))
            self.asleep.clear()
            self.heard = time.perf_counter()
            if "version" not in seen:
                raise RuntimeError(f"a phone was refused: {seen}")
            self.version = seen["version"]

    @property
    def _number(self) -> int:
        return int.from_bytes(self._code.encode()[-2:])


async def _echoed(port: int) -> float:
    """The limit: so many bare connections of this machine, each sent as many bytes at once; seconds to the last."""
    writers: list[asyncio.StreamWriter] = []
    everybody = asyncio.Event()

    def comes(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        if len(writers) == PHONES:
            everybody.set()

    async with await asyncio.start_server(comes, "127.0.0.1", port):
        opened = [await asyncio.open_connection("127.0.0.1", port) for _ in range(PHONES)]
        await everybody.wait()
        began = time.perf_counter()
        for writer in writers:
            writer.write(b"x" * ANSWER_BYTES)
        await asyncio.gather(*(reader.readexactly(ANSWER_BYTES) for reader, _ in opened))
        took = time.perf_counter() - began
        for writer in (*writers, *(mine for _, mine in opened)):
            writer.close()
    return took


@row("live_fanout")
async def live_fanout() -> Figure:
    """Updates a second that could reach all phones: one over the seconds until the last has heard. Ends at 1 s."""
    async with database() as settings:
        hall = await make.county()
        await line(hall.id, PHONES)
        codes = [
            await thread.issue_code("ticket", ticket.id)
            for ticket in await Ticket.filter(hall_id=hall.id).order_by("-rank_at")
        ]
        clerk = (await staff("clerk", hall=hall.id)).actor
        windows = [await make.window(hall, number) for number in range(1, ROUNDS + 1)]
        told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
        port = free_port()
        async with process(port, "server", "web", PORT=str(port), REAL_IP_HEADER="x-real-ip", **told):
            phones = [_Phone(code) for code in codes]
            living = [asyncio.create_task(phone.live(port)) for phone in phones[:FIRST]]
            await _calm(phones[:FIRST])
            # What the first cost is the house; what the others cost is theirs.
            before = _resident(port)
            living += [asyncio.create_task(phone.live(port)) for phone in phones[FIRST:]]
            await _calm(phones)
            each = (_resident(port) - before) / (PHONES - FIRST)
            took = []
            for window in windows:
                began = time.perf_counter()
                await queue.call_next(clerk, window.id)
                await _all_heard(phones, began)
                took.append(max(phone.heard for phone in phones) - began)
                await _calm(phones)
                # Whoever has been called stays as they are; the others go on moving up.
                phones.pop()
            for life in living:
                life.cancel()
            await asyncio.gather(*living, return_exceptions=True)
        limit = median([await _echoed(free_port()) for _ in range(ROUNDS)])
    return Figure(
        ours=1 / median(took),
        limit=1 / limit,
        unit="updates/s",
        more={
            "phones": PHONES,
            "last_heard_ms": " ".join(str(round(one * 1000)) for one in took),
            "kb_each": round(each / 1024, 1),
        },
    )


async def _all_heard(phones: list[_Phone], since: float) -> None:
    end = since + PATIENCE
    while any(phone.heard < since for phone in phones):
        if time.perf_counter() > end:
            raise RuntimeError("somebody never heard")
        await asyncio.sleep(0.01)


async def _calm(phones: list[_Phone]) -> None:
    """Wait until every phone waits again and none has heard anything for a while."""
    end = time.perf_counter() + PATIENCE
    while time.perf_counter() < end:
        await asyncio.sleep(0.1)
        newest = max(phone.heard for phone in phones)
        if all(phone.version and phone.asleep.is_set() for phone in phones) and time.perf_counter() - newest > CALM:
            return
    raise RuntimeError("the phones never came to rest")


def _resident(port: int) -> int:
    """Sum what the web process and its workers hold in memory."""
    for found in psutil.process_iter():
        try:
            if any(one.laddr.port == port and one.status == "LISTEN" for one in found.net_connections(kind="tcp")):
                family = [found, *found.children(recursive=True)]
                return sum(int(one.memory_info().rss) for one in family)
        except (psutil.Error, OSError):
            continue
    raise RuntimeError("nobody listens there")
