"""Lists by which a department hands over to a window."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet


class HandoverList(Model):
    """One list: `open` while it is written, `given` once the giver has signed, `counted` once the receiver has."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    number: int = fields.BigIntField()
    department_id: UUID = fields.UUIDField()
    hall_id: UUID = fields.UUIDField()
    state: str = fields.TextField(default="open")
    opened_by: UUID = fields.UUIDField()
    given_by: UUID | None = fields.UUIDField(null=True)
    given_at: datetime | None = fields.DatetimeField(null=True)
    counted_by: UUID | None = fields.UUIDField(null=True)
    counted_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "handover_list"

    @classmethod
    def between(cls, departments: tuple[UUID, ...] | None, halls: tuple[UUID, ...] | None) -> QuerySet[Self]:
        """Reach the lists these departments give and these halls receive (all for `None`): the only door."""
        if departments is None or halls is None:
            return cls.all()
        return cls.filter(Q(department_id__in=departments) | Q(hall_id__in=halls))


class HandoverLine(Model):
    """One result on a list. `shelf` is where the receiver has put it; without one it is missing once they sign."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    list_id: UUID = fields.UUIDField()
    delivery_id: UUID = fields.UUIDField()
    state: str = fields.TextField(default="listed")
    shelf: str | None = fields.TextField(null=True)

    class Meta:
        table = "handover_line"
