"""One visit of a site by all departments that have to see it (联合踏勘), and what each of them found."""

from __future__ import annotations

from datetime import date

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

# Still to be, or something is to be mended after it.
LIVE = ("proposed", "fixed", "to_mend")


class SiteVisit(Model):
    """`days` are those the lead proposes, `day` the first that suits all. `mend_by`: what they found is to be mended.

    `state`: `proposed`, `fixed`, then `passed` or `to_mend` (until each department finds it mended, or another visit
    takes its place: `over`); `dropped`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    place_sealed = fields.BinaryField()
    place: Sealed[str] = Sealed("place_sealed")
    days: list[date] = ArrayField("DATE")
    day = fields.DateField(null=True)
    state = fields.TextField(default="proposed")
    mend_by = fields.DateField(null=True)
    staff_id = fields.UUIDField()
    ended_by = fields.UUIDField(null=True)
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "site_visit"


class VisitPart(Model):
    """One department's part: which of the days suit it, and whether what it saw was in order, with its words."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    visit_id = fields.UUIDField()
    department_id = fields.UUIDField()
    suits: list[date] | None = ArrayField("DATE", null=True)
    agreed_by = fields.UUIDField(null=True)
    passed = fields.BooleanField(null=True)
    words_sealed = fields.BinaryField(null=True)
    words: Sealed[str | None] = Sealed("words_sealed", nullable=True)
    noted_by = fields.UUIDField(null=True)
    noted_at = fields.DatetimeField(null=True)

    class Meta:
        table = "visit_part"
