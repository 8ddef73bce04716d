"""What holds for every list of the desk: found, sorted, paged, taken away and kept to whose it is."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass, field, replace
from typing import Any

import aiohttp
import pytest

from server import db
from server.config import Settings
from server.console import registers
from server.console.registers import Laid, Register
from server.features.identity import service as identity
from server.kit.cells import safe
from server.kit.spoken import spoken
from server.ports import Ports
from tests.clean_state import CleanState
from tests.fixtures_web import Client, Serving
from tests.server.console.desk import Desk, at_desk
from tests.server.console.register_rows import Filled, end_all, filled

AT = "zh-CN"
# What is sorted by its state is not sorted by the word for it, nor what never ends by the nothing that stands there.
_BY_MORE = {"state", "power", "kind", "until"}


@dataclass(frozen=True, slots=True)
class Listed:
    """A list: who reads it, and the column by which a row of it is looked for; "" where the list has its own ways."""

    path: str
    role: str
    deed: str
    sought: str = "number"
    query: dict[str, Any] = field(default_factory=dict)


EVERY = (
    Listed("pledges", "reviewer", "cases.checks_exported"),
    Listed("rulings", "reviewer", "cases.rulings_exported", query={"list": "person"}),
    Listed("reports", "reviewer", "cases.reports_exported", "label"),
    Listed("batches", "clerk", "cases.batches_exported"),
    Listed("post", "clerk", "cases.parcels_exported", "waybill"),
    Listed("authorisations", "reviewer", "cases.exported"),
    Listed("delegations", "reviewer", "cases.exported"),
    Listed("seals", "reviewer", "documents.seals_exported"),
    Listed("certificates", "reviewer", "certificates.exported", ""),
    Listed("results", "clerk", "delivery.shelf_exported"),
    Listed("complaints", "reviewer", "complaints.exported"),
    Listed("rectifications", "reviewer", "ratings.rectifications_exported", "department"),
    Listed("bookings", "clerk", "booking.day_exported"),
    Listed("messages", "administrator", "push.messages_exported"),
    Listed("messages/broadcasts", "hall_manager", "push.broadcasts_exported", "what"),
    Listed("guides/standards", "administrator", "catalogue.standards_exported", "code"),
    Listed("halls", "administrator", "catalogue.halls_exported", "name"),
    Listed("staff", "administrator", "identity.staff_exported", "username"),
    Listed("audit", "auditor", "audit.exported", "", {"action": "cases.accepted"}),
    Listed("assignments/samples", "supervisor", "supervision.samples_exported", "first_on"),
    Listed("delivered", "reviewer", "delivery.delivered_exported"),
)


@pytest.fixture
def seen(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Register[Any], Laid[Any]]]:
    """Every page as it was laid, two rows each."""
    monkeypatch.setattr(registers, "SHOWN", 2)
    pages: list[tuple[Register[Any], Laid[Any]]] = []
    lay = Register.laid

    async def watched(self: Register[Any], *asked: Any) -> Laid[Any]:
        pages.append((self, found := await lay(self, *asked)))
        return found

    monkeypatch.setattr(Register, "laid", watched)
    return pages


async def table(desk: Desk, one: Listed, **query: Any) -> list[list[str]]:
    answer = await desk.browser.get(f"/console/{one.path}/export", params={**one.query, **query})
    assert answer.status == 200, answer.text[:300]
    return list(csv.reader(io.StringIO(answer.body.decode("utf-8-sig"))))[1:]


async def turned(desk: Desk, one: Listed, seen: list[tuple[Register[Any], Laid[Any]]], **query: Any) -> list[list[Any]]:
    """Turn all pages by their own links, and give what stands in their cells."""
    path, asked, rows = f"/console/{one.path}", {**one.query, **query}, []
    while True:
        seen.clear()
        page = await desk.sees(path, **asked)
        ((register, laid),) = seen
        rows += [[column.cell(row, AT) for column in register.columns] for row in laid.rows]
        following = re.search(r'href="([^"]+)" data-page="next"', page)
        if following is None:
            return rows
        path, asked = following[1].replace("&amp;", "&"), {}


def said(rows: list[list[Any]]) -> list[list[str]]:
    return [[safe(spoken(AT, cell)) for cell in row] for row in rows]


@pytest.fixture(scope="module")
async def phone(
    serving: Serving, http_session: aiohttp.ClientSession, settings: Settings, _clean_state: CleanState
) -> Client:
    """A phone that is not logged in, over a database that the tests of this module share."""
    await _clean_state.restore()
    identity.serve(settings.region)
    return Client(serving.base, http_session, {"accept-language": AT})


@pytest.fixture(scope="module")
async def county(phone: Client, ports: Ports) -> Filled:
    """Reading lists uses nothing up; only what was delivered is ended, last."""
    return await filled(phone, ports)


@pytest.mark.parametrize("one", EVERY, ids=lambda one: one.path)
async def test_every_list(
    phone: Client, county: Filled, one: Listed, seen: list[tuple[Register[Any], Laid[Any]]]
) -> None:
    if one.path == "bookings":
        one = replace(one, query={"day": str(county.day)})
    if one.path == "delivered":
        await end_all()
    await _holds(phone, county, one, seen)


async def _holds(client: Client, county: Filled, one: Listed, seen: list[tuple[Register[Any], Laid[Any]]]) -> None:
    desk = at_desk(client, county.here[one.role])
    before = await _taken(one)
    rows = await turned(desk, one, seen)
    columns = seen[0][0].columns
    lines = await table(desk, one)
    assert lines == said(rows), f"{one.path}: the table is what the pages show"
    assert len(rows) >= 3, f"{one.path}: several pages"
    assert len(await _taken(one)) == len(before) + 1, one.path
    assert (await _taken(one))[-1] == len(lines), f"{one.path}: how much was taken is on record"
    for place, column in enumerate(columns):
        if column.by:
            up, down = [await turned(desk, one, seen, sort=f"{sign}{column.by}") for sign in ("", "-")]
            assert said(down) == said(up)[::-1] or one.path == "guides/standards", f"{one.path} by {column.by}"
            assert sorted(said(up)) == sorted(lines), f"{one.path} by {column.by}: every row, and each once"
            keys = [row[place] for row in up if row[place] is not None]
            assert keys == sorted(keys) or column.by in _BY_MORE, f"{one.path} by {column.by}: {keys}"
            assert said(up) == await table(desk, one, sort=column.by), f"{one.path} by {column.by}: the table too"
    if one.sought:
        names = [{column.by, column.heading.rpartition(".")[2]} for column in columns]
        place = next(place for place, known in enumerate(names) if one.sought in known)
        words = next(line[place] for line in lines if line[place])
        hits = await table(desk, one, q=words)
        assert hits == [line for line in lines if words in line[place]], f"{one.path}: {words}"
        assert await table(desk, one, q="登月") == [], one.path
        assert "没有符合条件" in await desk.sees(f"/console/{one.path}", **one.query, q="登月"), one.path
    stranger = at_desk(client, county.away[one.role])
    answer = await stranger.browser.get(f"/console/{one.path}/export", params=one.query)
    # Whoever answers for the county's staff sees those of others as well, who see themselves.
    ours = [",".join(line) for line in lines if "颍东区" not in "".join(line)]
    assert answer.status == 403 or not [line for line in ours if line in answer.text], f"{one.path}: theirs"


async def _taken(one: Listed) -> list[int]:
    rows = await db.fetch("SELECT detail FROM audit_entry WHERE action = $1 ORDER BY created_at, id", one.deed)
    return [json.loads(row["detail"])["lines"] for row in rows]
