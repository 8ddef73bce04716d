"""The ticket and the rules of one row."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import F
from tortoise.models import Model

from server.errors import Conflict
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "ticket_counter_pkey",
    "ticket_booking_key",
    "ticket_number_key",
    "ticket_state_check",
    "ticket_window_key",
    "ticket_waiting_index",
)


class TicketState(enum.StrEnum):
    """Where a ticket stands; see `MOVES` for the ways between."""

    WAITING = "waiting"
    CALLED = "called"
    SERVING = "serving"
    DONE = "done"
    SKIPPED = "skipped"
    TRANSFERRED = "transferred"
    ABANDONED = "abandoned"


_S = TicketState
AT_WINDOW = (_S.CALLED, _S.SERVING)
OPEN = (_S.WAITING, *AT_WINDOW)
UNFINISHED = (*OPEN, _S.SKIPPED)

MOVES: dict[str, tuple[tuple[TicketState, ...], TicketState]] = {
    "start": ((_S.CALLED,), _S.SERVING),
    "finish": ((_S.CALLED, _S.SERVING), _S.DONE),
    "skip": ((_S.CALLED,), _S.SKIPPED),
    "bring_back": ((_S.SKIPPED,), _S.WAITING),
    "abandon": ((_S.WAITING, _S.CALLED, _S.SKIPPED), _S.ABANDONED),
}


class Ticket(Model):
    """One visit's place in the queue. `number` is what the screen shows; `version` grows with every change.

    The line is in the order of `place_at`: the time that was booked, or the arrival when that is later. So whoever
    comes early is welcome and overtakes nobody.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    thread_id = fields.UUIDField()
    booking_id = fields.UUIDField(null=True, unique=True)
    hall_id = fields.UUIDField()
    skill = fields.TextField()
    day = fields.DateField()
    place_at = fields.DatetimeField()
    number = fields.TextField()
    state = fields.CharEnumField(TicketState, default=TicketState.WAITING)
    person_id = fields.UUIDField()
    window_id = fields.UUIDField(null=True)
    served_by = fields.UUIDField(null=True)
    called_at = fields.DatetimeField(null=True)
    finished_at = fields.DatetimeField(null=True)
    version = fields.IntField(default=1)

    class Meta:
        table = "ticket"

    @classmethod
    def of_people(cls, persons: tuple[UUID, ...]) -> QuerySet[Self]:
        """Reach the tickets of these people: the only door for a citizen."""
        return cls.filter(person_id__in=persons)

    @classmethod
    def in_halls(cls, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach the tickets of these halls (all of them for `None`): the only door for staff."""
        return cls.all() if halls is None else cls.filter(hall_id__in=halls)

    async def move(self, verb: str, **changes: object) -> None:
        """Go one step along `MOVES`, or refuse with `queue.wrong_state`; two who race cannot both win."""
        sources, target = MOVES[verb]
        moved = (
            await type(self)
            .filter(id=self.id, state__in=sources)
            .update(state=target, version=F("version") + 1, **changes)
        )
        if not moved:
            raise Conflict("queue.wrong_state")
        await self.refresh_from_db()
