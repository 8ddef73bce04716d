"""Somebody goes the whole way: a place, a number, an application put right, a decision, ratings and a complaint."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import BookIn
from server.features.cases import service as cases
from server.features.cases.service import CorrectionLine
from server.features.complaints import service as complaints
from server.features.complaints.models import Kind
from server.features.complaints.schemas import ComplaintIn
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.ratings.models import Level
from server.features.ratings.schemas import RateIn
from server.kit import clock
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import EVERY_DAY, Bookable, book
from tests.factories.cases import Applicant, Office, begun, office
from tests.factories.identity import SomeCitizen
from tests.factories.walks import SomeWalk
from tests.fixtures_web import Client

# A Monday on which the country works, when the hall opens.
MORNING = datetime(2026, 12, 7, 9, tzinfo=clock.SHANGHAI)
_OPEN = """
SELECT r.token FROM rating r JOIN thread t ON t.id = r.thread_id WHERE t.person_id = $1 AND r.state = 'open'
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where it is gone."""

    client: Client
    ports: Ports
    at: Office
    window: UUID

    @property
    def places(self) -> Bookable:
        """Where places are booked."""
        return Bookable(hall=self.at.hall, guide=self.at.guide)


async def town(client: Client, ports: Ports, **guide: Any) -> Town:
    """An office whose item is booked, too, and whose result is a real one."""
    at = await office(**({"sample": False} | guide))
    await booking.set_policy(at.hall.id, confirmation="auto", per_person_item=3)
    await booking.add_rule(
        at.hall.id, "general", weekdays=EVERY_DAY, opens=time(8, 30), closes=time(17, 30), minutes=30, capacity=2
    )
    await booking.release_slots()
    return Town(client=client, ports=ports, at=at, window=(await make.window(at.hall, 1)).id)


def as_citizen(walk: SomeWalk) -> SomeCitizen:
    """The test person of a walk, as factories know people."""
    return SomeCitizen(
        token=walk.token, account_id=walk.actor.account_id, session_id=walk.actor.session_id, person_id=walk.person,
        name="测试人员", number="", phone="", openid="",
    )  # fmt: skip


async def way(to: Town, who: SomeCitizen) -> AsyncIterator[str]:
    """Go the whole way; each stop is named when it is reached."""
    await _visit(to, who)
    yield "served"
    await _rated(who)
    yield "rated"
    missed = await _booked(to, who, 1)
    await db.execute("UPDATE booking SET state = 'no_show' WHERE id = $1", missed)
    yield "missed"
    case = await begun(to.client, to.ports, to.at, who)
    await _handed_in(case)
    yield "submitted"
    line = CorrectionLine(key="id_card", reason="照片不清楚")
    await cases.ask_correction(to.at.clerk.actor, case.id, [line])
    await _handed_in(case, "#aa88cc")
    await complaints.write(who.actor, ComplaintIn(kind=Kind.QUESTION, words="还要多久？", thread_id=case.thread_id))
    yield "asked"
    written = await db.fetchval("SELECT id FROM complaint WHERE account_id = $1", who.account_id)
    await complaints.take(to.at.reviewer.actor, written)
    await complaints.answer(to.at.reviewer.actor, written, words="五个工作日内办结。")
    yield "answered"
    await cases.accept(to.at.clerk.actor, case.id)
    yield "accepted"
    await cases.grant(to.at.reviewer.actor, to.ports.signer, case.id, None)
    yield "granted"
    await _rated(who)
    yield "rated again"


async def _booked(to: Town, who: SomeCitizen, days: int) -> UUID:
    day = clock.today().toordinal() + days
    slot = next(one for one in await to.places.slots() if one.starts_at.astimezone(clock.SHANGHAI).toordinal() == day)
    return (await book(who.actor, BookIn(item_id=to.at.item_id, slot_id=slot.id))).id


async def _visit(to: Town, who: SomeCitizen) -> None:
    await queue.check_in_at_desk(to.at.clerk.actor, await _booked(to, who, 0))
    clock.advance(timedelta(minutes=4))
    called = await queue.call_next(to.at.clerk.actor, to.window)
    assert called is not None
    clock.advance(timedelta(minutes=7))
    await queue.finish(to.at.clerk.actor, called)


async def _handed_in(case: Applicant, shade: str = "#88aacc") -> None:
    case.case = (await case.phone.get(f"/api/v1/cases/{case.id}")).json
    wish = await case.application()
    wish["materials"][0]["file_id"] = str((await case.picture(shade)).id)
    answer = await case.post("submit", wish)
    assert answer.status == 200, answer.text


async def _rated(who: SomeCitizen) -> None:
    """Badly, where a rating waits: what a real person is handed must be collected first."""
    for row in await db.fetch(_OPEN, who.person_id):
        wish = RateIn(token=row["token"], level=Level.VERY_DISSATISFIED, tags=["108"])
        await ratings.rate(replace(who.actor, address="203.0.113.5"), wish)
