"""The first page: what waits for whoever has just sat down, each number a way to it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date

from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import EVERYONE, FRONT, frame
from server.features.audit import service as audit
from server.features.booking import service as booking
from server.features.cases import service as cases
from server.features.cases.service import authorisations, visits
from server.features.catalogue import service as catalogue
from server.features.complaints import service as complaints
from server.features.delivery import service as delivery
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.kit import clock
from server.ports import Ports
from server.web import access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_home", url_prefix="/console")


@dataclass(frozen=True, slots=True)
class Card:
    """One number. `asks`: it waits for this person; the others only tell how things are."""

    key: str
    count: int
    to: str
    asks: bool = True


Gather = Callable[[Staff, Ports], Awaitable[list[Card]]]


@page(blueprint, "GET", "", access=access.staff(*EVERYONE))
async def home(actor: Staff, ports: Ports) -> Shown:
    """Show what waits for the actor."""
    cards = [card for roles, gather in _GATHER if actor.has(*roles) for card in await gather(actor, ports)]
    return "home.html", frame(
        actor,
        "home",
        asking=[card for card in cards if card.asks],
        telling=[card for card in cards if not card.asks],
        waits=sum(card.count for card in cards if card.asks),
    )


async def _front(actor: Staff, _ports: Ports) -> list[Card]:
    asked = await booking.unanswered(actor)
    there = url("/console/confirm", hall=asked[0][1]) if asked else "/console/confirm"
    preparing, ready = await delivery.counts(actor)
    return [
        Card("requested", sum(number for _, _, number in asked), there),
        Card("queue", await queue.waiting_now(actor), "/console/queue"),
        Card("to_count", await delivery.to_count(actor), url("/console/handovers", state="given")),
        Card("to_place", await delivery.to_place(actor), "/console/lockers"),
        Card("preparing", preparing, "/console/results"),
        Card("expected", await booking.expected_today(actor), "/console/bookings", asks=False),
        Card("ready", ready, "/console/results", asks=False),
    ]


async def _halls(actor: Staff, _ports: Ports) -> list[Card]:
    found = await booking.open_appeals(actor)
    there = url("/console/calendar", hall=found[0][0]) if found else "/console/calendar"
    return [Card("appeals", sum(number for _, number in found), there)]


async def _cases(actor: Staff, _ports: Ports) -> list[Card]:
    waiting = await cases.waiting_counts(actor)
    return [Card(tab, count, url("/console/cases", list=tab)) for tab, count in waiting.items()]


async def _asked(actor: Staff, _ports: Ports) -> list[Card]:
    """What other departments ask of this one, and what was granted on a pledge or by rules and has to be looked at."""
    asked = await cases.asked_counts(actor)
    checks = await cases.spot_check_counts(actor)
    ruled = await cases.ruling_counts(actor)
    there, looks, rules = url("/console/cases", list="decide"), "/console/pledges", url("/console/rulings", list="look")
    return [
        Card("delivered", await delivery.news(actor), "/console/delivered", asks=False),
        Card("opinions", asked[0], there),
        Card("opinions_late", asked[1], there, asks=False),
        Card("visits", len(await visits.tasks_of_visits(actor)), there),
        Card("pledges", checks[0], looks),
        Card("pledges_late", checks[1], looks, asks=False),
        Card("rulings", ruled[0], rules),
        Card("rulings_late", ruled[1], rules, asks=False),
    ]


async def _authorisations(actor: Staff, _ports: Ports) -> list[Card]:
    return [Card("authorisations", await authorisations.ending_soon(actor), "/console/authorisations")]


async def _reports(actor: Staff, _ports: Ports) -> list[Card]:
    return [Card("reports", await cases.open_reports(actor), "/console/reports")]


async def _assignments(actor: Staff, _ports: Ports) -> list[Card]:
    return [Card("assignments", await supervision.open_assignments(actor), "/console/assignments")]


async def _quarter(actor: Staff, _ports: Ports) -> list[Card]:
    return [Card("bulletin", await supervision.new_quarterly(actor), "/console/bulletins", asks=False)]


async def _ratings(actor: Staff, _ports: Ports) -> list[Card]:
    waiting, late = await ratings.open_counts(actor)
    there = "/console/rectifications"
    return [Card("rectify", waiting, there), Card("rectify_late", late, there, asks=False)]


async def _complaints(actor: Staff, _ports: Ports) -> list[Card]:
    waiting, late = await complaints.open_complaints(actor)
    there = "/console/complaints"
    return [Card("complaints", waiting, there), Card("complaints_late", late, there, asks=False)]


async def _audit(_actor: Staff, ports: Ports) -> list[Card]:
    state = await audit.chain_state(ports.witness)
    return [
        Card("unsealed", state.waiting, "/console/audit/chain", asks=False),
        Card("chain", state.sealed, "/console/audit/chain", asks=False),
        Card("looks", await audit.looks_since(clock.today()), _today_looks(), asks=False),
    ]


def _today_looks() -> str:
    return url("/console/audit", looks="1", since=clock.today().isoformat())


async def _administration(actor: Staff, _ports: Ports) -> list[Card]:
    staff = await identity.staff_counts()
    year = clock.today().year + 1
    days = await catalogue.calendar_days(date(year, 1, 1), date(year, 12, 31))
    halls = [hall.id for hall in await catalogue.halls_to_edit(actor)]
    return [
        Card("newcomers", staff.get("waiting", 0), url("/console/staff", state="waiting"), asks=False),
        Card("holidays", int(any(day.provisional for day in days)), url("/console/holidays", year=year)),
        Card("closed", await catalogue.closed_windows(halls), url("/console/halls", closed="1"), asks=False),
        Card("staff", staff.get("active", 0), url("/console/staff", state="active"), asks=False),
    ]


_GATHER: tuple[tuple[tuple[Role, ...], Gather], ...] = (
    (FRONT, _front),
    ((Role.HALL_MANAGER,), _halls),
    ((*FRONT, Role.REVIEWER), _cases),
    ((Role.REVIEWER,), _asked),
    (authorisations.KEEPERS, _authorisations),
    ((Role.REVIEWER,), _assignments),
    ((Role.SUPERVISOR,), _quarter),
    ((Role.REVIEWER, Role.SUPERVISOR), _reports),
    ((*FRONT, Role.REVIEWER, Role.SUPERVISOR), _ratings),
    ((Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR), _complaints),
    ((Role.AUDITOR,), _audit),
    ((Role.ADMINISTRATOR,), _administration),
)
