"""Papers on their way from a window to a department (notice row 79): in batches both sides sign for."""

from __future__ import annotations

from datetime import date

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id


class PaperBatch(Model):
    """One hand-over. `state`: `open` while cases are put on it; `handed` once the giver has signed; then `received`.

    `due_on` is the day by which the next signature is owed.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    number = fields.TextField()
    hall_id = fields.UUIDField()
    department_id = fields.UUIDField()
    state = fields.TextField(default="open")
    due_on: date = fields.DateField()
    giver_id = fields.UUIDField()
    handed_at = fields.DatetimeField(null=True)
    receiver_id = fields.UUIDField(null=True)
    received_at = fields.DatetimeField(null=True)

    class Meta:
        table = "paper_batch"


class PaperLine(Model):
    """The papers of one case on a batch. `keys` are the lines of the guide whose papers were taken in.

    `state`: `listed`; the receiver counts it as `received` or `missing`; what is missing stays with the giver until it
    is `found` (and may be put on a batch again) or reported as `lost`, with the giver's words.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    batch_id = fields.UUIDField()
    case_id = fields.UUIDField()
    keys: list[str] = fields.JSONField(default=list)
    state = fields.TextField(default="listed")
    counted_by = fields.UUIDField(null=True)
    counted_at = fields.DatetimeField(null=True)
    settled_by = fields.UUIDField(null=True)
    settled_at = fields.DatetimeField(null=True)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)

    class Meta:
        table = "paper_line"
