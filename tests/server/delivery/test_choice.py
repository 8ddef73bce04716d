"""How the result comes is chosen when applying, and changed until the department has handed it over."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

from server import db
from server.features.cases import service as cases
from server.ports import Ports
from tests.factories.booking import key
from tests.factories.cases import Applicant, begun, granted, office, ready, submitted
from tests.factories.family import family, hand_in
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Answer, Client
from tests.server.identity.test_addresses import HOME, add


async def address_of(who: Applicant) -> str:
    found: str = (await add(who.phone)).json["items"][0]["id"]
    return found


def path(who: Applicant) -> str:
    return f"/api/v1/threads/{who.thread_id}/delivery"


async def choose(who: Applicant, **wish: Any) -> Answer:
    return await who.phone.put(path(who), json=wish, headers=key())


async def test_posted_to_an_address_of_ones_book(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at = await office()
    who = await begun(client, ports, at)
    address = await address_of(who)
    strange = (await add(client.as_((await as_citizen()).token))).json["items"][0]["id"]
    for wish, field in (
        ({"method": "post"}, "delivery.address_id"),
        ({"method": "post", "address_id": str(uuid4())}, "delivery.address_id"),
        ({"method": "post", "address_id": strange}, "delivery.address_id"),
    ):
        refused = await who.post("submit", await who.application(delivery=wish))
        assert (refused.status, refused.json["fields"][0]["path"]) == (422, field)
    taken = await who.post("submit", await who.application(delivery={"method": "post", "address_id": address}))
    assert taken.json["delivery"]["address"]["street"] == HOME["street"]
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    sent = (await who.screen())["delivery"]
    assert (sent["method"], sent["address"]["phone"], sent["changeable"]) == ("post", "13800001234", True)
    row = await db.fetchrow("SELECT address_sealed FROM delivery")
    assert row is not None
    assert "颍河路".encode() not in bytes(row["address_sealed"])


async def test_what_was_chosen_stays_though_the_book_changes(client: Client, ports: Ports) -> None:
    at = await office()
    who = await begun(client, ports, at)
    address = await address_of(who)
    await who.post("submit", await who.application(delivery={"method": "post", "address_id": address}))
    await who.phone.delete(f"/api/v1/me/addresses/{address}", headers=key())
    assert (await who.phone.get(path(who))).json["wish"]["address"]["street"] == HOME["street"]


async def test_changed_until_handed_over_and_each_change_is_told(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    address = await address_of(who)
    shown = (await who.phone.get(path(who))).json
    assert (shown["wish"]["method"], shown["methods"], shown["changeable"]) == (
        "counter",
        ["counter", "post", "none"],
        True,
    )
    assert (await choose(who, method="post", address_id=address)).json["wish"]["address_id"] == address
    assert (await choose(who, method="none")).json["wish"]["method"] == "none"
    back = await choose(who, method="counter", hall_id=str(at.hall.id))
    assert back.json["wish"]["address"] is None
    assert (await choose(who, method="post", address_id=address)).status == 200
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    refused = await choose(who, method="none")
    assert (refused.status, refused.json["code"]) == (409, "delivery.being_made")
    made = await choose(who, method="counter", hall_id=str(at.hall.id))
    assert made.json["methods"] == ["counter", "post"]
    assert (await who.screen())["delivery"]["address"] is None
    steps = [one["name"] for one in (await who.screen())["steps"] if "wish" in one["name"]]
    kinds = ["post", "none", "counter_at", "post", "counter_at"]
    assert steps == [f"delivery.wish_{kind}" for kind in kinds]


async def test_what_lies_at_the_counter_stays_there(client: Client, ports: Ports) -> None:
    who, _ = await ready(client, ports, await office())
    refused = await choose(who, method="post", address_id=await address_of(who))
    assert (refused.status, refused.json["code"]) == (409, "delivery.handed_on")
    assert not (await who.phone.get(path(who))).json["changeable"]
    assert (await who.screen())["case"]["delivery"]["method"] == "counter"


async def test_nobody_else_turns_it_round(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who = await granted(client, ports, await office())
    stranger = client.as_((await as_citizen()).token)
    assert (await stranger.get(path(who))).status == 404
    assert (await stranger.put(path(who), json={"method": "none"}, headers=key())).status == 404


async def test_a_result_that_is_not_posted_cannot_be(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office(mail=False))
    refused = await choose(who, method="post", address_id=await address_of(who))
    assert (refused.status, refused.json["fields"][0]["path"]) == (422, "delivery.method")


async def test_of_a_theme_all_items_follow(client: Client, ports: Ports) -> None:
    one = await family(client, ports)
    wish = {"method": "counter", "hall_id": str(one.who.office.hall.id), "together": True}
    assert (await hand_in(one, delivery=wish)).status == 200
    changed = await choose(one.who, method="counter", hall_id=str(one.who.office.hall.id), together=False)
    assert changed.status == 200, changed.text
    kept = [(await cases.wanted_delivery(row["thread_id"]))[1].together for row in await one.rows()]
    assert kept == [False, False]
