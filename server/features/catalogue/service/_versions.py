"""Versions of guides, as they are read: what they say never changes, so it is kept once read."""

from __future__ import annotations

from functools import lru_cache
from uuid import UUID

import msgspec

from server import db
from server.errors import InvalidInput, NotFound
from server.features.catalogue.models import GuideState
from server.features.catalogue.schemas import GuideContent, GuideView, VersionView
from server.features.catalogue.service._items import item as item_of
from server.features.catalogue.service._places import department

_KEPT = 512
_SELECT = "SELECT id, item_id, version, state, reason, effective_on, published_at FROM guide"
_RULED = """
    SELECT item.guide_id FROM guide JOIN item ON item.guide_id = guide.id
    WHERE jsonb_typeof(guide.content -> 'by_rules') = 'object' AND item.active ORDER BY item.name, item.id
"""

# A version never changes, so what it holds may be kept for good; only the least used are dropped.
_contents: dict[UUID, GuideContent] = {}


async def guide(guide_id: UUID) -> GuideView:
    """Give one version, in force or not: a case asks for the one it began with. Raises NotFound."""
    row = await db.fetchrow(f"{_SELECT} WHERE id = $1", guide_id)
    if row is None:
        raise NotFound
    item = await item_of(row["item_id"])
    return GuideView(
        **row, content=await content_of(guide_id), item=item, department=await department(item.department_id)
    )


async def current_guide(item_id: UUID) -> GuideView:
    """Give the version in force. Raises NotFound when the item is absent or withdrawn, or has none."""
    found = await db.fetchval("SELECT guide_id FROM item WHERE id = $1 AND active", item_id)
    if found is None:
        raise NotFound
    return await guide(found)


async def ruled_guides() -> list[GuideView]:
    """List the versions in force that grant by rules, by the name of their items."""
    rows = await db.fetch(_RULED)
    return [await guide(row["guide_id"]) for row in rows]


async def history(item_id: UUID) -> list[VersionView]:
    """List the versions of an item, the newest first."""
    rows = await db.fetch(
        "SELECT id, version, state, cause, reason, effective_on, published_at, published_by, drafted_by FROM guide"
        " WHERE item_id = $1 ORDER BY version DESC",
        item_id,
    )
    return [VersionView(**row) for row in rows]


async def guide_numbered(item_id: UUID, version: int) -> GuideView:
    """Give one version of an item by its number. Raises NotFound."""
    found = await db.fetchval("SELECT id FROM guide WHERE item_id = $1 AND version = $2", item_id, version)
    if found is None:
        raise NotFound
    return await guide(found)


async def coming_guide(item_id: UUID) -> VersionView | None:
    """Give the version that waits for its day, if there is one."""
    return next((one for one in await history(item_id) if one.state == GuideState.SCHEDULED), None)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[GuideContent]:
    return msgspec.json.Decoder(GuideContent)


def read_content(raw: bytes) -> GuideContent:
    """Read a guide written as JSON. Raises InvalidInput naming the first place that does not fit."""
    try:
        return _decoder().decode(raw)
    except msgspec.DecodeError as wrong:
        raise InvalidInput("catalogue.guide_unreadable", where=str(wrong)[:200]) from wrong


async def content_of(guide_id: UUID) -> GuideContent:
    """Give what one version says."""
    if guide_id not in _contents:
        raw = await db.fetchval("SELECT content::text FROM guide WHERE id = $1", guide_id)
        while len(_contents) >= _KEPT:
            del _contents[next(iter(_contents))]
        _contents[guide_id] = _decoder().decode(raw)
    return _contents[guide_id]
