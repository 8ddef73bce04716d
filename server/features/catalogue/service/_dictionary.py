"""The field dictionary: what a question means, whichever guide asks it. What is answered once is not asked again."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from server.errors import FieldError
from server.features.catalogue.schemas import Meaning

if TYPE_CHECKING:
    from server.features.catalogue.schemas import GuideContent

_FIELDS = Path(__file__).parent.parent / "data" / "fields.json"


@cache
def dictionary() -> dict[str, Meaning]:
    """Give every meaning by its key."""
    return {one.key: one for one in msgspec.json.decode(_FIELDS.read_bytes(), type=list[Meaning])}


def faults(content: GuideContent) -> Iterator[FieldError]:
    """List questions that ask a known thing in another kind of answer, and those that ask one thing twice."""
    seen = set()
    for at, field in enumerate(content.form):
        if field.prefill is None:
            continue
        if field.type != dictionary()[field.prefill].type:
            yield FieldError(f"form.{at}.type", "not_as_in_dictionary")
        # Two questions of which only one is ever asked may mean the same.
        asked = (field.prefill, field.when)
        if asked in seen:
            yield FieldError(f"form.{at}.prefill", "asked_twice")
        seen.add(asked)
