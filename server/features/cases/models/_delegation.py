"""What a department lets its chief representative in a hall do (notice row 101)."""

from __future__ import annotations

from collections.abc import Mapping

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField

from server.features.cases.models._instrument import Instrument
from server.features.cases.models._moves import POWERS

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
SEALED = (POWERS - {"recall_offer", "return_refusal"}) | {
    "grant",
    "deny",
    "terminate",
    "pause",
    "end_visit",
}


class Delegation(Instrument):
    """One instrument. `deeds` are of `GIFTS`. Nobody gives themself any power."""

    hall_id = fields.UUIDField()
    representative_id = fields.UUIDField()
    deeds: list[str] = ArrayField("TEXT")

    class Meta:
        table = "delegation"
