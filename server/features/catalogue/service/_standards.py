"""Standards of province and city: kept, and laid beside the county's guide, element by element."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from server import db
from server.errors import FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.catalogue.schemas import GuideStandard, Standing
from server.features.catalogue.service import _authority, _elements
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor
    from server.features.catalogue.schemas import GuideContent, ItemView

# One that begins later leaves the former in force until its day.
_LIVE = """
SELECT DISTINCT ON (level) id, content::text AS content FROM guide_standard
WHERE code = $1 AND ended_at IS NULL AND from_on <= $2 ORDER BY level DESC, from_on DESC
"""
_END = """
UPDATE guide_standard SET ended_at = $1 WHERE code = $2 AND level = $3 AND from_on = $4 AND ended_at IS NULL
"""
_NEW = """
INSERT INTO guide_standard (id, created_at, code, level, from_on, content) VALUES ($1, $2, $3, $4, $5, $6::text::jsonb)
"""
_SAME = """
SELECT content::text FROM guide_standard WHERE code = $1 AND level = $2 AND from_on = $3 AND ended_at IS NULL
    FOR UPDATE
"""
_REASONS = "SELECT standard_id, element, digest, reason, staff_id FROM guide_difference WHERE item_id = $1"


def read_standards(path: Path) -> list[GuideStandard]:
    """Read a file of standards, a JSON list. Raises InvalidInput that says where it is wrong."""
    try:
        return msgspec.json.decode(path.read_bytes(), type=list[GuideStandard])
    except msgspec.DecodeError as wrong:
        raise InvalidInput("catalogue.standards_unreadable", said=str(wrong)) from wrong


async def take_standards(actor: Actor, standards: list[GuideStandard]) -> int:
    """Keep them, each in place of the former of its item, level and day; gives how many were new. Raises Forbidden."""
    await _authority.require(actor, None)
    new = 0
    for one in standards:
        async with db.tx():
            words = msgspec.json.encode(one).decode()
            known = await db.fetchval(_SAME, one.code, one.level, one.from_on)
            if known is not None and msgspec.json.decode(known.encode(), type=GuideStandard) == one:
                continue
            made = new_id()
            await db.execute(_END, clock.now(), one.code, one.level, one.from_on)
            await db.execute(_NEW, made, clock.now(), one.code, one.level, one.from_on, words)
            await audit.record(actor, "catalogue.standard_set", "guide_standard", made, reason=one.source)
            new += 1
    return new


async def standings(item: ItemView, content: GuideContent) -> list[Standing]:
    """Lay a guide beside every standard in force for its item, the province's before the city's."""
    rows = await db.fetch(_LIVE, item.code, clock.today())
    if not rows:
        return []
    reasons = {(row["standard_id"], row["element"]): row for row in await db.fetch(_REASONS, item.id)}
    found: list[Standing] = []
    for row in rows:
        standard = msgspec.json.decode(row["content"].encode(), type=GuideStandard)
        for element in _elements.ELEMENTS:
            theirs = _elements.theirs(element, standard)
            if theirs is None:
                continue
            ours = _elements.ours(element, item, content)
            told = reasons.get((row["id"], element))
            holds = told is not None and bytes(told["digest"]) == digest(theirs, ours)
            found.append(
                Standing(
                    standard_id=row["id"],
                    level=standard.level,
                    source=standard.source,
                    element=element,
                    locked=element in standard.locked,
                    same=_elements.alike(element, standard, item, content),
                    theirs=theirs,
                    ours=ours,
                    reason=told["reason"] if told is not None and holds else None,
                    explained_by=told["staff_id"] if told is not None and holds else None,
                )
            )
    return found


async def faults(content: GuideContent, item: ItemView) -> list[FieldError]:
    """List what differs from above without leave: what is locked, and what nobody has given a reason for."""
    return [
        FieldError(
            _elements.PLACES.get(one.element, f"standard.{one.element}"),
            "standard_locked" if one.locked else "standard_unexplained",
            {"source": one.source},
        )
        for one in await standings(item, content)
        if not one.same and (one.locked or one.reason is None)
    ]


def digest(theirs: list[str], ours: list[str]) -> bytes:
    """Mark two wordings: a reason holds for these two only."""
    return hashlib.sha256(msgspec.json.encode([theirs, ours])).digest()
