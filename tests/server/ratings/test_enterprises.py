"""What a clerk rates of their enterprise's matter, logged in, is the enterprise's; without a login it is nobody's."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

import pytest

from server import db
from server.errors import Conflict
from server.features.ratings import service as ratings
from server.features.ratings.models import Rating, Rectification
from server.ports import Ports
from tests.factories.booking import key
from tests.factories.cases import Applicant
from tests.factories.identity import AsCitizen, SomeCitizen, enterprise_of, staff
from tests.fixtures_web import Client
from tests.server.console.test_landing import scan
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate

NAME = "颍上县样例餐饮有限公司"


class Business(NamedTuple):
    """A matter of an enterprise that is over, and who acts for it."""

    who: Applicant
    token: str
    company: UUID
    clerk: SomeCitizen


async def business(client: Client, ports: Ports, as_citizen: AsCitizen) -> Business:
    who, token = await finished(client, ports)
    company = await enterprise_of(who.someone, name=NAME)
    await db.execute("UPDATE thread SET enterprise_id = $2 WHERE id = $1", UUID(who.case["thread_id"]), company)
    clerk = await as_citizen()
    named = await who.phone.post(f"/api/v1/enterprises/{company}/clerks", json={"phone": clerk.phone}, headers=key())
    assert named.status == 201, named.text
    return Business(who, token, company, clerk)


async def form(phone: Client, token: str) -> dict[str, object]:
    found: dict[str, object] = (await phone.get(f"{RATINGS}/form", params={"token": token})).json
    return found


async def test_its_clerk_rates_in_its_name_and_it_reads_the_answer(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    it = await business(client, ports, as_citizen)
    clerk = client.as_(it.clerk.token)
    assert (await form(clerk, it.token))["enterprise"] == NAME, "said before it is sent"
    assert (await rate(clerk, it.token, **WORST, via="code")).status == 200
    row = await Rating.get()
    assert (row.enterprise_id, row.account_id) == (it.company, it.clerk.actor.account_id)
    for insider in (clerk, it.who.phone):
        seen = await form(insider, it.token)
        assert (seen["given"], seen["enterprise"], bool(seen["rectification"])) == ("very_dissatisfied", NAME, True)
    for stranger in (client, client.as_((await as_citizen()).token)):
        seen = await form(stranger, it.token)
        assert (seen["given"], seen["enterprise"], seen["rectification"]) == (None, None, None)
    manager = await staff("hall_manager", hall=it.who.office.hall.id)
    told = await ratings.caller(manager.actor, (await Rectification.get()).id)
    assert told.phone == it.clerk.phone
    assert (told.name or "").startswith(f"{NAME} · "), "whoever calls asks for the enterprise and its clerk"
    await db.execute("UPDATE rating SET account_id = NULL")  # the clerk is forgotten
    assert (await form(it.who.phone, it.token))["given"] == "very_dissatisfied", "it stays the enterprise's"


async def test_the_same_clerk_without_a_login_is_nobody(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    it = await business(client, ports, as_citizen)
    scanned = await scan(client, it.token)
    assert (await scanned.sends(level="dissatisfied")).status == 200
    row = await Rating.get()
    assert (row.enterprise_id, row.account_id) == (None, None)
    seen = await form(client.as_(it.clerk.token), it.token)
    assert (seen["given"], seen["enterprise"]) == (None, None)
    manager = await staff("hall_manager", hall=it.who.office.hall.id)
    with pytest.raises(Conflict, match=r"ratings\.nobody_to_call"):
        await ratings.caller(manager.actor, (await Rectification.get()).id)


async def test_whoever_does_not_act_for_it_rates_for_themselves(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    it = await business(client, ports, as_citizen)
    other = await as_citizen()
    await enterprise_of(other, name="颍上县另一家有限公司")
    assert (await form(client.as_(other.token), it.token))["enterprise"] is None
    assert (await rate(client.as_(other.token), it.token, level="satisfied")).status == 200
    row = await Rating.get()
    assert (row.enterprise_id, row.account_id) == (None, other.actor.account_id)
    assert (await form(it.who.phone, it.token))["given"] is None


async def test_a_dismissed_clerk_acts_for_it_no_longer(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    it = await business(client, ports, as_citizen)
    clerk = client.as_(it.clerk.token)
    clerks = f"/api/v1/enterprises/{it.company}/clerks"
    [named] = (await it.who.phone.get(clerks)).json["items"]
    assert (await it.who.phone.delete(f"{clerks}/{named['id']}", headers=key())).status in (200, 204)
    assert (await form(clerk, it.token))["enterprise"] is None
    assert (await rate(clerk, it.token, level="satisfied")).status == 200
    assert (await Rating.get()).enterprise_id is None
