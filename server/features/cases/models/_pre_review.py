"""What came through the pre-review (网上预审通过, notice row 54), until the originals are seen at a window."""

from __future__ import annotations

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id


class PreReview(Model):
    """The lines of the guide whose originals are to be shown until `due_on`. `closed_at`: seen, or otherwise over."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    keys: list[str] = ArrayField("TEXT")
    due_on = fields.DateField()
    staff_id = fields.UUIDField()
    closed_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pre_review"
