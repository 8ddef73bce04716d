"""Handing in an application over HTTP, beside a bare handler that writes the same rows in one statement.

Ours keeps every promise made to a phone: who asks, the key of the deed and its stored answer, the guide's rules, five
answers and three stored files, the steps and the clock. The limit is Sanic and one statement over as many rows of the
same tables in the same database, as durably. Three pairs, in turn, and the median of their ratios: on a machine that
others use, neighbours in time are what can be compared.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from server import db
from server.config import Settings
from server.features.cases.models import Case
from server.features.documents.models import File, FileState
from server.features.thread.models import Thread, ThreadState
from server.features.thread.service._number import format_number
from server.kit import clock, ids
from tests.bench.booking import Somebody, crowd
from tests.bench.load import Rate, load, request
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.factories.cases import Office, office
from tests.factories.catalogue import COUNTY

CLIENTS = 32
ROUNDS = 3
SECONDS = 2.0
WARM_UP = 0.5
# More than can be handed in in the time: everybody once by us, and as many by the limit.
OURS, LIMIT = 9_000, 16_000
AT_ONCE = 500
FILES = 3
QUESTIONS: list[dict[str, Any]] = [
    {"key": "name", "label": "姓名", "type": "name", "required": True},
    {"key": "phone", "label": "电话", "type": "phone", "required": True},
    {"key": "home", "label": "住址", "type": "address", "required": True},
    {"key": "since", "label": "起始日", "type": "date", "required": True},
    {"key": "reason", "label": "理由", "type": "long_text", "required": True, "max_length": 200},
]
ANSWERS = {
    "name": "王小明",
    "phone": "13800000001",
    "home": "颍上县慎城镇一路1号",
    "since": "2026-01-05",
    "reason": "年满八十",
}


@dataclass(frozen=True, slots=True)
class Written:
    """An application that waits to be handed in."""

    owner: Somebody
    case: UUID
    files: list[UUID]


@row("submit")
async def submit() -> Figure:
    """Applications per second: five answers, three stored files, 32 phones, everybody once."""
    async with database() as settings:
        at = await office(form=QUESTIONS)
        ours = iter(await _written(at, OURS))
        bare = iter(await _written(at, LIMIT, first=OURS))
        await db.execute("ANALYZE")
        pairs = await _pairs(settings, at, ours, bare)
        handed_in = await db.fetchval("SELECT count(*) FROM step WHERE data ? 'case_id'")
    rate, limit = sorted(pairs, key=lambda pair: pair[0].per_second / pair[1].per_second)[len(pairs) // 2]
    return Figure(
        ours=rate.per_second,
        limit=limit.per_second,
        unit="applications/s",
        more={
            "p99_ms": round(rate.percentile(0.99), 1),
            "ratios": " ".join(f"{one.per_second / base.per_second:.2f}" for one, base in pairs),
            "handed_in": handed_in,
            "refused": sum(n for one, _ in pairs for status, n in one.statuses.items() if status != 200),
            "load": round(os.getloadavg()[0], 1),
        },
    )


async def _pairs(
    settings: Settings, at: Office, ours: Iterator[Written], bare: Iterator[Written]
) -> list[tuple[Rate, Rate]]:
    told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
    told["WEB_WORKERS"] = "1"
    port, other = free_port(), free_port()
    # One worker each: the rate limit is by account, and everybody hands in once.
    async with (
        process(port, "server", "web", PORT=str(port), **told),
        process(other, "tests.bench.bare", "submit", str(other), db.address()),
    ):

        async def measured(seconds: float) -> tuple[Rate, Rate]:
            limit = await load(other, lambda: _plain(next(bare)), clients=CLIENTS, seconds=seconds)
            rate = await load(port, lambda: _ask(at, next(ours)), clients=CLIENTS, seconds=seconds)
            return rate, limit

        await measured(WARM_UP)
        return [await measured(SECONDS) for _ in range(ROUNDS)]


def _ask(at: Office, one: Written) -> bytes:
    body = {
        "form": ANSWERS,
        "materials": [{"key": "id_card", "file_id": file} for file in one.files],
        "version": 1,
        "delivery": {"method": "counter", "hall_id": at.hall.id},
    }
    headers = {"authorization": f"Bearer {one.owner.token}", "idempotency-key": ids.token()}
    return request("POST", f"/api/v1/cases/{one.case}/submit", msgspec.json.encode(body), headers)


def _plain(one: Written) -> bytes:
    return request("POST", "/", msgspec.json.encode({"case": one.case, "files": one.files, "key": ids.token()}))


async def _written(at: Office, count: int, first: int = 0) -> list[Written]:
    """Write drafts as phones would have left them, some hundreds at a time."""
    people = await crowd(count, first)
    made: list[Written] = []
    for start in range(0, count, AT_ONCE):
        rows = [_draft(at, one, first + place) for place, one in enumerate(people[start : start + AT_ONCE], start)]
        await Thread.bulk_create([thread for thread, _, _ in rows])
        await Case.bulk_create([case for _, case, _ in rows])
        await File.bulk_create([file for _, _, files in rows for file in files])
        made += [
            Written(owner, case.id, [file.id for file in files])
            for owner, (_, case, files) in zip(people[start : start + AT_ONCE], rows, strict=True)
        ]
    return made


def _draft(at: Office, one: Somebody, number: int) -> tuple[Thread, Case, list[File]]:
    item, now = at.guide.item, clock.now()
    thread = Thread(
        created_at=now,
        updated_at=now,
        number=format_number(COUNTY, clock.today(), number),
        region_code=item.region_code,
        item_id=item.id,
        title=item.name,
        person_id=one.person,
        account_id=one.account,
        state=ThreadState.OPEN,
        status_data={},
    )
    case = Case(
        thread_id=thread.id,
        item_id=item.id,
        guide_id=at.guide.id,
        department_id=at.guide.department.id,
        region_code=item.region_code,
        person_id=one.person,
        account_id=one.account,
    )
    case.form = {}
    files = [File(account_id=one.account, person_id=one.person, state=FileState.KEPT) for _ in range(FILES)]
    for file in files:
        file.name = "身份证.jpg"
        file.media_type, file.size, file.digest, file.has_thumb = "image/jpeg", 1000, b"0" * 32, False
    return thread, case, files
