"""Who is asking. Every use case takes one of these as its first argument."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from uuid import UUID


class Role(enum.StrEnum):
    """Staff roles; the value is what the database and `x-access` say."""

    CLERK = "clerk"
    REVIEWER = "reviewer"
    HALL_MANAGER = "hall_manager"
    SUPERVISOR = "supervisor"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"
    EVALUATOR = "evaluator"


class ScopeKind(enum.StrEnum):
    """What a grant reaches: one hall, one department, or a region with everything below it."""

    HALL = "hall"
    DEPARTMENT = "department"
    REGION = "region"


@dataclass(frozen=True, slots=True)
class Grant:
    """One role within one scope. `scope` is the hall's or department's id, or the region's code."""

    role: Role
    kind: ScopeKind
    scope: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """What every asker has: the language they read and where the request came from (for the audit row)."""

    locale: str = "zh-CN"
    request_id: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anonymous(Actor):
    """Nobody is logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Citizen(Actor):
    """A logged-in phone. `person_id` is set once the real name has been verified."""

    account_id: UUID
    session_id: UUID
    person_id: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Staff(Actor):
    """A person behind a desk. What they may see follows from `grants`."""

    staff_id: UUID
    session_id: UUID
    name: str = ""
    grants: tuple[Grant, ...] = field(default=())

    def has(self, *roles: Role) -> bool:
        """Say whether any grant carries one of the roles, whatever its scope."""
        return any(grant.role in roles for grant in self.grants)

    def scopes(self, kind: ScopeKind, *roles: Role) -> tuple[str, ...]:
        """List the scopes of one kind that the given roles (all, if none is named) reach."""
        return tuple(grant.scope for grant in self.grants if grant.kind is kind and (not roles or grant.role in roles))


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Actor):
    """The product itself: the worker, a command, a reaction. `name` is what the audit row says."""

    name: str
