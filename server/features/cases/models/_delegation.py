"""What a department lets its chief representative (首席代表) in a hall do (notice row 101)."""

from __future__ import annotations

from collections.abc import Mapping

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.features.cases.models._moves import POWERS
from server.kit import clock
from server.kit.ids import new_id

# What can be given, and the deeds of `MOVES` each is: to accept, to decide (审批决定权), to review and send on
# (审核上报权), to bring departments together (组织协调权). What second officers do stays with the department.
DELEGABLE: Mapping[str, frozenset[str]] = {
    "accept": POWERS,
    "decide": frozenset({"grant", "deny", "terminate"}),
    "report": frozenset({"claim", "release", "pause", "resume", "extend"}),
    "coordinate": frozenset({"ask_opinion", "recall_opinion", "ask_early", "propose_visit", "end_visit", "drop_visit"}),
}
# And the use of the seal (电子印章使用权), without which no deed is done that ends in a sealed paper.
SEAL = "seal"
GIFTS = (*DELEGABLE, SEAL)
SEALED = (POWERS - {"recall_offer", "return_refusal", "pre_review"}) | {
    "grant",
    "deny",
    "terminate",
    "pause",
    "end_visit",
}


class Delegation(Model):
    """One instrument, signed by `signed_by`, in force from `first_on` to `last_on`, both days included.

    `deeds` are of `GIFTS`; `item_ids` None is every item of the department. `state`: `asked` until a second person
    agrees, then `active`, or `refused`; `ended` before its last day. Nobody gives themself any power.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    department_id = fields.UUIDField()
    hall_id = fields.UUIDField()
    representative_id = fields.UUIDField()
    deeds: list[str] = ArrayField("TEXT")
    item_ids: list[str] | None = ArrayField("UUID", null=True)
    number = fields.TextField()
    signed_by = fields.TextField()
    first_on = fields.DateField()
    last_on = fields.DateField()
    state = fields.TextField(default="asked")
    staff_id = fields.UUIDField()
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    ended_by = fields.UUIDField(null=True)
    ended_at = fields.DatetimeField(null=True)
    reason: str | None = fields.TextField(null=True)

    class Meta:
        table = "delegation"
