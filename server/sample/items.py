"""The sample items with their whole guides, read from `guides/*.json`."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated
from uuid import UUID

import msgspec

from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, FeeEdit, GuideContent, ItemIn
from server.sample.places import ACTOR, COUNTY, COUNTY_HALL

GUIDES = Path(__file__).parent / "guides"
ALL_TOWNS = "towns"


class SampleItem(msgspec.Struct, forbid_unknown_fields=True):
    """What a file says of the item itself. `department` is a key of `departments.json`."""

    code: Annotated[str, msgspec.Meta(min_length=31, max_length=31)]
    name: str
    kind: str
    department: str
    heat: int


class SampleGuide(msgspec.Struct, forbid_unknown_fields=True):
    """One file. Among `content.hall_keys`, `towns` stands for all town centres."""

    item: SampleItem
    reason: str
    content: GuideContent


def read() -> list[SampleGuide]:
    """Read all files, in order of their names."""
    return [msgspec.json.decode(path.read_bytes(), type=SampleGuide) for path in sorted(GUIDES.glob("*.json"))]


@functools.cache
def _codes() -> Mapping[str, str]:
    return {one.item.name: one.item.code for one in read()}


async def id_of(name: str) -> UUID:
    """Find a sample item by its name."""
    return (await catalogue.item_by_code(_codes()[name])).id


def everywhere(content: GuideContent, hall_keys: list[str]) -> GuideContent:
    """Write the town centres out."""
    if ALL_TOWNS not in content.hall_keys:
        return content
    return msgspec.structs.replace(
        content, hall_keys=[key for key in content.hall_keys if key != ALL_TOWNS] + hall_keys
    )


def _fees(content: GuideContent) -> list[FeeEdit]:
    """List the fees a guide names, each with the most it asks for."""
    most = {fee.name: max(one.amount_fen for one in content.fees if one.name == fee.name) for fee in content.fees}
    return [
        FeeEdit(name=fee.name, basis=fee.basis, unit=fee.unit, most_fen=most[fee.name], reason=fee.basis)
        for fee in content.fees
    ]


async def publish(departments: Mapping[str, DepartmentView], hall_keys: list[str]) -> int:
    """Set up the items and publish their guides; gives how many there are. Again publishes nothing."""
    # A theme is made of items that are there.
    samples = sorted(read(), key=lambda one: bool(one.content.parts))
    towns = [key for key in hall_keys if key != COUNTY_HALL]
    for sample in samples:
        given = ItemIn(
            code=sample.item.code,
            name=sample.item.name,
            kind=sample.item.kind,
            department_id=departments[sample.item.department].id,
            region_code=COUNTY,
            heat=sample.item.heat,
            sample=True,
            source="sample",
        )
        item = await catalogue.upsert_item(ACTOR, given)
        for edit in _fees(sample.content):
            await catalogue.set_fee_item(ACTOR, edit)
        # Whoever changes a sample guide need not know of the themes it is part of.
        content = await catalogue.brought_up(sample.content) if sample.content.parts else sample.content
        await catalogue.publish_guide(ACTOR, item.id, everywhere(content, towns), sample.reason)
    return len(samples)
