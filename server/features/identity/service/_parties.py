"""For whom somebody may act, and how far a member of staff may see."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import ScopeKind
from server.errors import NotFound
from server.features.identity.schemas import RepresentedOut
from server.features.identity.service import _people
from server.kit import clock, masking

if TYPE_CHECKING:
    from server.actor import Citizen, Role, Staff

# Mandates are kept by the feature of that name; whose rows somebody sees is asked on every request, so read here.
_PARTIES = """
SELECT person_id, NULL::uuid AS enterprise_id FROM mandate
WHERE agent_id = $1 AND state = 'live' AND until > $2 AND ($3 = 'visits' OR scope = 'everything')
UNION ALL
SELECT NULL, enterprise_id FROM membership WHERE person_id = $1 AND ended_at IS NULL
"""


_REPRESENTED = """
SELECT id, person_id, relation, scope, until FROM mandate
WHERE agent_id = $1 AND state = 'live' AND until > $2 ORDER BY created_at, id
"""


class Scope(enum.StrEnum):
    """How far a mandate reaches: only appointments and waiting, or papers, applications and certificates as well."""

    VISITS = "visits"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose rows a citizen sees: their own person, those they represent, and the enterprises they belong to."""

    person_ids: tuple[UUID, ...] = ()
    enterprise_ids: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Party:
    """For whom one deed is done. `person_id` is who stands at the window, also when it is for an enterprise."""

    person_id: UUID
    enterprise_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Reach:
    """What a member of staff sees. None for halls and departments means all of them.

    A row is within reach when its hall or department is named, or its region's code begins with one of the prefixes.
    """

    hall_ids: tuple[UUID, ...] | None = ()
    department_ids: tuple[UUID, ...] | None = ()
    region_prefixes: tuple[str, ...] = field(default=())

    def covers_hall(self, hall_id: UUID, region_code: str | None = None) -> bool:
        """Say whether a hall is within reach; its region's code decides where the hall itself is not named."""
        return self.hall_ids is None or hall_id in self.hall_ids or self.covers_region(region_code)

    def covers_department(self, department_id: UUID, region_code: str | None = None) -> bool:
        """Say whether a department is within reach."""
        named = self.department_ids is None or department_id in self.department_ids
        return named or self.covers_region(region_code)

    def covers_region(self, region_code: str | None) -> bool:
        """Say whether everything in a region is within reach."""
        return region_code is not None and region_code.startswith(self.region_prefixes)


_served = ""


def serve(region: str) -> None:
    """Tell which county or city this product serves: a grant for it, or for what it lies in, reaches everything."""
    global _served  # noqa: PLW0603 - one tenant a process
    _served = region_prefix(region)


async def parties(actor: Citizen, scope: Scope = Scope.EVERYTHING) -> Parties:
    """Tell for whom a citizen may act, now: a mandate or an authority taken back no longer counts.

    With `Scope.VISITS` also those who are represented at appointments only.
    """
    if actor.person_id is None:
        return Parties()
    rows = await db.fetch(_PARTIES, actor.person_id, clock.today(), scope.value)
    people = [row["person_id"] for row in rows if row["person_id"] is not None]
    return Parties(
        person_ids=(actor.person_id, *people),
        enterprise_ids=tuple(row["enterprise_id"] for row in rows if row["enterprise_id"] is not None),
    )


async def party(
    actor: Citizen,
    *,
    person_id: UUID | None = None,
    enterprise_id: UUID | None = None,
    scope: Scope = Scope.EVERYTHING,
) -> Party:
    """Settle for whom a deed is done: oneself, somebody represented, or an enterprise. Raises NotFound for others."""
    mine = await parties(actor, scope)
    if actor.person_id is None or (person_id is not None and person_id not in mine.person_ids):
        raise NotFound
    if enterprise_id is not None and enterprise_id not in mine.enterprise_ids:
        raise NotFound
    return Party(person_id=person_id or actor.person_id, enterprise_id=enterprise_id)


async def represented_by(person_id: UUID) -> list[RepresentedOut]:
    """List whom a person may act for today."""
    rows = await db.fetch(_REPRESENTED, person_id, clock.today())
    shown = await _people.people([row["person_id"] for row in rows])
    return [
        RepresentedOut(
            mandate_id=row["id"],
            person_id=row["person_id"],
            name=masking.name(shown[row["person_id"]].name),
            age=shown[row["person_id"]].age,
            relation=row["relation"],
            scope=row["scope"],
            last_day=row["until"] - timedelta(days=1),
        )
        for row in rows
    ]


async def reach(staff: Staff, *roles: Role) -> Reach:
    """Tell how far the grants of the given roles (all, if none is named) let somebody see."""
    prefixes = tuple(sorted({region_prefix(code) for code in staff.scopes(ScopeKind.REGION, *roles)}))
    if any(_served.startswith(prefix) for prefix in prefixes if prefix == "" or _served):
        return Reach(None, None, prefixes)
    return Reach(
        tuple(UUID(scope) for scope in staff.scopes(ScopeKind.HALL, *roles)),
        tuple(UUID(scope) for scope in staff.scopes(ScopeKind.DEPARTMENT, *roles)),
        prefixes,
    )


def region_prefix(code: str) -> str:
    """Give what the codes of a region and of everything in it begin with: 2, 4, 6, 9 or 12 digits of GB/T 2260."""
    code = code.ljust(12, "0")
    for length in (9, 6, 4, 2, 0):
        if code[length:].strip("0"):
            return code[: {9: 12, 6: 9, 4: 6, 2: 4, 0: 2}[length]]
    return ""
