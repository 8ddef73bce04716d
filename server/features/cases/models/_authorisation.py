"""What a department lets a hall do in its name (notice rows 77, 85, 86)."""

from __future__ import annotations

from tortoise import fields

from server.features.cases.models._instrument import Instrument


class Authorisation(Instrument):
    """One document. `hall_id` None is every hall. `kind`: `accept`, or only `receive`.

    `by_department`: entered by the department itself.
    """

    hall_id = fields.UUIDField(null=True)
    kind = fields.TextField()
    by_department = fields.BooleanField()

    class Meta:
        table = "authorisation"
