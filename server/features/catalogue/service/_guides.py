"""Guides: published in numbered versions that never change, one of them in force."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue.models import GuideState
from server.features.catalogue.schemas import Cause, GuideContent, GuideView
from server.features.catalogue.service import _authority, _checks, _index, _versions
from server.features.catalogue.service._items import item as item_of
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor

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
    if item.guide_id is not None and await _versions.content_of(item.guide_id) == content:
        return await _versions.guide(item.guide_id)
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
    return await _versions.guide(guide_id)


async def take_effect() -> int:
    """Put in force the versions whose day has come, and give how many."""
    due = await db.fetch(
        "SELECT id, item_id FROM guide WHERE state = 'scheduled' AND effective_on <= $1 ORDER BY id LIMIT 100",
        clock.today(),
    )
    for row in due:
        await _enforce(row["item_id"], row["id"])
    return len(due)


@db.transactional
async def withdraw_coming(actor: Actor, item_id: UUID) -> None:
    """Take back the version that waits for its day. Raises NotFound, Forbidden, Conflict when none waits any more."""
    item = await item_of(item_id)
    await _authority.require(actor, item.region_code, item.department_id)
    if not await db.fetchval("SELECT 1 FROM guide WHERE item_id = $1 AND state = 'scheduled' FOR UPDATE", item_id):
        raise Conflict("catalogue.nothing_coming")
    await _supersede(item_id, GuideState.SCHEDULED)
    await audit.record(actor, "catalogue.guide_taken_back", "item", item_id)


@db.transactional
async def _enforce(item_id: UUID, guide_id: UUID) -> None:
    await db.execute("SELECT 1 FROM item WHERE id = $1 FOR UPDATE", item_id)
    if not await db.fetchval("SELECT 1 FROM guide WHERE id = $1 AND state = 'scheduled'", guide_id):
        return
    await _supersede(item_id, GuideState.PUBLISHED)
    await db.execute("UPDATE guide SET state = 'published' WHERE id = $1", guide_id)
    await _project(item_id, guide_id, await _versions.content_of(guide_id))


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
        "theme": bool(content.parts),
        "zero_visit": content.visits == 0,
        "one_visit": content.visits == 1,
        "by_rules": content.by_rules is not None,
        "instant": content.handling == "instant",
        "online": content.online,
        "mail": content.mail,
        "exempt": any(rule.exempt for rule in content.materials),
        "deficiency": any(rule.need == "deficiency" for rule in content.materials),
        "free": not any(fee.amount_fen for fee in content.fees),
    }
    return [tag for tag, so in told.items() if so]
