"""What the rules of a guide came to, as it is kept and as it is shown."""

from __future__ import annotations

from datetime import date, datetime
from typing import Literal
from uuid import UUID

from msgspec import Struct

Held = Literal["yes", "no", "down"]


class Trace(Struct, kw_only=True):
    """One rule as it was found: `fact` is what it rests on, `said` what was found, `of` and `on` where and since when.

    `held` is `down` where the source did not answer.
    """

    key: str
    name: str
    fact: str
    held: Held
    said: str = ""
    of: str = ""
    on: date | None = None
    read_at: datetime


class RuleLine(Struct, kw_only=True):
    """One rule in the reader's language: whether it held, by what source, what that said, and when it was asked."""

    name: str
    held: Held
    source: str
    said: str
    read_at: datetime


class RulingOut(Struct, kw_only=True):
    """What the rules came to. `state`: `waiting`, `granted`, `person` (`why` says for what reason) or `void`."""

    name: str
    basis: str
    state: str
    why: str | None
    ended_at: datetime | None
    lines: list[RuleLine]


class RulingAtDesk(Struct, kw_only=True):
    """The rules' word beside a case at the desk; `look` as a person was to look at it, and what they found."""

    id: UUID
    shown: RulingOut
    look: str | None
    look_on: date | None
    looked_by: str | None
    looked_at: datetime | None
    found: str | None


class RulingRow(Struct, kw_only=True):
    """One line of the list of what rules came to."""

    id: UUID
    case_id: UUID
    number: str
    item: str
    applicant: str
    state: str
    why: str | None
    look: str | None
    look_on: date | None
    late: bool
    created_at: datetime


class RuledItem(Struct, kw_only=True):
    """An item that is granted by rules: whether they run, who said so last and why, and what came of it in 30 days."""

    item_id: UUID
    name: str
    department: str
    rules: str
    rule_names: list[str]
    look_percent: int
    running: bool
    reason: str | None
    by: str | None
    at: datetime | None
    granted: int
    left: int
