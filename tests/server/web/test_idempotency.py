from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from server import db
from server.kit import clock, ids
from server.kit.sealing import UnsealError
from server.web import idempotency
from tests.fixtures_web import Client
from tests.server.web.small_app import World

DEEDS = "/small/deeds"


async def deeds() -> int:
    number: int = await db.fetchval("SELECT count(*) FROM web_deed")
    return number


async def claims() -> int:
    number: int = await db.fetchval("SELECT count(*) FROM idempotency_key")
    return number


async def test_a_deed_sent_twice_is_done_once_with_the_same_answer(small: Client, key: dict[str, str]) -> None:
    person = small.as_("citizen:1")
    first = await person.post(DEEDS, json={"text": "a"}, headers=key)
    again = await person.post(DEEDS, json={"text": "a"}, headers=key)
    assert first.status == again.status == 201
    assert first.body == again.body
    assert "idempotency-replayed" not in first.headers
    assert again.headers["idempotency-replayed"] == "true"
    assert again.headers["content-type"] == "application/json"
    assert await deeds() == 1


async def test_twenty_at_once_have_one_effect(small: Client, key: dict[str, str]) -> None:
    person = small.as_("citizen:1")
    answers = await asyncio.gather(*(person.post(DEEDS, json={"text": "a"}, headers=key) for _ in range(20)))
    assert {answer.status for answer in answers} == {201}
    assert len({answer.body for answer in answers}) == 1
    assert sum("idempotency-replayed" not in answer.headers for answer in answers) == 1
    assert await deeds() == 1


async def test_two_processes_meet_in_the_database(
    small: Client, world: World, key: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each request has a waiting room of its own, as requests in two processes have: only the row keeps them apart."""
    rooms = idempotency._Queues.turn
    monkeypatch.setattr(idempotency._Queues, "turn", lambda _self, claim: rooms(idempotency._Queues(), claim))
    person = small.as_("citizen:1")
    first = asyncio.create_task(person.post(DEEDS, json={"text": "slow"}, headers=key))
    await world.entered.wait()
    second = asyncio.create_task(person.post(DEEDS, json={"text": "slow"}, headers=key))
    await asyncio.sleep(0.1)
    assert not second.done()
    world.go_on.set()
    assert (await first).body == (await second).body
    assert (await second).headers["idempotency-replayed"] == "true"
    assert world.done == ["slow"]


async def test_a_changed_body_is_another_deed(small: Client, key: dict[str, str]) -> None:
    person = small.as_("citizen:1")
    await person.post(DEEDS, json={"text": "a"}, headers=key)
    changed = await person.post(DEEDS, json={"text": "b"}, headers=key)
    elsewhere = await person.delete(f"{DEEDS}/a", headers=key)
    assert (changed.status, changed.json["code"]) == (422, "idempotency_key_reused")
    assert (elsewhere.status, elsewhere.json["code"]) == (422, "idempotency_key_reused")
    assert await deeds() == 1


async def test_somebody_elses_equal_key_is_another_key(small: Client, key: dict[str, str]) -> None:
    mine = await small.as_("citizen:1").post(DEEDS, json={"text": "a"}, headers=key)
    theirs = await small.as_("citizen:2").post(DEEDS, json={"text": "a"}, headers=key)
    assert "idempotency-replayed" not in theirs.headers
    assert mine.json["by"] != theirs.json["by"]
    assert await deeds() == 2


async def test_a_refused_deed_leaves_nothing_and_may_be_sent_again(
    small: Client, world: World, key: dict[str, str]
) -> None:
    person = small.as_("citizen:1")
    world.refuse = True
    assert (await person.post(DEEDS, json={"text": "a"}, headers=key)).status == 409
    assert (await deeds(), await claims()) == (0, 0)
    world.refuse = False
    done = await person.post(DEEDS, json={"text": "a"}, headers=key)
    assert (done.status, await deeds()) == (201, 1)


async def test_a_deed_cut_off_in_the_middle_can_be_sent_again(small: Client, world: World, key: dict[str, str]) -> None:
    person = small.as_("citizen:1")
    impatient = asyncio.create_task(person.post(DEEDS, json={"text": "slow"}, headers=key))
    await world.entered.wait()
    impatient.cancel()
    world.go_on.set()
    again = await person.post(DEEDS, json={"text": "slow"}, headers=key)
    assert again.status == 201
    assert await deeds() == 1


async def test_an_empty_answer_is_replayed_empty(small: Client, key: dict[str, str]) -> None:
    person = small.as_("citizen:1")
    first = await person.delete(f"{DEEDS}/a", headers=key)
    again = await person.delete(f"{DEEDS}/a", headers=key)
    assert (first.status, again.status, again.body) == (204, 204, b"")
    assert again.headers["idempotency-replayed"] == "true"


@pytest.mark.parametrize("sent", ["short", "x" * 65, "with space", "schlüssel-123", "tab\tinside"])
async def test_a_key_is_8_to_64_visible_characters(small: Client, sent: str) -> None:
    answer = await small.as_("citizen:1").post(DEEDS, json={"text": "a"}, headers={"idempotency-key": sent})
    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_malformed")
    assert await deeds() == 0


async def test_without_a_key_nothing_is_done(small: Client) -> None:
    answer = await small.as_("citizen:1").post(DEEDS, json={"text": "a"})
    assert (answer.status, answer.json["code"]) == (400, "idempotency_key_missing")
    assert await deeds() == 0


async def test_strangers_need_an_unguessable_key(small: Client, world: World, key: dict[str, str]) -> None:
    path = "/small/strangers-deeds"
    guessable = await small.post(path, json={"text": "a"}, headers={"idempotency-key": "12345678"})
    assert guessable.json["code"] == "idempotency_key_malformed"
    first = await small.post(path, json={"text": "a"}, headers=key)
    again = await small.post(path, json={"text": "a"}, headers=key)
    assert first.body == again.body
    assert world.done == ["a"]


async def test_answers_are_sealed_in_the_database(small: Client, key: dict[str, str]) -> None:
    await small.as_("citizen:1").post(DEEDS, json={"text": "a secret"}, headers=key)
    row = await db.fetchrow("SELECT owner, status, reply_sealed FROM idempotency_key")
    assert row is not None
    assert row["status"] == 201
    assert b"a secret" not in row["reply_sealed"]
    with pytest.raises(UnsealError):
        db.unseal_bytes("idempotency_key", "reply_sealed", "citizen:x/other-key", row["reply_sealed"])


@pytest.mark.usefixtures("clock")
async def test_after_three_days_a_key_is_forgotten(small: Client) -> None:
    person = small.as_("citizen:1")
    old, young = ({"idempotency-key": str(ids.new_id())} for _ in range(2))
    await person.post(DEEDS, json={"text": "a"}, headers=old)
    clock.advance(timedelta(hours=71))
    await person.post(DEEDS, json={"text": "b"}, headers=young)
    assert await idempotency.purge() == 0
    clock.advance(timedelta(hours=1, minutes=1))
    assert timedelta(hours=72) == idempotency.KEPT
    assert (await idempotency.purge(), await claims()) == (1, 1)
