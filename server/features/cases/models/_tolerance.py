"""What an applicant has committed to bring after the case was accepted (容缺受理, notice rows 71 to 74)."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class Tolerance(Model):
    """The lines of the guide that follow, by key, and the day until which. `closed_at`: all there, or late.

    `unsent`: what was chosen on the phone and lies with the applicant still, each its line and file.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    keys: list[str] = ArrayField("TEXT")
    due_on = fields.DateField()
    staff_id = fields.UUIDField()
    closed_at = fields.DatetimeField(null=True)
    unsent: list[dict[str, str]] = fields.JSONField(default=list)

    class Meta:
        table = "tolerance"


class Commitment(Model):
    """The words a window has sent to a phone to be signed there, exactly as they were shown: `lines` never change.

    `state`: `offered` until `sign_by`; then `signed` or `refused` by the applicant, or `closed` by whatever the
    window did instead, or by that day.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    version = fields.TextField()
    lines_sealed = fields.BinaryField()
    lines: Sealed[list[str]] = Sealed("lines_sealed", kind="json")
    keys: list[str] = ArrayField("TEXT")
    due_on = fields.DateField()
    sign_by = fields.DateField()
    staff_id = fields.UUIDField()
    state = fields.TextField(default="offered")
    account_id = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "commitment"
