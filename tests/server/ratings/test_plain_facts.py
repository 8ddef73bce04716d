"""The national reasons word by word, and what nobody is to do too often."""

from __future__ import annotations

import hashlib
import json
import logging
from typing import Any

import pytest

from server.features.ratings.models import Level, Standard
from server.features.ratings.service._tokens import tags_known
from server.ports import BUCKETS, Ports
from server.web import finishing
from tests.factories.booking import key
from tests.fixtures_web import Client
from tests.server.complaints.test_complaints import ASKED, HERE
from tests.server.ratings.test_rating import RATINGS, finished, rate

# What the national set says, as it was published: its wording may be neither added to nor taken from.
PUBLISHED = "2a8ad5173d52a40e63d6fa2dfdf78d981ef18fc2f980c1265d7d924f0744b92e"


def test_the_national_reasons_are_word_for_word_those_that_were_published() -> None:
    ours = [[one.code, one.star, one.name, one.default_shown] for one in tags_known().values()]
    told = json.dumps(sorted(ours), ensure_ascii=False, separators=(",", ":"))
    assert hashlib.sha256(told.encode()).hexdigest() == PUBLISHED


@pytest.mark.parametrize("level", Level)
async def test_every_level_is_asked_for_its_own_eight(client: Client, ports: Ports, level: Level) -> None:
    _, token = await finished(client, ports)
    form = (await client.get(f"{RATINGS}/form", params={"token": token})).json
    [asked] = [one for one in form["levels"] if one["level"] == level.value]
    stars = level.number(Standard.PLATFORM)
    assert (asked["stars"], 6 - level.number(Standard.GB_T_39735)) == (stars, stars), "both numberings, one level"
    own = [tag for tag in tags_known().values() if tag.star == stars]
    assert [(one["code"], one["text"], one["shown"]) for one in asked["tags"]] == [
        (tag.code, tag.name, tag.default_shown) for tag in own
    ]
    assert (len(own), sum(tag.default_shown for tag in own)) == (8, 3)
    for tag in tags_known().values():
        if tag.star != stars:
            wrong = await rate(client, token, level=level.value, tags=[tag.code])
            assert (wrong.status, wrong.json["fields"][0]["path"]) == (422, "tags")
            break
    assert (await rate(client, token, level=level.value, tags=[tag.code for tag in own])).status == 200


async def test_who_rates_or_writes_too_often_is_told_how_long_to_wait(
    client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    _, token = await finished(client, ports)
    # Tests are let through more often than strangers; here nobody is.
    buckets: Any = vars(ports.limits)["_buckets"]
    monkeypatch.setitem(buckets, "rating", BUCKETS["rating"])
    body = {"token": token, "level": "satisfied"}
    for path, wish in (
        (RATINGS, body), (f"{RATINGS}/change", body), (f"{RATINGS}/judge", {"token": token, "satisfied": True}),
        (HERE, ASKED), (f"{HERE}/withdraw", {"token": token}), (f"{HERE}/judge", {"token": token, "satisfied": True}),
    ):  # fmt: skip
        for _ in range(2 * BUCKETS["rating"].most):
            answer = await client.post(path, json=wish, headers=key())
            if answer.status == 429:
                break
        assert (answer.status, answer.json["code"]) == (429, "too_many"), path
        assert 1 <= int(answer.headers["retry-after"]) <= BUCKETS["rating"].seconds


async def test_neither_codes_nor_secrets_are_in_any_log(
    client: Client, ports: Ports, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    _, token = await finished(client, ports)
    secret = (await client.get(f"{RATINGS}/form", params={"token": token})).json["secret"]
    assert (await rate(client, token, level="dissatisfied", secret=secret)).status == 200
    written = (await client.post(HERE, json=ASKED, headers=key())).json["token"]
    for path, query in (
        (f"{RATINGS}/form", {"token": token, "secret": secret}), (f"{RATINGS}/pictures", {"token": token}),
        (f"{HERE}/one", {"token": written}), (f"{HERE}/pictures/{key()['idempotency-key']}", {"token": written}),
    ):  # fmt: skip
        await client.get(path, params=query)
        await client.post(path, params=query)
    finishing.write_lines()
    assert "/ratings/form" in caplog.text, "there is a log"
    for hidden in (token, secret, written):
        assert hidden not in caplog.text
