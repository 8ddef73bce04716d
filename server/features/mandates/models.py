"""One person acts for another: who said so, how far, until when, and what may become of it."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tortoise import Model, fields
from tortoise.contrib.postgres.fields import ArrayField

from server.db import Sealed
from server.errors import Conflict
from server.features.identity.service import Scope
from server.kit import clock
from server.kit.ids import new_id

CONSTRAINTS = (
    "mandate_relation_check",
    "mandate_self_check",
    "mandate_live_key",
    "mandate_scope_check",
    "mandate_basis_check",
    "mandate_state_check",
    "mandate_open_check",
    "mandate_live_check",
    "mandate_desk_check",
)

A_DAY = timedelta(days=1)
LONGEST = timedelta(days=366)
# Nobody has answered for so long: whoever still means it asks again.
PATIENCE = timedelta(days=30)
MOST_ASKED = 10


class Relation(enum.StrEnum):
    """Why one person may act for another."""

    GUARDIAN = "guardian"
    RELATIVE = "relative"
    AGENT = "agent"


class State(enum.StrEnum):
    """Where a mandate stands; see `MOVES` for the ways between."""

    ASKED = "asked"
    LIVE = "live"
    SUSPENDED = "suspended"
    DECLINED = "declined"
    ENDED = "ended"


class Basis(enum.StrEnum):
    """Whose word made it live."""

    AUTHORITY = "authority"
    CONSENT = "consent"
    DESK = "desk"


class Paper(enum.StrEnum):
    """What was shown at the window."""

    HOUSEHOLD_REGISTER = "household_register"
    BIRTH_CERTIFICATE = "birth_certificate"
    RULING = "ruling"
    SIGNED_AUTHORITY = "signed_authority"


_S = State
OPEN = (_S.ASKED, _S.LIVE, _S.SUSPENDED)

MOVES: dict[str, tuple[tuple[State, ...], State]] = {
    "confirm": ((_S.ASKED,), _S.LIVE),  # the authority knows the kinship
    "consent": ((_S.ASKED,), _S.LIVE),  # the represented person agrees
    "refuse": ((_S.ASKED,), _S.DECLINED),  # or does not
    "object": ((_S.ASKED, _S.LIVE), _S.SUSPENDED),  # another guardian does not agree
    "approve": ((_S.ASKED, _S.SUSPENDED), _S.LIVE),  # the window has seen the papers
    "decline": ((_S.ASKED, _S.SUSPENDED), _S.DECLINED),
    "take_back": ((_S.LIVE,), _S.ENDED),
    "end": (OPEN, _S.ENDED),
}


class Mandate(Model):
    """One person may act for another; from the day `until` on no longer."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    agent_id: UUID = fields.UUIDField()
    person_id: UUID = fields.UUIDField()
    relation = fields.CharEnumField(Relation)
    scope = fields.CharEnumField(Scope)
    state = fields.CharEnumField(State, default=State.ASKED)
    until: date = fields.DateField()
    basis: Any = fields.CharEnumField(Basis, null=True)
    shown: list[str] = ArrayField("text", default=list)
    reason_sealed: bytes | None = fields.BinaryField(null=True)
    objected_by: UUID | None = fields.UUIDField(null=True)
    moved_at: datetime = fields.DatetimeField(default=clock.now)
    ended_at: datetime | None = fields.DatetimeField(null=True)

    reason = Sealed("reason_sealed", nullable=True)

    class Meta:
        table = "mandate"

    @property
    def last_day(self) -> date:
        """Name the last day on which it counts, which is what people are told."""
        return self.until - A_DAY

    def can(self, move: str) -> bool:
        """Say whether the move is open from here."""
        return self.state in MOVES[move][0]

    async def move(self, move: str) -> None:
        """Go on, in the caller's transaction that holds the row. Raises Conflict `mandates.decided`."""
        if not self.can(move):
            raise Conflict("mandates.decided")
        self.state = MOVES[move][1]
        self.moved_at = clock.now()
        self.ended_at = None if self.state in OPEN else self.moved_at
        await self.save()
