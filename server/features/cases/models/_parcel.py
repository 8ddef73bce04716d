"""Envelopes that come by post (邮寄件, notice row 55): what came, and what became of it."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet

COURIERS = ("ems", "post", "sf", "jd", "zto", "yto", "sto", "yunda", "other")
RETURNS = ("wrong_addressee", "unreadable", "no_such_item", "no_applicant")


class Parcel(Model):
    """One envelope at a hall, known by its `courier` and `waybill`. `contents` is what lay in it, as counted there.

    `state`: `registered`; then `filed` with a case, or `returned` for a `reason` under a waybill of our own.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    courier = fields.TextField()
    waybill = fields.TextField()
    sender_sealed = fields.BinaryField()
    sender: Sealed[dict[str, str]] = Sealed("sender_sealed", kind="json")
    contents_sealed = fields.BinaryField()
    contents: Sealed[str] = Sealed("contents_sealed")
    received_on: date = fields.DateField()
    staff_id = fields.UUIDField()
    state = fields.TextField(default="registered")
    case_id = fields.UUIDField(null=True)
    reason: str | None = fields.TextField(null=True)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)
    out_courier: str | None = fields.TextField(null=True)
    out_waybill: str | None = fields.TextField(null=True)
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "parcel"

    @classmethod
    def in_reach(cls, halls: Collection[UUID] | None) -> QuerySet[Self]:
        """Reach the envelopes of these halls (of all for `None`): the only door for staff."""
        return cls.all() if halls is None else cls.filter(hall_id__in=list(halls))
