"""The delivery and the rules of one row."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.errors import Conflict
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet


class DeliveryState(enum.StrEnum):
    """Where a result is; see `MOVES` for the ways between."""

    PREPARING = "preparing"
    HANDED_TO_WINDOW = "handed_to_window"
    READY_TO_COLLECT = "ready_to_collect"
    COLLECTED = "collected"
    POSTED = "posted"
    IN_TRANSIT = "in_transit"
    SIGNED = "signed"
    RETURNED = "returned"


_S = DeliveryState
WAITING = (_S.PREPARING, _S.HANDED_TO_WINDOW)
# With its department: still being made, or back there.
CHANGEABLE = (_S.PREPARING, _S.RETURNED)

# It is the person's, or back.
ENDED = (_S.COLLECTED, _S.SIGNED, _S.RETURNED)

MOVES: dict[str, tuple[tuple[DeliveryState, ...], DeliveryState]] = {
    "take": ((_S.PREPARING,), _S.HANDED_TO_WINDOW),
    "ready": (WAITING, _S.READY_TO_COLLECT),
    "post": (WAITING, _S.POSTED),
    "carry": ((_S.POSTED,), _S.IN_TRANSIT),
    "sign": ((_S.POSTED, _S.IN_TRANSIT), _S.SIGNED),
    "send_back": ((_S.POSTED, _S.IN_TRANSIT), _S.RETURNED),
    "recall": ((_S.READY_TO_COLLECT,), _S.HANDED_TO_WINDOW),
    "collect": ((_S.READY_TO_COLLECT,), _S.COLLECTED),
    "withhold": ((*WAITING, _S.READY_TO_COLLECT), _S.RETURNED),
}


class Delivery(Model):
    """One result on its way. The pickup code is sealed and found by blind index: a list of codes opens no counter."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    thread_id = fields.UUIDField()
    case_id = fields.UUIDField()
    person_id = fields.UUIDField()
    hall_id = fields.UUIDField()
    department_id = fields.UUIDField()
    # By the window itself on the spot, or by the department, which then hands it over by list.
    made_at = fields.TextField(default="department")
    method = fields.TextField(default="counter")
    state = fields.CharEnumField(DeliveryState, default=DeliveryState.PREPARING)
    pickup_code_sealed = fields.BinaryField()
    pickup_code = Sealed("pickup_code_sealed")
    pickup_index = fields.BinaryField()
    # The locker bank, if it is to lie in one; `hall_id` is then the window that fills it.
    bank_id: UUID | None = fields.UUIDField(null=True)
    address_sealed = fields.BinaryField(null=True)
    address: Sealed[Any] = Sealed("address_sealed", kind="json", nullable=True)
    shelf = fields.TextField(null=True)
    ready_at = fields.DatetimeField(null=True)
    reminded_at = fields.DatetimeField(null=True)
    collected_at = fields.DatetimeField(null=True)
    handed_over_by = fields.UUIDField(null=True)
    # How it ended is news for its department, until somebody there has noted it.
    ended_at = fields.DatetimeField(null=True)
    noted_at = fields.DatetimeField(null=True)
    noted_by: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "delivery"

    @classmethod
    def in_halls(cls, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach what these halls hand out (all of it for `None`): the only door for staff."""
        return cls.all() if halls is None else cls.filter(hall_id__in=halls)

    async def move(self, verb: str, **changes: object) -> None:
        """Go one step along `MOVES`, or refuse with `delivery.wrong_state`; two who race cannot both win."""
        sources, target = MOVES[verb]
        if target in ENDED:
            changes["ended_at"] = clock.now()
        moved = await type(self).filter(id=self.id, state__in=sources).update(state=target, **changes)
        if not moved:
            raise Conflict("delivery.wrong_state")
        self.state = target
        self.update_from_dict(changes)
