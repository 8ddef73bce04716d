"""The green channel for those who have booked: said at the hall's QR and at the kiosk; the late stand at the back."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Anonymous
from server.features.queue import service as queue
from server.features.queue.models import Green
from tests.conftest import Clock
from tests.factories.booking import Bookable
from tests.factories.identity import AsCitizen, AsStaff
from tests.factories.queue import grown_up
from tests.fixtures_web import Client
from tests.server.queue.test_one_number import scans
from tests.server.queue.test_walking_in import books, opened, takes

NOBODY = Anonymous()


async def early_birds(client: Client, as_citizen: AsCitizen, place: Bookable) -> None:
    """Two wait already, without a booking and without a reason to go first."""
    for _ in range(2):
        assert (await takes(client.as_((await as_citizen(born=grown_up())).token), place)).status == 201


async def test_the_booked_say_it_at_the_halls_qr_and_at_the_kiosk(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, slot = await opened(clock, booked_minutes=0, green_minutes=60)
    by_phone, at_kiosk, forgot = [client.as_((await as_citizen(born=grown_up())).token) for _ in range(3)]
    codes = [(await books(phone, place, slot))["code"] for phone in (by_phone, at_kiosk, forgot)]
    clock.set(slot.starts_at - timedelta(minutes=1))
    await early_birds(client, as_citizen, place)
    clock.set(slot.starts_at)
    said = (await scans(by_phone, place, green="pregnant")).json
    assert (said["green"], said["ahead"]) == (True, 0)
    shown = await queue.check_in_at_kiosk(NOBODY, place.hall.id, codes[1], Green.DISABLED)
    assert (shown.green, shown.ahead) == (True, 1)
    # Whoever forgot to say so says it by scanning again; the number stays.
    plain = (await scans(forgot, place)).json
    assert (plain["green"], plain["ahead"]) == (False, 4)
    again = (await scans(forgot, place, green="veteran")).json
    assert (again["id"], again["green"], again["ahead"]) == (plain["id"], True, 2)
    assert (await scans(forgot, place, green="rich")).status == 422


async def test_whoever_is_late_stands_at_the_back_and_is_told_whatever_they_say(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    place, slot = await opened(clock, grace_minutes=15, green_minutes=60)
    phone, elder = [client.as_((await as_citizen(born=born)).token) for born in (grown_up(), grown_up().replace(1940))]
    for one in (phone, elder):
        await books(one, place, slot)
    clock.set(slot.starts_at + timedelta(minutes=16))
    await early_birds(client, as_citizen, place)
    late = (await scans(phone, place, green="pregnant")).json
    assert (late["late"], late["ahead"]) == (True, 2)
    old = (await scans(elder, place)).json
    assert (old["late"], old["ahead"]) == (True, 3)
    # The desk sees the person and may forgive; then nothing says any more that they are at the back.
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    await queue.mark_green(clerk, UUID(late["id"]), Green.PREGNANT)
    forgiven = (await phone.get(f"/api/v1/tickets/{late['id']}")).json
    assert (forgiven["late"], forgiven["green"], forgiven["ahead"]) == (False, True, 0)
    await queue.mark_green(clerk, UUID(late["id"]), None)
    assert (await phone.get(f"/api/v1/tickets/{late['id']}")).json["ahead"] == 2


async def test_a_number_that_becomes_a_booking_keeps_what_was_said(
    client: Client, as_citizen: AsCitizen, clock: Clock
) -> None:
    place, slot = await opened(clock)
    phone = client.as_((await as_citizen(born=grown_up())).token)
    await takes(phone, place, green="veteran")
    await books(phone, place, slot)
    assert (await scans(phone, place)).json["green"] is True
    assert await db.fetchval("SELECT count(*) FROM ticket") == 1
