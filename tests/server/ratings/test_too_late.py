"""An old code rates nothing any more and says where else to turn; a withdrawn poster leads nowhere."""

from __future__ import annotations

from datetime import timedelta

import pytest

from server import db
from server.actor import Anonymous
from server.errors import Gone, NotFound
from server.features.ratings import service as ratings
from server.features.ratings.models import Level, Rating
from server.features.ratings.schemas import PlaceQuery, RateIn
from server.features.ratings.service import RectificationPolicy
from server.features.thread import service as thread
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff, staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk, goes_to
from tests.server.ratings.test_rating import RATINGS, finished, rate

DAYS = RectificationPolicy().rate_days


async def test_an_old_code_rates_nothing_and_says_where_to_turn(client: Client, ports: Ports, clock: Clock) -> None:
    _, token = await finished(client, ports)
    clock.advance(days=DAYS - 1)
    assert (await client.get(f"{RATINGS}/form", params={"token": token})).status == 200
    clock.advance(days=1)
    for answer in (
        await client.get(f"{RATINGS}/form", params={"token": token}),
        await rate(client, token, level="very_satisfied"),
    ):
        assert (answer.status, answer.json["code"]) == (410, "ratings.expired")
        assert "咨询投诉" in answer.json["detail"], "there is a way on"
    landed = await client.get(f"/q/{token}", headers=HTML)
    assert (landed.status, landed.headers["location"]) == (
        303,
        f"/#/features/ratings/pages/rate?token={token}&via=code",
    )
    with pytest.raises(Gone):
        await ratings.rate(Anonymous(), RateIn(token=token, level=Level.SATISFIED))
    assert await db.fetchval("SELECT state FROM rating") == "open"
    opened = await thread.resolve_code(token, "rating")
    assert opened.thread_id is not None
    found = await ratings.of_thread(opened.thread_id)
    assert found is not None
    assert found.token is None, "nobody is asked any more"


async def test_what_was_given_is_read_for_as_long_as_it_takes(client: Client, ports: Ports, clock: Clock) -> None:
    who, token = await finished(client, ports)
    given = await Rating.get()
    clock.set(given.created_at + timedelta(days=DAYS, hours=-1))
    # As whoever has logged in again: a session that nobody used for so long is over.
    own = who.someone.actor
    assert (await ratings.rate(own, RateIn(token=token, level=Level.VERY_DISSATISFIED))).rectification is not None
    clock.set(given.created_at + timedelta(days=DAYS, hours=1))
    assert (await ratings.form(own, token)).given is Level.VERY_DISSATISFIED


async def test_a_withdrawn_poster_leads_nowhere_and_the_next_has_a_code_of_its_own(
    client: Client, as_staff: AsStaff
) -> None:
    hall, other = await make.hall("here", name="这里"), await make.hall("there", name="那里")
    manager = (await as_staff("hall_manager", hall=hall.id)).actor
    old, elsewhere = [await thread.standing_code("place", one.id) for one in (hall, other)]
    with pytest.raises(NotFound):
        await ratings.withdraw_posters(manager, other.id)
    assert await ratings.withdraw_posters(manager, hall.id) >= 1
    with pytest.raises(Gone, match="poster_old"):
        await ratings.place(Anonymous(), PlaceQuery(token=old))
    new = await thread.standing_code("place", hall.id)
    assert new != old
    for good in (new, elsewhere):
        assert (await ratings.place(Anonymous(), PlaceQuery(token=good))).place


async def test_posters_are_withdrawn_at_the_desk(client: Client) -> None:
    hall = await make.hall("here", name="这里")
    desk = at_desk(client, await staff("hall_manager", hall=hall.id))
    there = goes_to(await desk.does("/console/posters/withdraw", {"hall": str(hall.id)}, on="/console/posters"))
    assert "旧海报已停用" in await desk.sees(there)
