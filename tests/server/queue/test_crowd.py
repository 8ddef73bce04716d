"""Busy now and when to come: from what has happened, and nothing where too little has."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from server.features.queue import service as queue
from server.features.queue.service import _crowd, _pace
from server.kit import clock
from tests.factories import catalogue as make
from tests.factories.booking import bookable
from tests.factories.queue import line, served
from tests.fixtures_web import Client

ALL_DAY = {"walk_in_from": 0, "walk_in_until": 24 * 60, "every_day": True}


async def past(hall_id: UUID, weeks: int, quiet_hour: int) -> None:
    """On every working day of so many weeks: four an hour from nine to noon, and one in a quiet hour."""
    today, number = clock.today(), 0
    for back in range(1, weeks * 7 + 1):
        day = today - timedelta(days=back)
        for hour in (9, 10, 11):
            for minute in range(1 if hour == quiet_hour else 4):
                number += 1
                at = datetime.combine(day, time(hour, minute * 10), clock.SHANGHAI)
                await served(hall_id, at, 10, f"B{number:04d}")


async def test_the_quiet_hours_of_past_weeks(client: Client) -> None:
    _crowd.forget()
    place = await bookable()
    await queue.set_policy(place.hall.id, **ALL_DAY)
    await past(place.hall.id, 2, 10)
    seen = (await client.get(f"/api/v1/items/{place.item_id}")).json["crowds"]
    assert [(one["hall_id"], one["level"], one["enough"]) for one in seen] == [(str(place.hall.id), "quiet", True)]
    assert {one["hour"] for one in seen[0]["quiet"]} == {10}
    assert "10–11 点" in seen[0]["quiet"][0]["text"]


async def test_nobody_is_sent_to_a_hall_that_is_shut_or_about_to_be(client: Client) -> None:
    hall = await make.county()
    await past(hall.id, 2, 10)
    morning = clock.now().astimezone(clock.SHANGHAI).hour < 12
    shut = {"walk_in_from": 23 * 60} if morning else {"walk_in_until": 60}
    for hours, level, quiet in (
        ({}, "quiet", {10}),
        ({"walk_in_until": 10 * 60 + 30}, None, set()),
        (shut, "closed", set()),
    ):
        _crowd.forget()
        await queue.set_policy(hall.id, **ALL_DAY | hours)
        (found,) = await queue.crowds("zh-CN", [hall.id])
        assert {one.hour for one in found.quiet} == quiet
        assert level in (None, found.level)
    guide = await make.guide()
    seen = (await client.get(f"/api/v1/items/{guide.item.id}")).json["crowds"]
    assert [one["level"] for one in seen] == ["closed"]


async def test_too_little_is_not_enough(client: Client) -> None:
    _crowd.forget()
    hall = await make.county()
    await past(hall.id, 1, 10)
    assert (await queue.crowds("zh-CN", [hall.id]))[0].enough
    _crowd.forget()
    other = await make.hall("town", region_code="341226100")
    for minute in range(9):
        await served(other.id, clock.now() - timedelta(days=1, minutes=minute), 5, f"B{minute:03}")
    found = (await queue.crowds("zh-CN", [other.id]))[0]
    assert (found.enough, found.quiet) == (False, [])


async def test_busy_now(client: Client) -> None:
    _crowd.forget()
    hall = await make.county()
    await line(hall.id, 2)
    assert ((await queue.crowds("zh-CN", [hall.id]))[0].level, (await queue.crowds("en", [hall.id]))[0].waiting) == (
        "some",
        2,
    )
    await line(hall.id, 20, after=2)
    _pace.forget()
    found = (await queue.crowds("zh-CN", [hall.id]))[0]
    assert (found.level, found.waiting, found.wait) == ("busy", 22, None)
