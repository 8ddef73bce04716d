"""The address book: one's own, checked, sealed, with one usual address at most."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import uuid4

import pytest

from server import db
from server.features.identity import service as identity
from tests.factories.booking import key
from tests.factories.identity import AsCitizen, SomeCitizen
from tests.fixtures_web import Answer, Client

BOOK = "/api/v1/me/addresses"
HOME = {
    "name": "张桂兰",
    "phone": "138 0000 1234",
    "province": "安徽省",
    "city": "阜阳市",
    "county": "颍上县",
    "street": "慎城镇颍河路 12 号",
}


async def add(client: Client, /, **changes: Any) -> Answer:
    return await client.post(BOOK, json=HOME | changes, headers=key())


@pytest.fixture
async def someone(as_citizen: AsCitizen) -> SomeCitizen:
    return await as_citizen()


async def test_added_changed_and_taken_out(client: Client, someone: SomeCitizen) -> None:
    phone = client.as_(someone.token)
    assert (await phone.get(BOOK)).json["items"] == []
    first = await add(phone)
    assert (first.status, first.json["items"][0]["phone"], first.json["items"][0]["usual"]) == (
        201,
        "13800001234",
        True,
    )
    book = (await add(phone, street="解放路 3 号", usual=True)).json["items"]
    assert [(one["street"], one["usual"]) for one in book] == [("解放路 3 号", True), ("慎城镇颍河路 12 号", False)]
    old = book[1]["id"]
    changed = await phone.put(f"{BOOK}/{old}", json=HOME | {"county": "太和县", "usual": True}, headers=key())
    assert [(one["county"], one["usual"]) for one in changed.json["items"]] == [("太和县", True), ("颍上县", False)]
    left = await phone.delete(f"{BOOK}/{old}", headers=key())
    assert [(one["street"], one["usual"]) for one in left.json["items"]] == [("解放路 3 号", True)]
    row = await db.fetchrow("SELECT * FROM address")
    assert row is not None
    assert "解放路".encode() not in bytes(row["place_sealed"])


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("name", " "), ("name", "123"), ("phone", "12345678901"), ("phone", "0558-1234567"), ("province", "安徽"),
        ("province", "Atlantis"), ("city", ""), ("county", "\u202e阜阳"), ("street", "路" * 101),
    ],
)  # fmt: skip
async def test_what_the_post_cannot_read(client: Client, someone: SomeCitizen, field: str, typed: str) -> None:
    refused = await add(client.as_(someone.token), **{field: typed})
    assert (refused.status, [one["path"] for one in refused.json["fields"]]) == (422, [field])


async def test_a_book_is_ones_own(client: Client, someone: SomeCitizen, as_citizen: AsCitizen) -> None:
    mine = (await add(client.as_(someone.token))).json["items"][0]["id"]
    other = client.as_((await as_citizen()).token)
    assert (await other.get(BOOK)).json["items"] == []
    for one in (mine, str(uuid4())):
        assert (await other.put(f"{BOOK}/{one}", json=HOME, headers=key())).status == 404
        assert (await other.delete(f"{BOOK}/{one}", headers=key())).status == 404


async def test_a_book_has_an_end_and_one_usual_address(client: Client, someone: SomeCitizen) -> None:
    phone = client.as_(someone.token)
    for _ in range(18):
        await add(phone)
    said = await asyncio.gather(*(add(phone, usual=True) for _ in range(4)))
    assert sorted(one.status for one in said) == [201, 201, 409, 409]
    assert {one.json["code"] for one in said if one.status == 409} == {"identity.addresses_full"}
    assert await db.fetchrow("SELECT count(*) AS all, count(*) FILTER (WHERE usual) AS usual FROM address") == (20, 1)


async def test_who_is_forgotten_has_no_address(client: Client, someone: SomeCitizen) -> None:
    await add(client.as_(someone.token))
    person_id = someone.actor.person_id
    assert person_id is not None
    async with db.tx():
        await identity.forget_person(person_id, unnamed=True)
    assert await db.fetchval("SELECT count(*) FROM address") == 0
