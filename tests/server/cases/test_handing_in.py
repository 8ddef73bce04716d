"""A plain application is handed in by few statements, for many at once; whatever is not plain goes step by step."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from server import db
from server.features.cases.schemas import SubmitIn
from server.features.cases.service import _handing
from server.features.catalogue.schemas import MaterialRule
from server.ports import Ports
from tests.factories.booking import key
from tests.factories.cases import CASES, Applicant, begun, office
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Answer, Client

# Reading the matters, reading their files, writing everything. It was 37 once; more is a step back.
MOST = 3
# What a worker asks again once a second, however many come: the guide, its item and department, its halls, the days.
KEPT = 5
_ROWS = {
    "case_record": "id, thread_id, created_at, updated_at, submitted_at, moved_at, form_sealed, delivery_sealed, told,"
    " person_id, account_id, saved_by, claimed_at, routed_at",
    "material": "id, case_id, file_id, created_at",
    "file": "id, account_id, person_id, thread_id, held_for, created_at, name_sealed, digest",
    "clock": "id, created_at, thread_id",
    "step": "id, thread_id, at, actor_id, data",
    "thread": "id, number, created_at, updated_at, person_id, account_id, tail_index, status_data",
}


Spoil = Callable[[Applicant, Applicant], Awaitable[dict[str, Any]]]


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every statement that PostgreSQL is sent from now on."""
    sent: list[str] = []

    def counting(name: str) -> None:
        ask = getattr(asyncpg.Connection, name)

        async def counted(self: asyncpg.Connection, statement: str, *args: object, **options: object) -> object:
            sent.append(statement)
            found: object = await ask(self, statement, *args, **options)
            return found

        monkeypatch.setattr(asyncpg.Connection, name, counted)

    for name in ("fetch", "fetchrow", "fetchval", "execute", "executemany"):
        counting(name)
    return sent


@pytest.fixture
def step_by_step(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From the call on nothing is handed in by the statement."""

    async def no(*_: object) -> None:
        return None

    def off() -> None:
        monkeypatch.setattr(_handing.batcher, "ask", no)

    return off


async def rows_of(who: Applicant) -> dict[str, list[dict[str, Any]]]:
    """Read what an application has left in the tables, without what differs from one to the next."""
    found = {}
    for table, own in _ROWS.items():
        place = {"case_record": "id = $1", "material": "case_id = $1", "thread": "id = $2"}.get(table, "thread_id = $2")
        order = "id" if table == "step" else "created_at"
        rows = await db.fetch(
            f"SELECT * FROM {table} AS t WHERE {place} AND ($1::uuid, $2::uuid) IS NOT NULL ORDER BY {order}",
            who.id, who.thread_id,
        )  # fmt: skip
        found[table] = [
            {name: value for name, value in dict(row).items() if name not in own.split(", ")} for row in rows
        ]
        for name in own.split(", "):
            found[f"{table}.{name}"] = [{"set": dict(row)[name] is not None} for row in rows]
    return found


async def test_handing_in_asks_as_little_as_it_did(
    client: Client, ports: Ports, asked: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office()
    monkeypatch.setattr(_handing, "KEPT_FOR", timedelta(minutes=5))  # however slowly this runs
    _handing._served.clear()
    counts = []
    for _ in range(2):
        who = await begun(client, ports, at)
        application = await who.application()
        asked.clear()
        assert (await who.post("submit", application)).status == 200
        counts.append(len(asked))
    assert counts[1] <= MOST, asked
    assert counts[0] <= MOST + KEPT


async def test_those_who_hand_in_at_once_share_the_statements(
    client: Client, ports: Ports, asked: list[str], as_citizen: AsCitizen
) -> None:
    at = await office()
    crowd = [await begun(client, ports, at, await as_citizen()) for _ in range(12)]
    applications = [await who.application() for who in crowd]
    asked.clear()
    answers = await asyncio.gather(*(who.post("submit", one) for who, one in zip(crowd, applications, strict=True)))
    assert {answer.status for answer in answers} == {200}
    assert [answer.json["id"] for answer in answers] == [who.case["id"] for who in crowd]
    assert len(asked) < len(crowd) * MOST
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == len(crowd)


@pytest.mark.parametrize("authorised", [True, False])
async def test_both_ways_leave_the_same_rows_and_give_the_same_answer(
    client: Client, ports: Ports, step_by_step: Callable[[], None], as_citizen: AsCitizen, *, authorised: bool
) -> None:
    at = await office()
    if not authorised:
        # A window that may only receive passes it on at once.
        await db.execute("UPDATE authorisation SET kind = 'receive'")
    answers, rows = [], []
    for way in ("statement", "steps"):
        who = await begun(client, ports, at, await as_citizen(name="张桂兰"))
        application = await who.application()
        # A draft that had papers, some of which are not handed in.
        dropped = await who.picture("#222222")
        held = [*application["materials"], {"key": "id_card", "file_id": str(dropped.id)}]
        await who.post("draft", {"form": {}, "materials": held, "version": 1})
        if way == "steps":
            step_by_step()
        answer = await who.post("submit", application | {"version": 2})
        assert answer.status == 200, answer.text
        again = (await who.phone.get(f"{CASES}/{who.id}")).json
        assert answer.json | {"saved_at": ""} == again | {"saved_at": ""}
        assert await db.fetchval("SELECT held_for FROM file WHERE id = $1", dropped.id) is None
        rows.append(await rows_of(who))
        files = [{**one, "files": len(one["files"])} for one in answer.json["materials"]]
        own = {"id", "thread_id", "number", "saved_at", "materials", "age"}
        answers.append({name: value for name, value in answer.json.items() if name not in own} | {"files": files})
    assert answers[0] == answers[1]
    assert rows[0] == rows[1]
    assert [one["name"] for one in rows[0]["step"]][-1] == ("cases.submitted" if authorised else "cases.routed")
    assert rows[0]["case_record.routed_at"] == [{"set": not authorised}]


async def somebody_elses_file(who: Applicant, other: Applicant) -> dict[str, Any]:
    file = await other.picture("#333333")
    return await who.application(materials=[{"key": "id_card", "file_id": str(file.id)}])


async def file_in_use(who: Applicant, other: Applicant) -> dict[str, Any]:
    application = await who.application()
    await taken_by(other)
    return application


async def taken_by(other: Applicant) -> None:
    """Let another matter have every file that serves none."""
    await db.execute("UPDATE file SET held_for = $1 WHERE held_for IS NULL AND thread_id IS NULL", other.thread_id)


async def unanswered(who: Applicant, _: Applicant) -> dict[str, Any]:
    return await who.application(form={})


async def old_version(who: Applicant, _: Applicant) -> dict[str, Any]:
    return await who.application(version=7)


async def wrong_hall(who: Applicant, _: Applicant) -> dict[str, Any]:
    return await who.application(delivery={"method": "counter", "hall_id": who.case["id"]})


REFUSED: list[tuple[Spoil, int, str]] = [
    (somebody_elses_file, 404, "documents.file_missing"),
    (file_in_use, 409, "documents.file_in_use"),
    (unanswered, 422, "invalid_input"),
    (old_version, 409, "cases.newer_elsewhere"),
    (wrong_hall, 422, "invalid_input"),
]


@pytest.mark.parametrize(("spoil", "status", "code"), REFUSED)
async def test_what_is_refused_leaves_nothing_behind_and_takes_nobody_along(
    client: Client, ports: Ports, as_citizen: AsCitizen, spoil: Spoil, status: int, code: str
) -> None:
    at = await office()
    # The third hands nothing in: whoever does lets go of what they held and did not hand in.
    bad, good, third = [await begun(client, ports, at, await as_citizen()) for _ in range(3)]
    spoilt, fine = await spoil(bad, third), await good.application()
    refused, done = await asyncio.gather(bad.post("submit", spoilt), good.post("submit", fine))
    assert (refused.status, refused.json["code"]) == (status, code)
    assert done.status == 200
    left = await rows_of(bad)
    assert (left["case_record"][0]["state"], left["clock"], left["material"]) == ("draft", [], [])
    assert await db.fetchval("SELECT count(*) FROM idempotency_key WHERE status IS NULL") == 0


async def test_one_key_is_one_deed_and_another_body_is_refused(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())
    application, once = await who.application(), key()

    async def send(body: dict[str, Any]) -> Answer:
        return await who.phone.post(f"{CASES}/{who.id}/submit", json=body, headers=once)

    first, second = await asyncio.gather(send(application), send(application))
    assert (first.status, second.status) == (200, 200)
    assert first.json == second.json
    third = await send(application)
    assert (third.status, third.json, third.headers["idempotency-replayed"]) == (200, first.json, "true")
    other = await send(application | {"version": 9})
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == 1


async def test_what_changes_after_it_was_read_is_looked_at_again(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch, as_citizen: AsCitizen
) -> None:
    """Between reading and writing another matter takes the file: the statement lets go, the steps say why."""
    at = await office()
    who, other = [await begun(client, ports, at, await as_citizen()) for _ in range(2)]
    application = await who.application()
    write = _handing._write

    async def late(*args: Any) -> set[UUID]:
        await taken_by(other)
        return await write(*args)

    monkeypatch.setattr(_handing, "_write", late)
    answer = await who.post("submit", application)
    assert (answer.status, answer.json["code"]) == (409, "documents.file_in_use")
    left = await rows_of(who)
    assert (left["case_record"][0]["state"], left["clock"], left["material"]) == ("draft", [], [])


async def test_an_item_withdrawn_a_moment_ago_is_refused(client: Client, ports: Ports) -> None:
    at = await office()
    first, second = await begun(client, ports, at), None
    assert (await first.post("submit", await first.application())).status == 200
    second = await begun(client, ports, at)
    application = await second.application()
    await db.execute("UPDATE item SET active = false WHERE id = $1", at.item_id)
    answer = await second.post("submit", application)
    assert (answer.status, answer.json["code"]) == (409, "cases.item_withdrawn")


def test_whoever_adds_to_an_application_decides_whether_it_is_still_plain() -> None:
    """The statement knows of these, or leaves an application that has them to the steps: look at `_handing` first."""
    assert set(SubmitIn.__struct_fields__) == {
        "form", "materials", "version", "delivery", "subscriptions", "pledges", "references",
    }  # fmt: skip
    assert set(MaterialRule.__struct_fields__) == {
        "key", "name", "kind", "source", "need", "medium", "originals", "copies", "exempt", "certificate_type",
        "standards", "note", "when", "pledge", "by_reference", "reuse_months", "stands_for",
        "pixels",
    }  # fmt: skip
