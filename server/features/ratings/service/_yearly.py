"""A member of staff's own ratings of a year, in sum: for themselves, and for who reviews them, with a reason on record.

Nobody's rating is told from another's: only months that are over, nothing at all of too few, and no sum that differs
from the one told before by too few. No average is made and nobody stands before anybody: what is listed is listed by
name.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.ratings.models import Level
from server.features.ratings.service._figures import COUNTED, RATED_TAGS, RATINGS
from server.features.ratings.service._tokens import tags_known
from server.features.thread import service as thread
from server.kit import clock

# Of fewer one could guess whose they were; of a reason that fewer gave, too.
FEWEST, FEWEST_OF_A_REASON = 5, 3
LONGEST_REASON = 200
FIRST_YEAR = 2020
_REVIEWED = (Role.CLERK, Role.HALL_MANAGER)

_SUM = f"""
SELECT r.level, r.state = 'excluded' AS excluded, ({COUNTED}) AS counted, count(*) AS number
FROM {RATINGS} AND {thread.in_months("r.given_at")} AND r.state <> 'open' AND r.served_by = $3
    AND ($4::uuid[] IS NULL OR r.hall_id = ANY($4))
GROUP BY 1, 2, 3
"""  # noqa: S608 - constants of our own; values are parameters
_MONTHS = f"""
SELECT date_trunc('month', {thread.day_of("r.given_at")})::date AS month, count(*) AS number
FROM {RATINGS} AND {thread.in_months("r.given_at")} AND ({COUNTED}) AND r.served_by = $3
    AND ($4::uuid[] IS NULL OR r.hall_id = ANY($4))
GROUP BY 1
"""  # noqa: S608 - as above
_TAGS = f"""
SELECT tag, count(*) AS number
FROM {RATED_TAGS} AND {thread.in_months("r.given_at")} AND ({COUNTED}) AND r.served_by = $3
    AND ($4::uuid[] IS NULL OR r.hall_id = ANY($4))
GROUP BY tag HAVING count(*) >= $5 ORDER BY number DESC, tag
"""  # noqa: S608 - as above


@dataclass(frozen=True, slots=True, kw_only=True)
class Reviewed:
    """Somebody whose year may be reviewed."""

    id: UUID
    name: str
    username: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Year:
    """Ratings of the visits somebody served. `levels` is None of too few; until `until` (not counted)."""

    year: int
    until: date
    number: int | None
    levels: dict[Level, int] | None
    tags: list[tuple[str, int]]
    excluded: int
    looked_into: int

    @property
    def bad(self) -> int | None:
        """Count the lowest two."""
        return None if self.levels is None else sum(many for level, many in self.levels.items() if level.bad)


async def own_year(actor: Staff, year: int) -> Year:
    """Give one's own. Raises InvalidInput for a year there was not."""
    return await _year(actor.staff_id, year, None)


async def reviewed_staff(actor: Staff) -> list[Reviewed]:
    """List by name whom somebody reviews: who works at their halls, except themselves."""
    halls = await _halls(actor)
    found: dict[UUID, Reviewed] = {}
    for role in _REVIEWED:
        for one in await identity.staff_in(role):
            at = {UUID(grant.scope) for grant in one.grants if grant.kind == "hall" and grant.role == role}
            if one.id != actor.staff_id and (halls is None or at.intersection(halls)):
                found[one.id] = Reviewed(id=one.id, name=one.name, username=one.username)
    return sorted(found.values(), key=lambda one: (one.name, one.username))


@db.transactional
async def review_year(actor: Staff, staff_id: UUID, year: int, reason: str) -> tuple[Reviewed, Year]:
    """Give somebody's to who reviews them; why is on record. Raises NotFound, InvalidInput."""
    why = _reason(reason)
    one = next((one for one in await reviewed_staff(actor) if one.id == staff_id), None)
    if one is None:
        raise NotFound
    found = await _year(staff_id, year, await _halls(actor))
    await audit.record(actor, "ratings.reviewed", "staff", staff_id, year=year, reason=why)
    return one, found


@db.transactional
async def review_everybody(actor: Staff, year: int, reason: str) -> list[tuple[Reviewed, Year]]:
    """Give everybody's whom somebody reviews, by name, to take away; each is on record. Raises as `review_year`."""
    why, halls, found = _reason(reason), await _halls(actor), []
    for one in await reviewed_staff(actor):
        found.append((one, await _year(one.id, year, halls)))
        await audit.record(actor, "ratings.reviewed", "staff", one.id, year=year, reason=why)
    return found


async def _halls(actor: Staff) -> tuple[UUID, ...] | None:
    return await catalogue.halls_within(await identity.reach(actor, Role.HALL_MANAGER))


def _reason(reason: str) -> str:
    why = reason.strip()
    if not why:
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "required"),))
    return why[:LONGEST_REASON]


async def _year(staff_id: UUID, year: int, halls: tuple[UUID, ...] | None) -> Year:
    today = clock.today()
    if not FIRST_YEAR <= year <= today.year:
        raise InvalidInput("invalid_input", fields=(FieldError("year", "out_of_range"),))
    # Looked at after every visit, the month under way would tell who it was.
    begin, over = date(year, 1, 1), min(date(year + 1, 1, 1), today.replace(day=1))
    whose = (staff_id, None if halls is None else list(halls))
    months = {row["month"]: row["number"] for row in await db.fetch(_MONTHS, begin, over, *whose)}
    end = _told_until(begin, over, months)
    of = (begin, end, *whose)
    rows = await db.fetch(_SUM, *of)
    counted = {level: sum(row["number"] for row in rows if row["counted"] and row["level"] == level) for level in Level}
    number = sum(counted.values())
    enough = number >= FEWEST
    excluded = sum(row["number"] for row in rows if row["excluded"])
    tags = await db.fetch(_TAGS, *of, FEWEST_OF_A_REASON) if enough else []
    return Year(
        year=year,
        until=end,
        number=number if enough else None,
        levels=counted if enough else None,
        tags=[(tags_known()[row["tag"]].name, row["number"]) for row in tags if row["tag"] in tags_known()],
        excluded=excluded,
        looked_into=sum(row["number"] for row in rows) - number - excluded,
    )


def _told_until(begin: date, over: date, numbers: Mapping[date, int]) -> date:
    """Give the end of the last month that is told: two sums told one after the other differ by nobody or by enough."""
    told, waiting, month = begin, 0, begin
    while month < over:
        waiting += numbers.get(month, 0)
        month = (month + timedelta(days=31)).replace(day=1)
        if waiting == 0 or waiting >= FEWEST:
            told, waiting = month, 0
    return told
