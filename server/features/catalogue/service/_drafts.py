"""Drafts: a guide is written at the desk, shown with all its faults, and published by a second person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import msgspec

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import DraftTerms, DraftView, GuideContent, GuideLine, GuideView
from server.features.catalogue.service import _authority, _checks, _guides, _themes, _versions
from server.features.catalogue.service._items import item as item_of
from server.features.catalogue.service._places import department
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.features.catalogue.schemas import ItemView

LONGEST_WAIT = timedelta(days=366)
_LINES = """
SELECT item.id AS item_id, item.name, item.code, department.name AS department, guide.version, guide.effective_on,
    coming.effective_on AS coming_on, draft.state AS draft, draft.edited_at
FROM item
JOIN department ON department.id = item.department_id
LEFT JOIN guide ON guide.id = item.guide_id
LEFT JOIN guide coming ON coming.item_id = item.id AND coming.state = 'scheduled'
LEFT JOIN guide_draft draft ON draft.item_id = item.id
WHERE item.id = ANY ($1)
"""
# Those being written, the one written last first; then what is asked for most; what has no guide at the end.
_WRITTEN = """CASE WHEN draft.edited_at IS NOT NULL THEN -1e11 - extract(epoch FROM draft.edited_at)
    WHEN item.guide_id IS NULL THEN 1e11 - item.heat ELSE -item.heat END"""
_GUIDES = db.Listing(
    "item LEFT JOIN guide ON guide.id = item.guide_id LEFT JOIN guide_draft draft ON draft.item_id = item.id",
    "item.id",
    {
        "written": db.By(f"({_WRITTEN})::float8", float),
        "name": db.By("item.name", str),
        "since": db.By("coalesce(guide.effective_on, '0001-01-01')", date),
    },
    "item.name || ' ' || item.code",
)
_STATES = {
    "draft": "draft.state = 'open'",
    "proposed": "draft.state = 'proposed'",
    "coming": "EXISTS (SELECT 1 FROM guide coming WHERE coming.item_id = item.id AND coming.state = 'scheduled')",
    "none": "item.guide_id IS NULL",
}
_SELECT = (
    "SELECT id, item_id, base_version, state, content::text AS content, cause, reason, effective_on, revision,"
    " edited_by, edited_at, proposed_by FROM guide_draft WHERE item_id = $1"
)
_BEGIN = """
INSERT INTO guide_draft (id, created_at, item_id, base_version, state, content, edited_by, edited_at)
VALUES ($1, $2, $3, $4, 'open', $5::text::jsonb, $6, $2)
ON CONFLICT (item_id) DO NOTHING RETURNING id
"""
_SAVE = """
UPDATE guide_draft SET content = $2::text::jsonb, state = 'open', proposed_by = NULL, revision = revision + 1,
    edited_by = $3, edited_at = $4
WHERE item_id = $1
"""
_PROPOSE = """
UPDATE guide_draft SET state = 'proposed', proposed_by = $2, cause = $3, reason = $4, effective_on = $5,
    revision = revision + 1, edited_by = $2, edited_at = $6
WHERE item_id = $1
"""


async def guide_lines(actor: Staff, state: str = "") -> db.Found[GuideLine]:
    """List the guides an administrator looks after, those being written first."""
    reach = await identity.reach(actor, Role.ADMINISTRATOR)
    found = _GUIDES.found(_lines, usual="written").where("item.active")
    if state:
        found = found.where(_STATES[state])
    if reach.hall_ids is None:
        return found
    return found.where(
        "item.region_code LIKE ANY ({}::text[]) OR item.department_id = ANY ({}::uuid[])",
        [f"{prefix}%" for prefix in reach.region_prefixes],
        list(reach.department_ids or ()),
    )


async def _lines(ids: list[UUID]) -> list[GuideLine]:
    found = {row["item_id"]: GuideLine(**row) for row in await db.fetch(_LINES, ids)}
    return [found[one] for one in ids if one in found]


async def draft(actor: Staff, item_id: UUID) -> DraftView | None:
    """Give the draft of an item's guide with everything that is wrong with it. Raises NotFound, Forbidden."""
    item = await _mine(actor, item_id)
    row = await db.fetchrow(_SELECT, item_id)
    return None if row is None else await _view(row, item)


@db.transactional
async def begin_draft(actor: Staff, item_id: UUID, version: int | None = None) -> DraftView:
    """Begin to write: from a version named (so that an older one may come back), else the one in force, else afresh.

    A draft that is there already is continued. Raises NotFound, Forbidden.
    """
    item = await _mine(actor, item_id)
    if version is not None:
        base = await _versions.guide_numbered(item_id, version)
        content, base_version = base.content, base.version
    elif item.guide_id is not None:
        base = await _versions.guide(item.guide_id)
        content, base_version = base.content, base.version
    else:
        content, base_version = await _blank(item), None
    words = msgspec.json.encode(content).decode()
    made = await db.fetchval(_BEGIN, new_id(), clock.now(), item_id, base_version, words, actor.staff_id)
    if made is None and version is not None:
        raise Conflict("catalogue.draft_open")
    if made is not None:
        await audit.record(actor, "catalogue.draft_begun", "item", item_id)
    return await _found(item)


@db.transactional
async def save_draft(actor: Staff, item_id: UUID, revision: int, content: GuideContent) -> DraftView:
    """Keep what was written. A proposal that is changed has to be proposed again.

    Raises NotFound, Forbidden, Conflict when somebody else has saved since `revision` was read, or ended the draft.
    """
    item, known = await _locked(actor, item_id, revision)
    if known.content != content:
        words = msgspec.json.encode(content).decode()
        await db.execute(_SAVE, item_id, words, actor.staff_id, clock.now())
    return await _found(item)


@db.transactional
async def merge_draft(actor: Staff, item_id: UUID, revision: int) -> DraftView:
    """Put the lists of a theme's draft together anew from its items' guides in force. Raises as `save_draft`."""
    _, known = await _locked(actor, item_id, revision)
    return await save_draft(actor, item_id, revision, await _themes.brought_up(known.content))


@db.transactional
async def drop_draft(actor: Staff, item_id: UUID, revision: int) -> None:
    """Throw a draft away. Raises as `save_draft`."""
    await _locked(actor, item_id, revision)
    await db.execute("DELETE FROM guide_draft WHERE item_id = $1", item_id)
    await audit.record(actor, "catalogue.draft_dropped", "item", item_id)


@db.transactional
async def propose_draft(actor: Staff, item_id: UUID, revision: int, terms: DraftTerms) -> DraftView:
    """Hand a draft to a second person, with its cause, reason and day. Raises as `save_draft`, InvalidInput."""
    item, known = await _locked(actor, item_id, revision)
    if not terms.reason.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "required"),))
    _day(terms.effective_on)
    _whole(known)
    if item.guide_id is not None and (await _versions.guide(item.guide_id)).content == known.content:
        raise Conflict("catalogue.draft_same")
    await db.execute(
        _PROPOSE, item_id, actor.staff_id, terms.cause, terms.reason.strip(), terms.effective_on, clock.now()
    )
    await audit.record(actor, "catalogue.draft_proposed", "item", item_id, reason=terms.reason.strip())
    return await _found(item)


@db.transactional
async def publish_draft(actor: Staff, item_id: UUID, revision: int) -> GuideView:
    """Publish what somebody else has proposed.

    Raises as `save_draft`; Conflict for one's own proposal and for a draft that is not proposed, InvalidInput with
    every fault.
    """
    item, known = await _locked(actor, item_id, revision)
    if known.state != "proposed":
        raise Conflict("catalogue.draft_not_proposed")
    if actor.staff_id in (known.proposed_by, known.edited_by):
        raise Conflict("catalogue.draft_own")
    _whole(known)
    due = known.effective_on if known.effective_on is not None and known.effective_on > clock.today() else None
    published = await _guides.publish_guide(
        actor, item.id, known.content, known.reason, effective_on=due, cause=known.cause, drafted_by=known.proposed_by
    )
    await db.execute("DELETE FROM guide_draft WHERE item_id = $1", item_id)
    return published


@db.transactional
async def return_draft(actor: Staff, item_id: UUID, revision: int, reason: str) -> DraftView:
    """Give a proposal back to be worked over. Raises as `save_draft`."""
    item, known = await _locked(actor, item_id, revision)
    if known.state != "proposed":
        raise Conflict("catalogue.draft_not_proposed")
    await db.execute(
        "UPDATE guide_draft SET state = 'open', proposed_by = NULL, revision = revision + 1 WHERE item_id = $1", item_id
    )
    await audit.record(actor, "catalogue.draft_returned", "item", item_id, reason=reason.strip())
    return await _found(item)


async def _mine(actor: Staff, item_id: UUID) -> ItemView:
    item = await item_of(item_id)
    if not item.active:
        raise NotFound
    await _authority.require(actor, item.region_code, item.department_id)
    return item


async def _locked(actor: Staff, item_id: UUID, revision: int) -> tuple[ItemView, DraftView]:
    item = await _mine(actor, item_id)
    row = await db.fetchrow(f"{_SELECT} FOR UPDATE", item_id)
    if row is None:
        raise Conflict("catalogue.draft_gone")
    known = await _view(row, item)
    if known.revision != revision:
        who = (await identity.staff_labels([known.edited_by])).get(known.edited_by) if known.edited_by else None
        at = known.edited_at.astimezone(clock.SHANGHAI).strftime("%H:%M")
        raise Conflict("catalogue.draft_newer", who=who[1] if who else "", at=at)
    return item, known


async def _found(item: ItemView) -> DraftView:
    row = await db.fetchrow(_SELECT, item.id)
    if row is None:
        raise NotFound
    return await _view(row, item)


async def _view(row: db.Record, item: ItemView) -> DraftView:
    content = _versions.read_content(row["content"].encode())
    return DraftView(**(dict(row) | {"content": content}), faults=await _checks.faults(content, item))


def _whole(known: DraftView) -> None:
    if known.faults:
        raise InvalidInput("catalogue.guide_faulty", fields=known.faults, count=len(known.faults))


def _day(effective_on: date | None) -> None:
    today = clock.today()
    if effective_on is not None and not today <= effective_on <= today + LONGEST_WAIT:
        raise InvalidInput("invalid_input", fields=(FieldError("effective_on", "out_of_range"),))


async def _blank(item: ItemView) -> GuideContent:
    """Make a guide that says nothing yet; its faults keep it from being published before it does."""
    phone = (await department(item.department_id)).phone or item.name[:1]
    return msgspec.convert(
        {
            "sample": item.sample, "plain": item.name[:200], "audience": item.audience or ["person"],
            "themes": item.themes, "handling": "promised", "visits": 1, "online": False, "bookable": False,
            "mail": False, "legal_days": 20, "promise_days": 20, "conditions": [], "steps": [], "materials": [],
            "form": [], "fees": [], "basis": [], "result": {"name": item.name[:100], "kind": "other"},
            "skill": item.skill or "general", "hall_keys": [], "consult_phone": phone, "complaint_phone": phone,
            "hours_text": item.name[:1], "faqs": [],
        },
        GuideContent,
    )  # fmt: skip
