"""By post: a waybill the person is told, followed until it is signed for, and a way on when it is not."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.errors import AppError
from server.features.delivery import service as delivery
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.cases import Applicant, Office, granted, office, shelved
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk, goes_to
from tests.server.identity.test_addresses import add

WAYBILL = "EA123456789CN"


async def refused(deed: object) -> str:
    with pytest.raises(AppError) as why:
        await deed  # type: ignore[misc]
    return why.value.code


async def choose(who: Applicant, method: str = "post") -> None:
    book = (await who.phone.get("/api/v1/me/addresses")).json["items"] or (await add(who.phone)).json["items"]
    wish = {"method": method, "address_id": book[0]["id"]}
    done = await who.phone.put(f"/api/v1/threads/{who.thread_id}/delivery", json=wish, headers=key())
    assert done.status == 200, done.text


async def to_send(client: Client, ports: Ports, at: Office) -> tuple[Applicant, UUID]:
    """A result that the window has, to be posted."""
    who = await granted(client, ports, at)
    await choose(who)
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "P-01")
    row: UUID = await db.fetchval("SELECT id FROM delivery WHERE thread_id = $1", who.thread_id)
    return who, row


async def kinds(who: Applicant) -> list[str]:
    found = [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"]]
    return [kind for kind in found if kind.startswith(("delivery", "ratings"))]


async def test_posted_followed_and_signed_for(client: Client, ports: Ports) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    clerk = at.clerk.actor
    assert [(one.state, one.waybill) for one in (await delivery.ledger(clerk)).items] == [("to_send", None)]
    assert "delivery.ready_to_collect" not in await kinds(who)
    assert await refused(delivery.ready(clerk, row, "A-01")) == "delivery.by_post"
    for typed in ("", "12345", "EA-1234/CN", "\u4e2d12345678"):
        assert await refused(delivery.post(clerk, row, typed)) == "invalid_input"
    await delivery.post(clerk, row, " ea 1234-56789 cn ")
    shown = (await who.screen())["delivery"]
    assert (shown["state"], shown["waybill"], shown["changeable"]) == ("posted", WAYBILL, False)
    told = (await who.phone.get("/api/v1/inbox")).json["items"][0]
    assert (told["kind"], WAYBILL in told["body"]) == ("delivery.posted", True)
    assert await refused(delivery.post(clerk, row, "EA999999999CN")) == "delivery.not_to_post"
    await delivery.heard(clerk, WAYBILL, "in_transit")
    assert await refused(delivery.heard(clerk, WAYBILL, "in_transit")) == "delivery.heard_before"
    await delivery.heard(clerk, WAYBILL, "signed")
    assert await refused(delivery.heard(clerk, WAYBILL, "lost")) == "delivery.heard_before"
    screen = await who.screen()
    assert (screen["state"], screen["delivery"]["state"]) == ("closed", "signed")
    assert [one["text"] for one in screen["delivery"]["track"]] == ["已签收", "运送中", "已寄出"]
    assert await kinds(who) == ["ratings.invited", "delivery.post_signed", "delivery.posted"]
    assert [(one.state, one.waybill) for one in (await delivery.ledger(at.reviewer.actor)).items] == [
        ("signed", WAYBILL)
    ]


@pytest.mark.parametrize(("ended", "sent_from"), [("returned", "window"), ("lost", "department")])
async def test_what_was_not_delivered_has_a_way_on(client: Client, ports: Ports, ended: str, sent_from: str) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    await delivery.post(at.clerk.actor, row, WAYBILL)
    await delivery.heard(at.clerk.actor, WAYBILL, ended)
    assert (await kinds(who))[0] == f"delivery.post_{ended}"
    assert (await who.screen())["delivery"]["changeable"]
    await choose(who)
    assert await db.fetchval("SELECT made_at FROM delivery") == sent_from
    if ended == "lost":
        await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "P-02")
    assert await refused(delivery.post(at.clerk.actor, row, WAYBILL)) == "delivery.waybill_used"
    await delivery.post(at.clerk.actor, row, "EA123456790CN")
    await delivery.heard(at.clerk.actor, "EA123456790CN", "signed")
    assert (await who.screen())["state"] == "closed"


async def test_what_came_back_may_be_collected(client: Client, ports: Ports) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    await delivery.post(at.clerk.actor, row, WAYBILL)
    await delivery.heard(at.clerk.actor, WAYBILL, "returned")
    await choose(who, "counter")
    await delivery.ready(at.clerk.actor, row, "A-09")
    assert (await who.screen())["delivery"]["pickup_code"]


async def test_other_halls_know_nothing_of_a_parcel(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    _, row = await to_send(client, ports, at)
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await as_staff("clerk", hall=town.id)).actor
    assert (await delivery.ledger(elsewhere)).items == []
    assert await refused(delivery.post(elsewhere, row, WAYBILL)) == "not_found"
    await delivery.post(at.clerk.actor, row, WAYBILL)
    assert await refused(delivery.heard(elsewhere, WAYBILL, "signed")) == "delivery.waybill_unknown"
    assert await refused(delivery.heard(at.clerk.actor, "EA000000000CN", "signed")) == "delivery.waybill_unknown"
    assert await refused(delivery.label(elsewhere, row)) == "not_found"


async def test_the_ledger_at_the_desk(client: Client, ports: Ports) -> None:
    at = await office()
    who, row = await to_send(client, ports, at)
    desk = at_desk(client, at.clerk)
    assert who.case["number"] in await desk.sees("/console/parcels", state="to_send")
    label = await desk.sees(f"/console/parcels/{row}/label")
    assert "13800001234" in label
    goes_to(await desk.does(f"/console/parcels/{row}/send", {"waybill": WAYBILL}))
    assert "<svg" in await desk.sees(f"/console/parcels/{row}/label")
    assert (await desk.refused("/console/parcels/heard", {"waybill": "EA000000000CN", "state": "signed"})).status == 404
    goes_to(await desk.does("/console/parcels/heard", {"waybill": WAYBILL, "state": "signed"}))
    table = await desk.browser.get("/console/parcels/export.csv?state=signed")
    assert WAYBILL in table.body.decode("utf-8-sig")
    looks = await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'delivery.label_printed'")
    assert looks == 2
