"""What an area may set for itself from a day on."""

from __future__ import annotations

from datetime import date
from typing import ClassVar, Generic, TypeVar

from msgspec import Struct


class Policy(Struct, frozen=True, kw_only=True):
    """One kind of rule that areas may set for themselves: whole numbers within bounds, and choices of two.

    A feature derives its own, each field with its bounds as `Meta(ge=…, le=…)` and, as its default, what holds where no
    area has set anything. Its texts stand under `catalogue.policy.<kind>`: `title`, `hint`, one for each field and, for
    a choice of two, `<field>_yes` and `<field>_no`.
    """

    kind: ClassVar[str]

    def unfit(self) -> str | None:
        """Name a field that does not go with the others, if there is one."""
        return None


P_co = TypeVar("P_co", bound=Policy, covariant=True)


class PolicyTerm(Struct, frozen=True, kw_only=True):
    """One field of a kind: its bounds (None for a choice of two) and what usually holds."""

    name: str
    usual: int | bool
    least: int | None = None
    most: int | None = None


class PolicySpan(Struct, frozen=True, kw_only=True):
    """Where a rule holds, from which day until which (None: until a newer one), and why."""

    region_code: str
    first_on: date
    last_on: date | None = None
    reason: str


class SetPolicy(Struct, Generic[P_co], frozen=True, kw_only=True):
    """A rule that was set."""

    span: PolicySpan
    region: str
    terms: P_co
