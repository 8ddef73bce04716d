"""Guides: published in numbered versions that never change, one of them in force."""

from __future__ import annotations

from datetime import date
from functools import lru_cache
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.models import GuideState
from server.features.catalogue.schemas import Cause, GuideContent, GuideView, VersionView
from server.features.catalogue.service import _authority, _checks, _index
from server.features.catalogue.service._items import item as item_of
from server.features.catalogue.service._places import department
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor

_KEPT = 512
_SELECT = "SELECT id, item_id, version, state, reason, effective_on, published_at FROM guide"
_NEW = """
INSERT INTO guide (id, created_at, item_id, version, state, content, reason, effective_on, published_at, published_by,
    cause, drafted_by)
VALUES ($1, $2, $3, (SELECT coalesce(max(version), 0) + 1 FROM guide WHERE item_id = $3), $4, $5::text::jsonb, $6, $7,
    $2, $8, $9, $10)
"""
_PROJECT = """
UPDATE item SET guide_id = $2, audience = $3, themes = $4, tags = $5, visits = $6, promise_days = $7, handling = $8,
    online = $9, bookable = $10, skill = $11, sample = $12
WHERE id = $1
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
        **row, content=await _content(guide_id), item=item, department=await department(item.department_id)
    )


async def current_guide(item_id: UUID) -> GuideView:
    """Give the version in force. Raises NotFound when the item is absent or withdrawn, or has none."""
    found = await db.fetchval("SELECT guide_id FROM item WHERE id = $1 AND active", item_id)
    if found is None:
        raise NotFound
    return await guide(found)


@db.transactional
async def publish_guide(
    actor: Actor,
    item_id: UUID,
    content: GuideContent,
    reason: str,
    *,
    effective_on: date | None = None,
    cause: Cause = "need",
    drafted_by: UUID | None = None,
) -> GuideView:
    """Publish a new version, at once or for a coming day. The words already in force are not published again.

    A version that waits for its day gives way: whoever publishes has seen it and wants this one instead.

    Raises InvalidInput with every fault of the guide, NotFound, Forbidden.
    """
    await db.execute("SELECT 1 FROM item WHERE id = $1 FOR UPDATE", item_id)
    item = await item_of(item_id)
    if not item.active:
        raise NotFound
    await _authority.require(actor, item.region_code, item.department_id)
    if item.guide_id is not None and await _content(item.guide_id) == content:
        return await guide(item.guide_id)
    await _checks.require(content, item)
    effective_on = effective_on or clock.today()
    now_on = effective_on <= clock.today()
    state = GuideState.PUBLISHED if now_on else GuideState.SCHEDULED
    await _supersede(item_id, GuideState.SCHEDULED)
    if now_on:
        await _supersede(item_id, GuideState.PUBLISHED)
    guide_id = new_id()
    by = actor.staff_id if isinstance(actor, Staff) else None
    words = msgspec.json.encode(content).decode()
    await db.execute(
        _NEW, guide_id, clock.now(), item_id, state, words, reason.strip(), effective_on, by, cause, drafted_by
    )
    if now_on:
        await _project(item_id, guide_id, content)
    await audit.record(actor, "catalogue.guide_published", "guide", guide_id, state=str(state))
    return await guide(guide_id)


async def take_effect() -> int:
    """Put in force the versions whose day has come, and give how many."""
    due = await db.fetch(
        "SELECT id, item_id FROM guide WHERE state = 'scheduled' AND effective_on <= $1 ORDER BY id LIMIT 100",
        clock.today(),
    )
    for row in due:
        await _enforce(row["item_id"], row["id"])
    return len(due)


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


@db.transactional
async def withdraw_coming(actor: Actor, item_id: UUID) -> None:
    """Take back the version that waits for its day. Raises NotFound, Forbidden, Conflict when none waits any more."""
    item = await item_of(item_id)
    await _authority.require(actor, item.region_code, item.department_id)
    if not await db.fetchval("SELECT 1 FROM guide WHERE item_id = $1 AND state = 'scheduled' FOR UPDATE", item_id):
        raise Conflict("catalogue.nothing_coming")
    await _supersede(item_id, GuideState.SCHEDULED)
    await audit.record(actor, "catalogue.guide_taken_back", "item", item_id)


@lru_cache(maxsize=1)
def _decoder() -> msgspec.json.Decoder[GuideContent]:
    return msgspec.json.Decoder(GuideContent)


def read_content(raw: bytes) -> GuideContent:
    """Read a guide written as JSON. Raises InvalidInput naming the first place that does not fit."""
    try:
        return _decoder().decode(raw)
    except msgspec.DecodeError as wrong:
        raise InvalidInput("catalogue.guide_unreadable", where=str(wrong)[:200]) from wrong


@db.transactional
async def _enforce(item_id: UUID, guide_id: UUID) -> None:
    await db.execute("SELECT 1 FROM item WHERE id = $1 FOR UPDATE", item_id)
    if not await db.fetchval("SELECT 1 FROM guide WHERE id = $1 AND state = 'scheduled'", guide_id):
        return
    await _supersede(item_id, GuideState.PUBLISHED)
    await db.execute("UPDATE guide SET state = 'published' WHERE id = $1", guide_id)
    await _project(item_id, guide_id, await _content(guide_id))


async def _supersede(item_id: UUID, state: GuideState) -> None:
    await db.execute("UPDATE guide SET state = 'superseded' WHERE item_id = $1 AND state = $2", item_id, state)


async def _project(item_id: UUID, guide_id: UUID, content: GuideContent) -> None:
    await db.execute(
        _PROJECT, item_id, guide_id, content.audience, content.themes, tags_of(content), content.visits,
        content.promise_days, content.handling, content.online, content.bookable, content.skill, content.sample,
    )  # fmt: skip
    await _index.refresh([item_id])


def tags_of(content: GuideContent) -> list[str]:
    """Say in a few words what is good about an item; the phone knows their texts."""
    told = {
        "zero_visit": content.visits == 0,
        "one_visit": content.visits == 1,
        "instant": content.handling == "instant",
        "online": content.online,
        "mail": content.mail,
        "exempt": any(rule.exempt for rule in content.materials),
        "deficiency": any(rule.need == "deficiency" for rule in content.materials),
        "free": not any(fee.amount_fen for fee in content.fees),
    }
    return [tag for tag, so in told.items() if so]


async def _content(guide_id: UUID) -> GuideContent:
    if guide_id not in _contents:
        raw = await db.fetchval("SELECT content::text FROM guide WHERE id = $1", guide_id)
        while len(_contents) >= _KEPT:
            del _contents[next(iter(_contents))]
        _contents[guide_id] = _decoder().decode(raw)
    return _contents[guide_id]
