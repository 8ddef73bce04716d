"""A county in which every list of the desk has three rows, and somebody who reads each."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from server import db
from server.features.booking.schemas import BookIn
from server.features.cases.service import authorisations, delegations, posting
from server.features.catalogue import service as catalogue
from server.features.complaints.models import Complaint, Kind
from server.features.ratings.models import Channel, Level, Rating, RatingState, Rectification
from server.features.supervision.models import SampleDraw
from server.kit import clock
from server.kit.ids import new_id, token
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import Bookable, book, bookable
from tests.factories.cases import Applicant, Office, office, ready
from tests.factories.identity import SomeStaff, citizen, staff
from tests.fixtures_web import Client
from tests.server.cases.test_authorising import wish as authorising
from tests.server.cases.test_delegations import wish as delegating
from tests.server.cases.test_post import envelope
from tests.server.catalogue.test_standards import standard

TURNS = 3
_PLEDGE = """INSERT INTO pledge (id, created_at, case_id, rule_key, guide_id, department_id, words_sealed, staff_id,
    state, due_on) VALUES ($1, $2, $3, 'form', $4, $5, 'x', $6, 'to_check', $7)"""
_RULING = """INSERT INTO ruling (id, created_at, case_id, guide_id, item_id, department_id, state, why, attempts,
    ended_at) VALUES ($1, $2, $3, $4, $5, $6, 'person', 'papers', 1, $2)"""
_REPORT = """INSERT INTO field_report (id, created_at, case_id, thread_id, person_id, department_id, field_key, label,
    source, held_sealed, right_sealed, state) VALUES ($1, $2, $3, $4, $5, $6, 'name', $7, 'register', $8, $9, 'open')"""
_BATCH = """INSERT INTO paper_batch (id, created_at, number, hall_id, department_id, state, due_on, giver_id, handed_at)
    VALUES ($1, $2, $3, $4, $5, 'handed', $6, $7, $2)"""
_BROADCAST = """INSERT INTO broadcast (id, created_at, kind, words, audience, chosen, state, expected, author_id)
    VALUES ($1, $2, 'booking.hall_closed', $3::jsonb, 'booking.booked', $3::jsonb, 'waiting', $4, $5)"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filled:
    """Who sits where: those whose rows they are, and colleagues in another hall, department and county."""

    at: Office
    here: dict[str, SomeStaff]
    away: dict[str, SomeStaff]
    day: date


async def filled(client: Client, ports: Ports) -> Filled:
    """Fill every list; between rows that have a moment of their own lies a day."""
    at = await office()
    hall = at.hall.id
    town, other = await make.hall("town", region_code="341226100"), await make.department("health")
    here = {"clerk": at.clerk, "reviewer": at.reviewer, "hall_manager": await staff("hall_manager", hall=hall)}
    away = {
        "clerk": await staff("clerk", hall=town.id),
        "reviewer": await staff("reviewer", department=other.id),
        "hall_manager": await staff("hall_manager", hall=town.id),
    }
    for role in ("administrator", "supervisor", "auditor"):
        here[role], away[role] = await staff(role), await staff(role, region="341203")
    made = [(await ready(client, ports, at))[0] for _ in range(TURNS)]
    place = await bookable(capacity=TURNS)
    for turn, who in enumerate(made):
        at_that = clock.now() - timedelta(days=turn)
        await _cases(at, who, turn, at_that)
        await _voices(at, who, turn, at_that)
        await _instruments(at, turn)
        chosen = json.dumps({"hall": str(hall), "day": str(at_that.date())})
        await db.execute(_BROADCAST, new_id(), at_that, chosen, turn, here["hall_manager"].actor.staff_id)
        draw = {"first_on": at_that.date() - timedelta(days=9), "last_on": at_that.date() - timedelta(days=2)}
        supervisor = here["supervisor"].actor.staff_id
        await SampleDraw(
            staff_id=supervisor,
            region_code="",
            wanted=1,
            population=1 + turn,
            seed=token(128),
            created_at=at_that,
            **draw,
        ).save(force_create=True)
        await make.hall(f"town{turn}")
        await catalogue.take_standards(make.TESTER, [standard(await make.guide())])
        await _booked(place)
    day: date = await db.fetchval("SELECT min(day) FROM booking")
    return Filled(at=at, here=here, away=away, day=day)


async def _cases(at: Office, who: Applicant, turn: int, moment: datetime) -> None:
    hall, department, guide = at.hall.id, at.guide.department.id, at.guide
    due: date = clock.today() + timedelta(days=turn)
    await db.execute(_PLEDGE, new_id(), moment, who.id, guide.id, department, at.reviewer.actor.staff_id, due)
    await db.execute(_RULING, new_id(), moment, who.id, guide.id, guide.item.id, department)
    await db.execute(_BATCH, new_id(), moment, f"P{turn}", hall, department, due, at.clerk.actor.staff_id)
    await posting.register_parcel(at.clerk.actor, envelope(at, f"ea00000000{turn}cn", on=moment.date()))
    report = new_id()
    held, right = (db.seal("field_report", f"{name}_sealed", report, name) for name in ("held", "right"))
    person = who.someone.actor.person_id
    await db.execute(_REPORT, report, moment, who.id, who.thread_id, person, department, f"填写项{turn}", held, right)


async def _instruments(at: Office, turn: int) -> None:
    until = clock.today() + timedelta(days=turn)
    await authorisations.ask(at.reviewer.actor, authorising(at, number=f"授{turn}", last_on=until))
    seated = await staff("reviewer", hall=at.hall.id)
    await delegations.ask(at.reviewer.actor, delegating(at, seated, number=f"首{turn}", last_on=until))


async def _voices(at: Office, who: Applicant, turn: int, moment: datetime) -> None:
    whose = {"department_id": at.guide.department.id, "hall_id": at.hall.id}
    letter = Complaint(
        number=f"90000000{turn}", kind=Kind.GRIEVANCE, nameless=True, token=token(128), created_at=moment,
        due_on=clock.today() + timedelta(days=turn), item_id=at.item_id, state="routed", **whose,
    )  # fmt: skip
    letter.words = "等了很久"
    await letter.save(force_create=True)
    rating = Rating(
        thread_id=who.thread_id, subject_kind="visit", subject_id=new_id(), token=token(128), given_at=moment,
        state=RatingState.GIVEN, level=Level.DISSATISFIED, channel=Channel.MOBILE, **whose,
    )  # fmt: skip
    await rating.save(force_create=True)
    day = clock.today() + timedelta(days=turn)
    await Rectification(
        rating_id=rating.id, thread_id=who.thread_id, started_on=clock.today(), red_on=day, due_on=day, **whose
    ).save(force_create=True)


async def _booked(place: Bookable) -> None:
    slot = (await place.slots())[0]
    await book((await citizen()).actor, BookIn(item_id=place.item_id, slot_id=slot.id))


async def end_all() -> None:
    """Let every result on a shelf come back: what ended is told to its department."""
    await db.execute("UPDATE delivery SET state = 'returned', ended_at = created_at + interval '1 hour'")
