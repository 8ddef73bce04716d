"""What an area publishes: the weights its score is made of; and what a phone sends to walk a flow."""

from __future__ import annotations

from typing import Annotated, ClassVar

import msgspec
from msgspec import Meta, Struct

from server.features.catalogue.service import Policy

Weight = Annotated[int, Meta(ge=0, le=100)]


class WalkLoginIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """The code a walk shows: it logs one phone in, once."""

    code: Annotated[str, Meta(min_length=1, max_length=64)]


class ScorePart(Struct, kw_only=True):
    """One indicator of the score: what it is and means, how it weighs, and its points; null where nothing counted.

    `few`: something was, but of too few to be told.
    """

    key: str
    name: str
    means: str
    weight: int
    points: float | None
    few: bool


class ScoreOut(Struct, kw_only=True):
    """The published score of the area, of a period; `points` are null where nothing was counted in it.

    A part that fewer than `fewest` stand behind is not told, and does not count.
    """

    area: str
    period: str
    fewest: int
    points: float | None
    parts: list[ScorePart]


class WalkPolicy(Policy, frozen=True, kw_only=True):
    """Who at the desks sees that a matter is a test person's: those who answer for the staff, or everybody."""

    kind: ClassVar[str] = "walks"
    shown_to_all: bool = False


class ScorePolicy(Policy, frozen=True, kw_only=True):
    """How much each indicator weighs in the score of an area. A field is the key of a share; 0 leaves it out."""

    kind: ClassVar[str] = "score"
    promise_kept: Weight = 20
    one_visit: Weight = 20
    zero_visit: Weight = 5
    papers_saved: Weight = 10
    one_window: Weight = 5
    complaints_in_time: Weight = 15
    rated_bad: Weight = 15
    reopened: Weight = 10

    def unfit(self) -> str | None:
        """Name a field that does not go with the others: something must weigh."""
        return None if any(self.weights.values()) else "promise_kept"

    @property
    def weights(self) -> dict[str, int]:
        """Give the weights by indicator."""
        return {field.name: getattr(self, field.name) for field in msgspec.structs.fields(self)}
