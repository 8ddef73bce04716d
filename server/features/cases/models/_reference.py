"""An approval that is named instead of handed in (批文名称、文号, notice row 62)."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class ApprovalReference(Model):
    """For one line of the guide the approval's `name` and `number` (`said`), and whether an officer found it.

    `verdict` is empty until somebody has looked it up.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    rule_key = fields.TextField()
    said_sealed = fields.BinaryField()
    said: Sealed[dict[str, str]] = Sealed("said_sealed", kind="json")
    verdict = fields.TextField(null=True)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)
    looked_by = fields.UUIDField(null=True)
    looked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "approval_reference"
