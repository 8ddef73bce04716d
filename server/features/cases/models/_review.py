"""What review keeps of its own: lawful stops of the clock, and the one extension."""

from __future__ import annotations

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

# 行政许可法 45: the time these take is not counted, and is told in writing.
PAUSES = (
    "hearing",
    "bidding",
    "auction",
    "inspection",
    "testing",
    "quarantine",
    "appraisal",
    "expert_review",
)


class Pause(Model):
    """A lawful stop of the clock. `days` are working days as told in writing; `law_days` what the law itself allows.

    `after_on` is the last day that counted, `planned_on` the last that was told not to, `until_on` the last that did
    not. One that the law gives no days for counts towards half the promise.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    kind = fields.TextField()
    basis_sealed = fields.BinaryField()
    basis: Sealed[str] = Sealed("basis_sealed")
    days = fields.SmallIntField()
    law_days = fields.SmallIntField(null=True)
    after_on = fields.DateField()
    planned_on = fields.DateField()
    until_on = fields.DateField(null=True)
    result_sealed = fields.BinaryField(null=True)
    result: Sealed[str | None] = Sealed("result_sealed", nullable=True)
    staff_id = fields.UUIDField()
    ended_by = fields.UUIDField(null=True)

    class Meta:
        table = "pause"


class ReviewTask(Model):
    """What another department is asked, and what it answers. `needed`: without its yes there is no grant.

    `early`: a technical review from before the case was accepted (提前技术审查); it counts for the decision too.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    department_id = fields.UUIDField()
    question_sealed = fields.BinaryField()
    question: Sealed[str] = Sealed("question_sealed")
    due_on = fields.DateField()
    needed = fields.BooleanField()
    early = fields.BooleanField(default=False)
    state = fields.TextField()
    staff_id = fields.UUIDField()
    agrees = fields.BooleanField(null=True)
    answer_sealed = fields.BinaryField(null=True)
    answer: Sealed[str | None] = Sealed("answer_sealed", nullable=True)
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)

    class Meta:
        table = "review_task"


class Extension(Model):
    """The one extension of a case: asked for by one officer (for `for_id`, who is on leave), approved by another."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    days = fields.SmallIntField()
    reason_sealed = fields.BinaryField()
    reason: Sealed[str] = Sealed("reason_sealed")
    staff_id = fields.UUIDField()
    for_id = fields.UUIDField(null=True)
    approved_by = fields.UUIDField(null=True)
    approved_at = fields.DatetimeField(null=True)

    class Meta:
        table = "extension"
