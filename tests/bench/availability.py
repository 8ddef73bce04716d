"""The free places of a hall for a month, against a bare Sanic that answers a JSON of the same size."""

from __future__ import annotations

import itertools
from statistics import median

from server import db
from tests.bench.load import load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories.booking import bookable

# Many people look, each from an address of their own: what is measured is not the rate limit.
ADDRESSES = 5_000
ROUNDS = 3
PLAIN = request("GET", "/")


@row("availability")
async def availability() -> Figure:
    """Answers per second: 31 days of a hall that is open nine hours a day, in half hours. In turn, three times each."""
    async with database() as settings:
        place = await bookable(capacity=20)
        path = f"/api/v1/availability?item_id={place.item_id}&hall_id={place.hall.id}&days=31"
        asks = itertools.cycle(
            [request("GET", path, headers={"x-real-ip": f"10.0.{turn >> 8}.{turn & 255}"}) for turn in range(ADDRESSES)]
        )
        told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
        port, bare = free_port(), free_port()
        async with process(port, "server", "web", PORT=str(port), REAL_IP_HEADER="x-real-ip", **told):
            size = (await load(port, lambda: next(asks), seconds=1)).size
            async with process(bare, "tests.bench.bare", "json", str(bare), db.address(), str(size)):
                await load(bare, lambda: PLAIN, seconds=1)
                pairs = [
                    (await load(port, lambda: next(asks), seconds=2), await load(bare, lambda: PLAIN, seconds=2))
                    for _ in range(ROUNDS)
                ]
    return Figure(
        ours=median(ours.per_second for ours, _ in pairs),
        limit=median(limit.per_second for _, limit in pairs),
        unit="answers/s",
        more={"bytes": size, "p99_ms": round(median(ours.percentile(0.99) for ours, _ in pairs), 1)},
    )
