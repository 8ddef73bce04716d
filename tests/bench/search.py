"""`search`: typing into 100,000 items, against one indexed row behind a bare Sanic."""

from __future__ import annotations

import itertools
import random
import time
from urllib.parse import quote

from server import db
from server.features.catalogue import service as catalogue
from tests.bench.load import load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.prove.test_search_100k import ITEMS, fill, typed

STROKES = 4000
ALONE = 600


@row("search")
async def search() -> Figure:
    """Answers per second of `/items/suggest` to what people type; p99 of the search itself, one at a time."""
    async with database() as settings:
        made = await fill(ITEMS)
        strokes = typed(made, STROKES)
        alone = await _alone(random.Random(7).sample(strokes, ALONE))
        asks = itertools.cycle([request("GET", f"/api/v1/items/suggest?q={quote(stroke)}") for stroke in strokes])
        ids = [str(one["id"]) for one in await db.fetch("SELECT id FROM item LIMIT 5000")]
        keys = itertools.cycle([request("GET", f"/?key={one}") for one in ids])
        told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR"}
        port = free_port()
        async with process(port, "server", "web", PORT=str(port), DATABASE_URL="", **told):
            await load(port, lambda: next(asks), seconds=1)
            mine = await load(port, lambda: next(asks))
        port = free_port()
        async with process(port, "tests.bench.bare", "row", str(port), db.address(), "item", "id", "uuid"):
            await load(port, lambda: next(keys), seconds=1)
            limit = await load(port, lambda: next(keys))
    return Figure(
        ours=mine.per_second,
        limit=limit.per_second,
        unit="answers/s",
        more={"p99_ms_alone": round(alone, 2), "p99_ms_64_clients": round(mine.percentile(0.99), 1)},
    )


async def _alone(strokes: list[str]) -> float:
    times = []
    for stroke in strokes:
        started = time.perf_counter()
        await catalogue.suggest(stroke)
        times.append(time.perf_counter() - started)
    return sorted(times)[int(0.99 * len(times))] * 1000
