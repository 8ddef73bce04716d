"""A result ends in the right hands: against a code, after a look at a document, once, and only where it lies."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.delivery import service as delivery
from server.kit import clock as clocks
from server.kit import masking
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import ON_THE_SPOT, SIGNED, Office, begun, granted, office, ready, shelved
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client


async def test_from_shelf_to_hand(client: Client, ports: Ports, clock: Clock) -> None:
    at = await office()
    who = await granted(client, ports, at)
    clerk = at.clerk.actor
    assert (await who.screen())["delivery"]["pickup_code"] is None
    await shelved(clerk, at.reviewer.actor, who.thread_id, " A-03 ")
    matter = await who.screen()
    code = matter["delivery"]["pickup_code"]
    assert (matter["delivery"]["state"], matter["delivery"]["shelf"], len(code)) == ("ready_to_collect", "A-03", 8)
    told = (await who.phone.get("/api/v1/inbox")).json["items"][0]
    assert told["kind"] == "delivery.ready_to_collect"
    assert code in told["body"]
    claim = await delivery.find(clerk, f" {code[:4]} {code[4:]} ")
    holder = claim.takers[0]
    assert (holder.name, holder.document, claim.shelf) == (who.someone.name, who.someone.number, "A-03")
    clock.advance(minutes=2)
    handed = await delivery.hand_over(clerk, code, identity_checked=True, signature=SIGNED)
    assert (handed.thread_id, handed.person) == (who.thread_id, masking.name(who.someone.name))
    matter = await who.screen()
    assert (matter["state"], matter["delivery"]["state"], matter["delivery"]["pickup_code"]) == (
        "closed",
        "collected",
        None,
    )
    assert matter["rating"]["subject"] == "case"
    assert [one["kind"] for one in (await who.phone.get("/api/v1/inbox")).json["items"][:2]] == [
        "ratings.invited",
        "delivery.collected",
    ]
    assert await delivery.counts(clerk) == (0, 0)
    looks = await audit.looks_at(who.someone.actor.person_id, cursor=None, limit=9)  # type: ignore[arg-type] # verified
    assert [look.action for look in looks.items] == ["delivery.found"]


async def test_the_code_lies_sealed_and_is_not_in_steps_or_messages(client: Client, ports: Ports) -> None:
    _, code = await ready(client, ports, await office())
    row = await db.fetchrow("SELECT * FROM delivery")
    assert row is not None
    assert code.encode() not in bytes(row["pickup_code_sealed"]) + bytes(row["pickup_index"])
    texts = await db.fetch(
        "SELECT data::text AS text FROM step UNION ALL SELECT detail::text FROM audit_entry"
        " UNION ALL SELECT page FROM inbox"
    )
    assert not [row["text"] for row in texts if code in row["text"]]


async def test_codes_that_open_nothing(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who, code = await ready(client, ports, at)
    waiting = await granted(client, ports, at)
    clerk = at.clerk.actor
    unready = await hidden_code(waiting.thread_id)
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await as_staff("clerk", hall=town.id)).actor
    reviewer = (await as_staff("reviewer", hall=at.hall.id)).actor
    for actor, typed, refusal in (
        (clerk, "00000000" if code != "00000000" else "11111111", "delivery.code_unknown"),
        (clerk, "", "delivery.code_unknown"),
        (clerk, "<script>", "delivery.code_unknown"),
        (clerk, unready, "delivery.not_ready"),
        (elsewhere, code, "delivery.at_other_hall"),
        (reviewer, code, "delivery.code_unknown"),
    ):
        for deed in (
            delivery.find(actor, typed),
            delivery.hand_over(actor, typed, identity_checked=True, signature=SIGNED),
        ):
            with pytest.raises(AppError) as refused:
                await deed
            assert refused.value.code == refusal
    with pytest.raises(InvalidInput, match="identity_unchecked"):
        await delivery.hand_over(clerk, code, identity_checked=False, signature=SIGNED)
    assert (await who.screen())["delivery"]["state"] == "ready_to_collect"


async def hidden_code(thread_id: UUID) -> str:
    row = await db.fetchrow("SELECT id, pickup_code_sealed FROM delivery WHERE thread_id = $1", thread_id)
    assert row is not None
    return db.unseal("delivery", "pickup_code_sealed", row["id"], row["pickup_code_sealed"])


async def test_full_width_digits_are_digits(client: Client, ports: Ports) -> None:
    at = await office()
    _, code = await ready(client, ports, at)
    typed = "".join(chr(ord(digit) + 0xFEE0) for digit in code)
    assert (await delivery.hand_over(at.clerk.actor, typed, identity_checked=True, signature=SIGNED)).number


async def test_it_is_handed_over_once(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    _, code = await ready(client, ports, at)
    clerks = [at.clerk.actor, *[(await as_staff("clerk", hall=at.hall.id)).actor for _ in range(3)]]
    said = await asyncio.gather(
        *(delivery.hand_over(one, code, identity_checked=True, signature=SIGNED) for one in clerks),
        return_exceptions=True,
    )
    told = [getattr(one, "code", "handed") for one in said]
    assert (told.count("handed"), {*told} - {"delivery.collected", "delivery.wrong_state", "delivery.check_over"}) == (
        1,
        {"handed"},
    )
    assert not [one for one in said if isinstance(one, Exception) and not isinstance(one, AppError)]
    with pytest.raises(Conflict) as again:
        await delivery.find(clerks[0], code)
    assert again.value.code == "delivery.collected"
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'delivery.collected'") == 1
    assert await db.fetchval("SELECT count(*) FROM rating") == 1


async def test_only_its_own_hall_makes_it_ready(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office(**ON_THE_SPOT)
    await granted(client, ports, at)
    row = (await delivery.to_make_ready(at.clerk.actor))[0]
    town = await make.hall("town", region_code="341226100")
    elsewhere = (await as_staff("clerk", hall=town.id)).actor
    assert await delivery.to_make_ready(elsewhere) == []
    with pytest.raises(NotFound):
        await delivery.ready(elsewhere, row.id, "A-03")
    with pytest.raises(InvalidInput, match="shelf_missing"):
        await delivery.ready(at.clerk.actor, row.id, "   ")
    await delivery.ready(at.clerk.actor, row.id, "A-03")
    with pytest.raises(Conflict, match="wrong_state"):
        await delivery.ready(at.clerk.actor, row.id, "B-01")
    assert (await (await delivery.on_shelf(at.clerk.actor)).page()).items[0].shelf == "A-03"


async def test_the_code_is_for_whose_matter_it_is(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    who, code = await ready(client, ports, await office())
    stranger = client.as_((await as_citizen()).token)
    assert (await stranger.get(f"/api/v1/threads/{who.thread_id}")).status == 404
    tracked = await client.get(
        "/api/v1/track", params={"number": who.case["number"], "phone_tail": who.someone.phone[-4:]}
    )
    assert (tracked.status, code in tracked.text) == (200, False)


async def test_what_needs_no_collecting_ends_with_the_decision(client: Client, ports: Ports) -> None:
    at = await office(result={"name": "备案办理结果", "kind": "other"})
    from_draft = await granted_without_delivery(client, ports, at)
    assert (from_draft["state"], from_draft["delivery"], from_draft["rating"]["subject"]) == ("closed", None, "case")


async def test_who_was_promised_no_visit_needs_to_collect_nothing(client: Client, ports: Ports) -> None:
    at = await office(visits=0, visit_reason=None, plain="手机上就能办。")
    ended = await granted_without_delivery(client, ports, at, ["none", "counter", "post"])
    assert (ended["state"], ended["delivery"], ended["rating"]["subject"]) == ("closed", None, "case")


async def granted_without_delivery(
    client: Client, ports: Ports, at: Office, methods: Sequence[str] = ("none",)
) -> dict[str, Any]:
    who = await begun(client, ports, at)
    assert who.case["delivery_methods"] == list(methods)
    taken = await who.post("submit", await who.application(delivery={"method": "none"}))
    assert taken.status == 200, taken.text
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    return await who.screen()


async def test_an_item_that_names_no_hall_is_collected_where_it_was_wished(client: Client, ports: Ports) -> None:
    """`hall_keys` empty means any hall: the result must not be lost between them."""
    at = await office(hall_keys=[], bookable=False)
    who, code = await ready(client, ports, at)
    assert (await who.screen())["delivery"]["hall"]["id"] == str(at.hall.id)
    await delivery.hand_over(at.clerk.actor, code, identity_checked=True, signature=SIGNED)


async def test_who_is_told_to_come_while_the_hall_is_shut_reads_from_when(
    client: Client, ports: Ports, as_staff: AsStaff, clock: Clock
) -> None:
    at = await office()
    manager, today = (await as_staff("hall_manager", hall=at.hall.id)).actor, clocks.today()
    shut = booking.HallChange(
        hall_id=at.hall.id, kind="closed", first_on=today, last_on=today + timedelta(days=2),
        weekdays=list(range(7)), reason="设备检修",
    )  # fmt: skip
    await booking.change_hall(manager, shut)
    who, _ = await ready(client, ports, at)
    opens = today + timedelta(days=3)
    told = (await who.phone.get("/api/v1/inbox")).json["items"][0]["body"]
    assert f"开放时间：{opens.year}年{opens.month}月{opens.day}日起，工作日 8:30–12:00，14:00–17:30" in told
    assert await booking.reopens(at.hall.id, today + timedelta(days=1)) == opens
    await booking.end_change(manager, shut.id)
    assert await booking.reopens(at.hall.id, today) is None
