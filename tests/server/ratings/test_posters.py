"""Posters: hundreds as one PDF, drawn aside and resumed; each leads whoever scans it to their own visit alone."""

from __future__ import annotations

import time
from datetime import timedelta
from typing import Any

import pytest
from qrcode import QRCode
from qrcode.constants import ERROR_CORRECT_M

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import HallView
from server.features.documents import service as documents
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.ratings.models import PosterOrder, Sheet
from server.features.ratings.service import _posters
from server.features.thread import service as thread
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, bookable, key
from tests.factories.identity import AsCitizen, AsStaff
from tests.fixtures_web import Client

PLACE = "/api/v1/ratings/place"
BASE = "https://one.trip.test"


async def served(client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock) -> tuple[Client, str, Any]:
    """Somebody whom a window has finished with; gives their phone, their slip's code, and hall and window."""
    place: Bookable = await bookable(confirmation="auto", online=False, mail=False)
    slot = (await place.slots())[-1]
    phone = client.as_((await as_citizen()).token)
    wish = {"item_id": str(place.item_id), "slot_id": str(slot.id)}
    assert (await phone.post("/api/v1/bookings", json=wish, headers=key())).status == 201
    clock.set(slot.starts_at)
    token = await queue.hall_token(place.hall.id)
    ticket = await phone.post("/api/v1/check-ins", json={"token": token}, headers=key())
    window = (await catalogue.windows(place.hall.id))[0]
    clerk = (await as_staff("clerk", hall=place.hall.id)).actor
    called = await queue.call_next(clerk, window.id)
    assert called is not None
    await queue.finish(clerk, called)
    return phone, ticket.json["code"], (place.hall, window)


async def test_a_poster_leads_to_ones_own_visits_only(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    phone, _, (hall, window) = await served(client, as_citizen, as_staff, clock)
    for place_id, name in ((hall.id, hall.name), (window.id, f"{hall.name} · {window.name}")):
        token = await thread.standing_code("place", place_id)
        assert token == await thread.standing_code("place", place_id), "what hangs on a wall stays"
        opened = (await client.get(f"/api/v1/codes/{token}")).json
        assert opened["page"] == f"/features/ratings/pages/place?token={token}"
        mine = (await phone.get(PLACE, params={"token": token})).json
        assert (mine["place"], [line["subject_text"] for line in mine["lines"]]) == (name, ["本次到窗口办事"])
        for other in (client, client.as_((await as_citizen()).token)):
            assert (await other.get(PLACE, params={"token": token})).json["lines"] == []
    given = await phone.post("/api/v1/ratings", json={"token": mine["lines"][0]["token"], "level": "satisfied"})
    assert given.status == 200
    assert (await phone.get(PLACE, params={"token": token})).json["lines"] == [], "one visit, one rating"
    elsewhere = await thread.standing_code("place", (await make.hall("elsewhere", name="别处")).id)
    assert (await phone.get(PLACE, params={"token": elsewhere})).json["lines"] == []


async def test_a_slip_is_enough_without_any_login(
    client: Client, as_citizen: AsCitizen, as_staff: AsStaff, clock: Clock
) -> None:
    _, slip, (hall, window) = await served(client, as_citizen, as_staff, clock)
    seen = (await client.get(PLACE, params={"slip": slip})).json
    assert (seen["place"], len(seen["lines"])) == (f"{hall.name} · {window.name}", 1)
    rated = await client.post("/api/v1/ratings", json={"token": seen["lines"][0]["token"], "level": "dissatisfied"})
    assert rated.status == 200
    for wrong, status in (({"slip": "nonsense"}, 404), ({"token": slip}, 404), ({}, 422)):
        assert (await client.get(PLACE, params=wrong)).status == status


_MORE = """
INSERT INTO "window" (id, created_at, hall_id, number, name, skills, open)
SELECT gen_random_uuid(), now(), $1, at, at || '号窗口', '{general}', true FROM generate_series(100, 99 + $2::int) AS at
"""


async def windows(hall: HallView, number: int) -> None:
    await db.execute(_MORE, hall.id, number)


async def manager_of(as_staff: AsStaff, hall: HallView) -> Staff:
    return (await as_staff("hall_manager", hall=hall.id)).actor


async def test_many_as_one_pdf(as_staff: AsStaff, ports: Ports) -> None:
    await many(as_staff, ports, 40)


async def many(as_staff: AsStaff, ports: Ports, most: int) -> float:
    """Order posters of so many windows, and give how many seconds a worker draws at them."""
    hall = await make.county()
    await windows(hall, most)
    manager = await manager_of(as_staff, hall)
    number = len(await catalogue.windows(hall.id))
    order_id = await ratings.order_posters(manager, Sheet.WINDOW, hall.id, BASE)
    begun = time.monotonic()
    assert await ratings.draw_posters(ports.stopping) == 1
    took = time.monotonic() - begun
    [order] = await ratings.poster_orders(manager)
    assert (order.state, order.drawn, order.number) == ("done", number, number)
    name, pdf = await ratings.posters(manager, order_id)
    assert name.startswith("windows-")
    assert pdf.count(b"/Type /Page\n") == number >= most
    assert await db.fetchval("SELECT count(*) FROM code WHERE kind = 'place'") == number
    return took


async def test_cards_stand_four_on_a_page(as_staff: AsStaff, ports: Ports) -> None:
    hall = await make.county()
    await windows(hall, 8)
    manager = await manager_of(as_staff, hall)
    order_id = await ratings.order_posters(manager, Sheet.COUNTER, None, BASE)
    await ratings.draw_posters(ports.stopping)
    pages = (len(await catalogue.windows(hall.id)) + 3) // 4
    assert (await ratings.posters(manager, order_id))[1].count(b"/Type /Page\n") == pages


async def test_a_worker_that_stops_leaves_it_to_the_next(as_staff: AsStaff, ports: Ports, clock: Clock) -> None:
    hall = await make.county()
    await windows(hall, 45)
    manager = await manager_of(as_staff, hall)
    order_id = await ratings.order_posters(manager, Sheet.WINDOW, hall.id, BASE)
    rounds = iter((False, True))
    assert await ratings.draw_posters(lambda: next(rounds)) == 1
    row = await PosterOrder.get(id=order_id)
    assert (row.state, row.drawn, row.attempt) == ("waiting", 0, 0), "who is told to stop gives it back"
    with pytest.raises(Conflict):
        await ratings.posters(manager, order_id)
    # Who dies holds the lease until it ends; then another draws, and what the dead one still writes counts for nothing.
    dead = await db.fetchrow(_posters._ORDERS._claim, clock.now(), clock.now() + timedelta(seconds=60))
    assert dead is not None
    assert await ratings.draw_posters(ports.stopping) == 0
    clock.advance(seconds=61)
    assert await ratings.draw_posters(ports.stopping) == 1
    assert await db.execute(_posters._DONE, order_id, dead["attempt"], b"half", clock.now()) == "UPDATE 0"
    assert (await ratings.posters(manager, order_id))[1].startswith(b"%PDF")


async def test_whose_posters_they_are(as_staff: AsStaff, ports: Ports) -> None:
    hall, other = await make.county(), await make.hall("second", name="另一个大厅")
    manager, stranger = await manager_of(as_staff, hall), await manager_of(as_staff, other)
    order_id = await ratings.order_posters(manager, Sheet.HALL, None, BASE)
    await ratings.draw_posters(ports.stopping)
    assert (await PosterOrder.get(id=order_id)).places == [hall.id], "of the halls within reach, no others"
    assert await ratings.poster_orders(stranger) == []
    with pytest.raises(NotFound):
        await ratings.posters(stranger, order_id)
    with pytest.raises(NotFound):
        await ratings.order_posters(stranger, Sheet.HALL, hall.id, BASE)
    for _ in range(3):
        await ratings.order_posters(manager, Sheet.HALL, hall.id, BASE)
    with pytest.raises(Conflict):
        await ratings.order_posters(manager, Sheet.HALL, hall.id, BASE)


def test_its_code_is_the_one_that_is_meant() -> None:
    """What is drawn in lines are the very squares of the QR of this address."""
    painted: list[tuple[float, ...]] = []

    class Paper:
        """A canvas that remembers."""

        def beginPath(self) -> Paper:  # noqa: N802 - reportlab's names
            return self

        def rect(self, *at: float) -> None:
            painted.append(at)

        def setFillGray(self, _shade: float) -> None: ...  # noqa: N802 - as above
        def drawPath(self, *_: object, **__: object) -> None: ...  # noqa: N802 - as above

    code = QRCode(error_correction=ERROR_CORRECT_M, border=4)
    code.add_data(f"{BASE}/q/abc")
    wanted = code.get_matrix()
    documents.draw_code(Paper(), f"{BASE}/q/abc", 0, 0, len(wanted))  # type: ignore[arg-type]
    drawn = [[False] * len(wanted) for _ in wanted]
    for x, y, width, height in painted:
        assert round(height) == 1
        for across in range(round(x), round(x + width)):
            drawn[len(wanted) - round(y + height)][across] = True
    assert drawn == wanted
