"""A bad rating is as easy as a good one, counts once, starts work with a clock, and names nobody."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from server import db
from server.features.catalogue import service as catalogue
from server.features.delivery import service as delivery
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.ratings.schemas import DeskRectification
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable, key
from tests.factories.cases import SIGNED, Applicant, office, ready
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Answer, Client

RATINGS = "/api/v1/ratings"
WORST = {"level": "very_dissatisfied", "tags": ["110", "108"], "words": "等了两个小时。"}


async def finished(client: Client, ports: Ports, **guide: Any) -> tuple[Applicant, str]:
    """Somebody whose result is in their hands, and the token of its rating."""
    who, code = await ready(client, ports, await office(**guide))
    await delivery.hand_over(who.office.clerk.actor, code, identity_checked=True, signature=SIGNED)
    token: str = (await who.screen())["rating"]["token"]
    return who, token


async def rate(client: Client, token: str, **given: Any) -> Answer:
    return await client.post(RATINGS, json={"token": token} | given)


async def work(as_staff: AsStaff) -> list[DeskRectification]:
    return (await (await ratings.rectifications((await as_staff("supervisor")).actor)).page()).items


async def test_one_star_from_end_to_end(client: Client, ports: Ports, as_staff: AsStaff, clock: Clock) -> None:
    who, token = await finished(client, ports)
    form = (await client.get(f"{RATINGS}/form", params={"token": token})).json
    assert [level["stars"] for level in form["levels"]] == [5, 4, 3, 2, 1]
    assert {len(level["tags"]) for level in form["levels"]} == {8}
    assert {sum(tag["shown"] for tag in level["tags"]) for level in form["levels"]} == {3}
    assert (form["given"], form["department"], form["subject"]) == (None, "颍上县公安局", "case")
    taken = await rate(client, token, **WORST)
    assert taken.status == 200, taken.text
    assert taken.json["level"] == "very_dissatisfied"
    rows = await work(as_staff)
    assert [(row.days_left, row.light, row.words) for row in rows] == [(7, "green", "等了两个小时。")]
    assert len(rows[0].tags) == 2
    matter = await who.screen()
    assert [step["name"] for step in matter["steps"]][-2:] == ["ratings.given", "ratings.rectification_opened"]
    assert matter["rating"] == {"token": None, "given": True, "subject": "case", "answer_token": None}
    seen = (await client.get(f"{RATINGS}/form", params={"token": token})).json
    assert (seen["rated"], seen["given"], seen["secret"]) == (True, None, None), "the code does not say what was given"


async def test_the_officers_list_names_nobody(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    assert (await rate(who.phone, token, **WORST)).status == 200
    shown = json.dumps([{f: str(getattr(row, f)) for f in row.__struct_fields__} for row in await work(as_staff)])
    for secret in (who.someone.name, "张*兰", who.someone.number, who.someone.phone, str(who.someone.account_id)):
        assert json.dumps(secret)[1:-1] not in shown
    row = await db.fetchrow("SELECT words_sealed FROM rating")
    assert row is not None
    assert "两个小时".encode() not in bytes(row["words_sealed"])


async def test_seven_days_and_their_lights(client: Client, ports: Ports, as_staff: AsStaff, clock: Clock) -> None:
    _, token = await finished(client, ports)
    await rate(client, token, **WORST)
    lights = []
    for _ in range(9):
        row = (await work(as_staff))[0]
        lights.append((row.days_left, row.light))
        clock.advance(days=1)
    assert lights == [
        (7, "green"), (6, "green"), (5, "green"), (4, "amber"), (3, "amber"),
        (2, "red"), (1, "red"), (0, "red"), (-1, "red"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("level", "works"),
    [("very_satisfied", 0), ("satisfied", 0), ("fairly_satisfied", 0), ("dissatisfied", 1), ("very_dissatisfied", 1)],
)
async def test_only_the_two_lowest_start_work(
    client: Client, ports: Ports, as_staff: AsStaff, level: str, works: int
) -> None:
    _, token = await finished(client, ports)
    taken = await rate(client, token, level=level)
    assert (taken.status, taken.json["rectification"] is not None) == (200, bool(works))
    assert len(await work(as_staff)) == works


async def test_the_same_again_is_the_same_and_another_is_refused(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    first = await rate(client, token, **WORST)
    assert (await rate(client, token, **WORST)).json == first.json
    assert (await rate(client, token, **WORST | {"tags": ["108", "110", "108"]})).json == first.json
    for other in ({"level": "very_satisfied"}, WORST | {"words": "算了"}, WORST | {"tags": []}):
        refused = await rate(client, token, **other)
        assert (refused.status, refused.json["code"]) == (409, "ratings.already_given")
    assert await db.fetchval("SELECT level FROM rating") == "very_dissatisfied"


async def test_what_a_rating_may_not_say(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    for given in (
        {"level": "best"},
        {"level": "1"},
        {},
        WORST | {"tags": ["501"]},
        WORST | {"tags": ["999"]},
        WORST | {"tags": ["110"] * 9},
        WORST | {"words": "长" * 151},
        WORST | {"words": "a\u0000"},
        WORST | {"stars": 1},
    ):
        assert (await rate(client, token, **given)).status == 422, given
    assert await db.fetchval("SELECT state FROM rating") == "open"
    assert (await rate(client, token, **WORST | {"words": "长" * 150})).status == 200


async def test_a_double_tap_counts_once(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    _, token = await finished(client, ports)
    answers = await asyncio.gather(*(rate(client, token, **WORST) for _ in range(6)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(await work(as_staff)) == 1
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'ratings.given'") == 1


async def test_two_who_differ_at_once_leave_one_answer(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    answers = await asyncio.gather(rate(client, token, **WORST), rate(client, token, level="very_satisfied"))
    assert sorted(answer.status for answer in answers) == [200, 409]
    bad = await db.fetchval("SELECT count(*) FROM rectification")
    assert bad == (await db.fetchval("SELECT level FROM rating") == "very_dissatisfied")


async def test_codes_that_rate_nothing(client: Client, ports: Ports) -> None:
    who, _ = await finished(client, ports)
    notice = await db.fetchval("SELECT code FROM notice LIMIT 1")
    for token in ("nonsense", notice, who.case["id"]):
        for answer in (
            await rate(client, token, **WORST),
            await client.get(f"{RATINGS}/form", params={"token": token}),
        ):
            assert (answer.status, answer.json["code"]) == (404, "codes.unknown")


async def test_a_visit_is_rated_too_and_nothing_is_given_by_default(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place = await bookable(confirmation="auto", online=False, mail=False)
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    made = await phone.post(
        "/api/v1/bookings", json={"item_id": str(place.item_id), "slot_id": str(slot.id)}, headers=key()
    )
    clock.set(slot.starts_at)
    await phone.post("/api/v1/check-ins", json={"token": await queue.hall_token(place.hall.id)}, headers=key())
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    called = await queue.call_next(clerk, (await catalogue.windows(place.hall.id))[0].id)
    assert called is not None
    await queue.finish(clerk, called)
    matter = (await phone.get(f"/api/v1/threads/{made.json['thread_id']}")).json
    # What cannot be applied for online was done at the window: the matter ends with the visit, and has one rating.
    assert (matter["state"], matter["rating"]["subject"], matter["rating"]["given"]) == ("closed", "visit", False)
    clock.advance(days=90)
    assert await db.fetchval("SELECT count(*) FROM rating WHERE level IS NOT NULL") == 0
    assert (
        await ratings.token_of(clerk, (await db.fetchval("SELECT thread_id FROM rating"))) == matter["rating"]["token"]
    )


async def test_work_is_seen_by_whose_it_is(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who, token = await finished(client, ports)
    await rate(client, token, **WORST)
    own = await as_staff("reviewer", department=who.office.guide.department.id)
    other = await as_staff("reviewer", department=(await make.department("housing")).id)
    assert len((await (await ratings.rectifications(own.actor)).page()).items) == 1
    assert (await (await ratings.rectifications(other.actor)).page()).items == []
