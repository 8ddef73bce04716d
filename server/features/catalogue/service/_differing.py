"""Where the county differs from province and city: item by item, and why."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import StandardLine, Standing
from server.features.catalogue.service import _drafts, _standards, _versions
from server.features.catalogue.service._items import item as item_of
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.features.catalogue.schemas import Element

_EXPLAIN = """
INSERT INTO guide_difference (id, created_at, item_id, standard_id, element, digest, reason, staff_id)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
ON CONFLICT (item_id, standard_id, element) DO UPDATE SET created_at = excluded.created_at, digest = excluded.digest,
    reason = excluded.reason, staff_id = excluded.staff_id
"""
_ITEMS = db.Listing(
    "item",
    "item.guide_id",
    {"heat": db.By("item.heat", int), "name": db.By("item.name", str), "code": db.By("item.code", str)},
    "item.name || ' ' || item.code",
)
_STANDARD = "SELECT 1 FROM guide_standard s WHERE s.code = item.code AND s.ended_at IS NULL AND s.from_on <= {}"


async def beside(actor: Staff, item_id: UUID) -> list[Standing]:
    """Lay the draft of an item's guide beside the standards; the guide in force where nobody writes one.

    Raises NotFound, Forbidden.
    """
    draft = await _drafts.draft(actor, item_id)
    item = await item_of(item_id)
    if draft is not None:
        return await _standards.standings(item, draft.content)
    if item.guide_id is None:
        return []
    return await _standards.standings(item, (await _versions.guide(item.guide_id)).content)


@db.transactional
async def explain(actor: Staff, item_id: UUID, standard_id: UUID, element: Element, reason: str) -> None:
    """Say why the county differs. The reason holds for these two wordings: another difference wants another.

    Raises NotFound, Forbidden; Conflict `catalogue.standard_same`, `.standard_locked`; InvalidInput without a reason.
    """
    if not reason.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "required"),))
    laid = await beside(actor, item_id)
    found = next((one for one in laid if one.standard_id == standard_id and one.element == element), None)
    if found is None:
        raise NotFound
    if found.same:
        raise Conflict("catalogue.standard_same")
    if found.locked:
        raise Conflict("catalogue.standard_locked")
    digest = _standards.digest(found.theirs, found.ours)
    await db.execute(
        _EXPLAIN, new_id(), clock.now(), item_id, standard_id, element, digest, reason.strip(), actor.staff_id
    )
    await audit.record(actor, "catalogue.difference_explained", "item", item_id, element=element, reason=reason.strip())


async def standard_lines(actor: Staff) -> db.Found[StandardLine]:
    """List the items in reach that have a standard, with how their guides in force differ from each."""

    async def shown(guides: list[UUID]) -> list[StandardLine]:
        return [line for one in guides for line in await _lines(one)]

    found = _ITEMS.found(shown, usual="-heat").where("item.active AND item.guide_id IS NOT NULL")
    found = found.where(f"EXISTS ({_STANDARD})", clock.today())
    reach = await identity.reach(actor, Role.ADMINISTRATOR)
    if reach.hall_ids is None:
        return found
    prefixes = [f"{prefix}%" for prefix in reach.region_prefixes]
    return found.where(
        "item.region_code LIKE ANY ({}::text[]) OR item.department_id = ANY ({}::uuid[])",
        prefixes,
        list(reach.department_ids or ()),
    )


async def _lines(guide_id: UUID) -> list[StandardLine]:
    view = await _versions.guide(guide_id)
    laid = await _standards.standings(view.item, view.content)
    lines: list[StandardLine] = []
    for level, source in dict.fromkeys((one.level, one.source) for one in laid):
        other = [one for one in laid if one.level == level and not one.same]
        lines.append(
            StandardLine(
                item_id=view.item.id,
                name=view.item.name,
                code=view.item.code,
                level=level,
                source=source,
                differs=len(other),
                unexplained=sum(one.locked or one.reason is None for one in other),
            )
        )
    return lines
