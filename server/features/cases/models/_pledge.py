"""What an applicant has pledged to in place of a proof (告知承诺, notice row 61), and what came of looking."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self
from uuid import UUID

from tortoise import fields
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from tortoise.queryset import QuerySet


class Pledge(Model):
    """One line of the guide that a pledge stands for, in the words of the guide's version (`guide_id`).

    Signed by `account_id` on a phone, or on paper that `staff_id` has seen. `state`: `signed`; `void` once the proof
    itself came; `to_check` until `due_on` after the grant; then `true` or `untrue`, with what was `found`.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    case_id = fields.UUIDField()
    rule_key = fields.TextField()
    guide_id = fields.UUIDField()
    department_id = fields.UUIDField()
    words_sealed = fields.BinaryField()
    words: Sealed[str] = Sealed("words_sealed")
    account_id = fields.UUIDField(null=True)
    staff_id = fields.UUIDField(null=True)
    state = fields.TextField(default="signed")
    due_on = fields.DateField(null=True)
    found_sealed = fields.BinaryField(null=True)
    found: Sealed[str | None] = Sealed("found_sealed", nullable=True)
    checked_by = fields.UUIDField(null=True)
    checked_at = fields.DatetimeField(null=True)

    class Meta:
        table = "pledge"


class PledgeBar(Model):
    """Who may not pledge until a day, because a pledge of theirs was untrue: the enterprise, else the person."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    pledge_id = fields.UUIDField()
    person_id = fields.UUIDField(null=True)
    enterprise_id = fields.UUIDField(null=True)
    until_on = fields.DateField()

    class Meta:
        table = "pledge_bar"

    @classmethod
    def of_party(cls, person_id: UUID, enterprise_id: UUID | None) -> QuerySet[Self]:
        """Reach what stands against whoever applies: what an enterprise did is not laid to its clerk."""
        return cls.filter(enterprise_id=enterprise_id) if enterprise_id else cls.filter(person_id=person_id)
