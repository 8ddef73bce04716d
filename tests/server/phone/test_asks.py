"""What was allowed at the tap carries what follows: whoever said yes to booking and applying hears it by WeChat."""

from __future__ import annotations

from uuid import UUID

import pytest

from server import db
from server.features.cases.service import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.delivery.service import ReadyToCollect
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.queue.service import Called
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import bookable, key
from tests.factories.cases import granted, office, shelved
from tests.factories.identity import AsCitizen, SomeCitizen
from tests.factories.lockers import bank, choose_locker
from tests.factories.parcels import choose_post
from tests.factories.push import agree
from tests.factories.queue import grown_up
from tests.fixtures_web import Client

AFTER_APPLYING = (CaseAccepted, CorrectionAsked, CaseGranted, ReadyToCollect)


async def asked(client: Client, someone: SomeCitizen, item_id: UUID, deed: str) -> list[str]:
    ids: list[str] = (await client.as_(someone.token).get(f"/api/v1/items/{item_id}")).json["templates"][deed]
    by_id = {one.id: one for one in push.templates().values()}
    assert 1 <= len(ids) <= 3
    assert len({by_id[one].long_term for one in ids}) == 1, "one-time and lasting ones are never mixed"
    return ids


async def test_one_yes_at_applying_carries_everything_of_the_case(client: Client, as_citizen: AsCitizen) -> None:
    place, someone = await office(), await as_citizen()
    before = await push.will_carry(someone.actor, AFTER_APPLYING)
    assert [one.by for one in before.messages] == ["sms"] * 4
    for template_id in await asked(client, someone, place.item_id, "apply"):
        await agree(someone, template_id)
    after = await push.will_carry(someone.actor, AFTER_APPLYING)
    assert [one.by for one in after.messages] == ["wechat"] * 4
    assert after.ask == []


def ids(*names: str) -> set[str]:
    return {push.templates()[name].id for name in names}


async def test_a_visit_asks_for_its_answer_its_reminder_and_its_call(client: Client, as_citizen: AsCitizen) -> None:
    place, someone = await office(), await as_citizen()
    first = await asked(client, someone, place.item_id, "book")
    assert set(first) == ids("booking_result", "booking_reminder", "queue_call")
    # Whoever has agreed to one is not asked for it again, and nothing else takes its place.
    await agree(someone, first[0])
    assert await asked(client, someone, place.item_id, "book") == first[1:]


async def test_taking_the_number_asks_for_what_follows_the_visit(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, someone = await bookable(confirmation="auto"), await as_citizen(born=grown_up())
    phone, slot = client.as_(someone.token), (await place.slots())[-1]
    yes = [{"template_id": one, "outcome": "accept"} for one in await asked(client, someone, place.item_id, "book")]
    wish = {
        "item_id": str(place.item_id),
        "slot_id": str(slot.id),
        "subscriptions": {"nonce": "the first tap", "results": yes},
    }
    booked = (await phone.post("/api/v1/bookings", json=wish, headers=key())).json
    # The matter's page says of each message how it will come: the second reminder needs a second yes.
    carried = (await phone.get(f"/api/v1/threads/{booked['thread_id']}")).json["carry"]
    by = {line["kind"]: line["by"] for line in carried["messages"]}
    assert by["booking.tomorrow"] == by["queue.called"] == "wechat"
    assert by["booking.soon"] == "sms"
    assert set(carried["ask"]) == ids("booking_reminder", "rating_invite")
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    ask = (await phone.get(f"/api/v1/arrivals/{token}")).json["ask"]
    assert set(ask) == ids("rating_invite", "ready_to_collect")
    yes = [{"template_id": one, "outcome": "accept"} for one in ask]
    told = {"token": token, "subscriptions": {"nonce": "the second tap", "results": yes}}
    deed = key()
    made = await phone.post("/api/v1/check-ins", json=told, headers=deed)
    assert made.status == 201, made.text
    # The same tap again, with the same key and without it, counts once.
    assert (await phone.post("/api/v1/check-ins", json=told, headers=deed)).json == made.json
    assert (await phone.post("/api/v1/check-ins", json=told, headers=key())).status == 201
    held = "SELECT balance FROM subscription_credit WHERE account_id = $1 AND template_id = ANY($2)"
    assert [row["balance"] for row in await db.fetch(held, someone.account_id, ask)] == [1, 1]
    assert (await phone.get(f"/api/v1/arrivals/{token}")).json["ask"] == []


async def test_whoever_takes_a_number_without_a_booking_is_asked_for_the_call_first(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, someone = await bookable(confirmation="auto"), await as_citizen(born=grown_up())
    await queue.set_policy(place.hall.id, every_day=True)  # the day of the last place may be a Saturday
    clock.set((await place.slots())[-1].starts_at)
    phone, token = client.as_(someone.token), await queue.hall_token(place.hall.id)
    seen = (await phone.get(f"/api/v1/arrivals/{token}")).json
    assert seen["ask"][0] in ids("queue_call")
    assert set(seen["ask"]) == ids("queue_call", "rating_invite", "ready_to_collect")
    yes = [{"template_id": seen["ask"][0], "outcome": "accept"}]
    wish = {
        "token": token,
        "skill": seen["kinds"][0]["skill"],
        "subscriptions": {"nonce": "the first tap", "results": yes},
    }
    made = await phone.post("/api/v1/walk-ins", json=wish, headers=key())
    assert made.status == 201, made.text
    assert (await push.will_carry(someone.actor, [Called])).messages[0].by == "wechat"
    assert (await client.get(f"/api/v1/arrivals/{token}")).json["ask"] == []


@pytest.mark.parametrize("way", ["counter", "locker", "post"])
async def test_the_page_offers_what_the_result_will_say_by_the_way_it_takes(
    client: Client, ports: Ports, way: str
) -> None:
    at = await office()
    who = await granted(client, ports, at)
    if way == "locker":
        await choose_locker(who, await bank(at))
    if way == "post":
        await choose_post(who)
    said = {"counter": "delivery.ready_to_collect", "locker": "delivery.in_locker", "post": "delivery.posted"}[way]
    for moved in (False, way != "counter"):
        if moved:
            await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id, "L-01")
        carried = (await who.screen())["carry"]
        assert [one["kind"] for one in carried["messages"]] == [said, "ratings.invited"]
