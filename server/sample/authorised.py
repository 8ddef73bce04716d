"""What the sample departments have authorised halls to: in force, about to end, only receiving, and one that waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from server import db
from server.features.cases.service import AuthorisationIn, authorisations
from server.features.catalogue.service import DepartmentView, HallView
from server.kit import clock
from server.sample.acting import desks
from server.sample.day import TOWN_HALL
from server.sample.places import COUNTY_HALL

_A_YEAR, _SOON = 365, 20
_EVERYWHERE = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """One document: of which department (by key), for which hall, for how many days; `agreed` by the second person."""

    department: str
    number: str
    hall: str = COUNTY_HALL
    kind: str = "accept"
    days: int = _A_YEAR
    agreed: bool = True


GIVEN = (
    Given(department="police", number="颍公授〔2026〕1号"),
    Given(department="civil", number="颍民授〔2026〕1号"),
    Given(department="market", number="颍市监授〔2026〕1号"),
    Given(department="property", number="颍不动产授〔2026〕1号"),
    Given(department="service", number="颍政数授〔2026〕1号"),
    Given(department="social", number="颍人社授〔2026〕1号"),
    Given(department="health", number="颍卫授〔2026〕1号", days=_SOON),
    Given(department="police", number="颍公授〔2026〕2号", hall=TOWN_HALL),
    Given(department="civil", number="颍民授〔2026〕2号", hall=TOWN_HALL),
    Given(department="social", number="颍人社授〔2026〕2号", hall=TOWN_HALL),
    Given(department="market", number="颍市监授〔2026〕2号", hall=_EVERYWHERE, kind="receive"),
    Given(department="property", number="颍不动产授〔2026〕2号", hall=TOWN_HALL, agreed=False),
)


async def give(departments: Mapping[str, DepartmentView], halls: Mapping[str, HallView]) -> int:
    """Enter them all by the hall and agree to them by the department, once; gives how many are new."""
    if await db.fetchval("SELECT count(*) FROM authorisation"):
        return 0
    staff = await desks(halls)
    hall_side, department_side = staff["manager1"], staff["reviewer1"]
    for one in GIVEN:
        wish = _wish(one, departments[one.department].id, halls[one.hall].id if one.hall else None)
        entered = await authorisations.ask(hall_side, wish)
        if one.agreed:
            await authorisations.approve(department_side, entered)
    return len(GIVEN)


def _wish(one: Given, department_id: UUID, hall_id: UUID | None) -> AuthorisationIn:
    return AuthorisationIn(
        department_id=department_id,
        hall_id=hall_id,
        item_ids=None,
        kind="accept" if one.kind == "accept" else "receive",
        number=one.number,
        signed_by="样例局长",
        first_on=clock.today(),
        last_on=clock.today() + timedelta(days=one.days),
    )
