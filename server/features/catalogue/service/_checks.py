"""Everything a guide is checked for before it is published: its own words, and what they refer to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import FieldError, InvalidInput
from server.features.catalogue.service import _dictionary, _fees, _linter, _situations, _standards, _themes
from server.features.catalogue.service._places import halls

if TYPE_CHECKING:
    from server.features.catalogue.schemas import GuideContent, ItemView


async def faults(content: GuideContent, item: ItemView) -> tuple[FieldError, ...]:
    """List everything wrong with a guide, so that it is mended in one go."""
    known = {hall.key for hall in await halls(keys=content.hall_keys)}
    return (
        *_linter.faults(content, item.kind),
        *_situations.faults(content),
        *_dictionary.faults(content),
        *await _themes.faults(content),
        *await _fees.faults(content),
        *await _standards.faults(content, item),
        *(
            FieldError(f"hall_keys.{at}", "unknown_hall")
            for at, key in enumerate(content.hall_keys)
            if key not in known
        ),
    )


async def require(content: GuideContent, item: ItemView) -> None:
    """Refuse a guide with faults. Raises InvalidInput naming every one."""
    found = await faults(content, item)
    if found:
        raise InvalidInput("catalogue.guide_faulty", fields=found, count=len(found))
