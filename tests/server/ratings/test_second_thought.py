"""A rating is changed once, within a day, by whoever gave it; what it was is kept, and so is the work it started."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.features.ratings.models import Rating
from server.ports import Ports
from server.web import asking
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Answer, Client
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate

FINE = {"level": "very_satisfied", "tags": [], "words": "后来解决了。"}


async def change(phone: Client, token: str, **given: Any) -> Answer:
    return await phone.post(f"{RATINGS}/change", json={"token": token} | given, headers=key())


async def until(phone: Client, token: str) -> str | None:
    found: str | None = (await phone.get(f"{RATINGS}/form", params={"token": token})).json["change_until"]
    return found


async def test_bad_becomes_good_and_is_answered_all_the_same(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    assert await until(who.phone, token) is not None
    taken = await change(who.phone, token, **FINE)
    assert (taken.status, taken.json["level"]) == (200, "very_satisfied")
    assert await db.fetchval("SELECT state FROM rectification") == "assigned", "nobody is talked out of an answer"
    kept = await db.fetchrow("SELECT level, tags::text FROM rating_change")
    assert tuple(kept or ()) == ("very_dissatisfied", '["110", "108"]')
    assert (await change(who.phone, token, **FINE)).status == 200, "the same again"
    again = await change(who.phone, token, **WORST)
    assert (again.status, again.json["code"]) == (409, "ratings.not_to_change")
    assert await until(who.phone, token) is None
    steps = [step["name"] for step in (await who.screen())["steps"]]
    assert steps[-3:] == ["ratings.given", "ratings.rectification_opened", "ratings.changed"]


async def test_good_becomes_bad_and_starts_work(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **FINE)
    taken = await change(who.phone, token, **WORST)
    assert taken.json["rectification"] is not None
    row = await Rating.get()
    assert (row.level, row.words) == ("very_dissatisfied", WORST["words"])
    before = await db.fetchval("SELECT words_sealed FROM rating_change")
    assert "后来".encode() not in bytes(before)


async def test_after_a_day_it_stands(client: Client, ports: Ports, clock: Clock) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST)
    clock.advance(hours=24, minutes=1)
    assert await until(who.phone, token) is None
    assert (await change(who.phone, token, **FINE)).json["code"] == "ratings.not_to_change"
    assert await db.fetchval("SELECT level FROM rating") == "very_dissatisfied"


async def test_nobody_else_changes_it(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, token = await finished(client, ports)
    assert (await change(who.phone, token, **FINE)).status == 404, "nothing has been given"
    await rate(who.phone, token, **WORST)
    stranger = client.as_((await as_citizen()).token)
    assert (await change(stranger, token, **FINE)).status == 404
    assert await until(stranger, token) is None
    assert (await change(client, token, **FINE)).status == 404


async def test_what_was_given_without_a_login_is_changed_with_its_secret_alone(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    secret = (await client.get(f"{RATINGS}/form", params={"token": token})).json["secret"]
    await rate(client, token, **WORST, secret=secret)
    for other in (who.phone, client.in_console(who.office.clerk.cookie)):
        assert (await change(other, token, **FINE)).status == 404, "the code proves nothing"
    assert (await change(client, token, **FINE, secret="x" * 22)).status == 404
    desk = client.with_(cookie=f"{asking.DESK_COOKIE}=1")
    assert (await change(desk, token, **FINE, secret=secret)).json["code"] == "ratings.desk_browser"
    form = await client.get(f"{RATINGS}/form", params={"token": token, "secret": secret})
    assert form.json["change_until"] is not None
    assert (await change(client, token, **FINE, secret=secret)).json["level"] == "very_satisfied"
    again = await change(client, token, **WORST, secret=secret)
    assert (again.status, again.json["code"]) == (409, "ratings.not_to_change"), "once"


async def test_what_was_given_without_a_secret_stands(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(client, token, **WORST)
    assert (await change(who.phone, token, **FINE)).status == 404


@pytest.mark.parametrize("wrong", [WORST | {"tags": ["501"]}, {"level": "best"}, WORST | {"words": "x" * 151}])
async def test_what_a_change_may_not_say(client: Client, ports: Ports, wrong: dict[str, Any]) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **FINE)
    assert (await change(who.phone, token, **wrong)).status == 422
    assert await db.fetchval("SELECT count(*) FROM rating_change") == 0


async def test_of_many_at_once_one_counts(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **FINE)
    wishes = [WORST | {"words": f"第{place}次"} for place in range(6)]
    codes = [answer.status for answer in await asyncio.gather(*(change(who.phone, token, **one) for one in wishes))]
    assert sorted(codes) == [200, 409, 409, 409, 409, 409]
    assert await db.fetchval("SELECT count(*) FROM rating_change") == 1
    assert await db.fetchval("SELECT count(*) FROM rectification") == 1
