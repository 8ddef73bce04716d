"""Who answers for the staff sees that a matter is a test person's; everybody else where the area says so."""

from __future__ import annotations

import re

import pytest

from server.features.booking import service as booking
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.features.complaints.models import Kind
from server.features.complaints.schemas import ComplaintIn
from server.features.queue import service as queue
from server.features.supervision import service as supervision
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import going, walks
from tests.factories.cases import submitted
from tests.factories.going import MORNING
from tests.factories.identity import SomeStaff, citizen, staff
from tests.fixtures_web import Client
from tests.server.console.desk import at_desk
from tests.server.supervision.test_walk_ends import place

MARK = re.compile(r'class="tag walk">(走流程|Walk)<')


async def marks(client: Client, who: SomeStaff, pages: list[str]) -> list[int]:
    desk = at_desk(client, who)
    return [len(MARK.findall(await desk.sees(page))) for page in pages]


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_the_mark_is_shown_to_whom_the_area_says(
    client: Client, ports: Ports, clock: Clock, language: str
) -> None:
    clock.set(MORNING)
    to = await going.town(client, ports)
    browser = client.with_(accept_language=language)
    walk, real = await walks.walk(to.at.item_id), await citizen()
    case = await submitted(client, ports, to.at, going.as_citizen(walk))
    await submitted(client, ports, to.at, real)
    await queue.check_in_at_desk(to.at.clerk.actor, await place(to, walk))
    await queue.call_next(to.at.clerk.actor, to.window)
    await booking.set_policy(to.at.hall.id, confirmation="staff")
    clock.advance(seconds=2)  # what is known of a hall is known for a second
    await place(to, walk, days=1)
    for one in (walk.actor, real.actor):
        await complaints.write(one, ComplaintIn(kind=Kind.GRIEVANCE, words="太久了。", item_id=to.at.item_id))
    hall = f"?hall={to.at.hall.id}"
    pages = ["/console/cases", f"/console/cases/{case.id}", f"/console/bookings{hall}"]
    pages += [f"/console/queue{hall}&window={to.window}", f"/console/confirm{hall}"]
    manager = await staff("hall_manager", hall=to.at.hall.id)
    assert await marks(browser, manager, pages) == [1] * len(pages)
    assert await marks(browser, to.at.clerk, pages) == [0] * len(pages)
    voices = ["/console/complaints"]
    assert await marks(browser, await staff("supervisor"), voices) == [1]
    assert await marks(browser, to.at.reviewer, voices) == [0]
    span = catalogue.PolicySpan(region_code="341226", first_on=clocks.today(), last_on=None, reason="公开走流程")
    await catalogue.set_policy((await staff("administrator")).actor, span, supervision.WalkPolicy(shown_to_all=True))
    assert await marks(browser, to.at.clerk, pages) == [1] * len(pages)
    assert await marks(browser, to.at.reviewer, voices) == [1]
