"""The list of fees: what is not on it nobody may ask for, and no guide may name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.errors import FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.catalogue.schemas import FeeEdit, FeeItem
from server.features.catalogue.service import _authority
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor
    from server.features.catalogue.schemas import GuideContent

_SET = """
INSERT INTO fee_item AS f (id, created_at, name, basis, unit, most_fen, active) VALUES ($1, $2, $3, $4, $5, $6, $7)
ON CONFLICT (name) DO UPDATE SET basis = excluded.basis, unit = excluded.unit, most_fen = excluded.most_fen,
    active = excluded.active
WHERE (f.basis, f.unit, f.most_fen, f.active)
    IS DISTINCT FROM (excluded.basis, excluded.unit, excluded.most_fen, excluded.active)
RETURNING id
"""


async def fee_items(names: list[str] | None = None) -> list[FeeItem]:
    """List the fees there are, or those of some names; ended ones come last."""
    rows = await db.fetch(
        "SELECT id, name, basis, unit, most_fen, active FROM fee_item WHERE $1::text[] IS NULL OR name = ANY ($1)"
        " ORDER BY NOT active, name",
        names,
    )
    return [FeeItem(**row) for row in rows]


@db.transactional
async def set_fee_item(actor: Actor, edit: FeeEdit) -> None:
    """Put a fee on the list, correct it by its name, or end it; with a reason. Raises Forbidden, InvalidInput."""
    await _authority.require(actor, None)
    for name in ("name", "basis", "unit", "reason"):
        if not getattr(edit, name).strip():
            raise InvalidInput("invalid_input", fields=(FieldError(name, "required"),))
    fee_id = await db.fetchval(
        _SET,
        new_id(),
        clock.now(),
        edit.name.strip(),
        edit.basis.strip(),
        edit.unit.strip(),
        edit.most_fen,
        edit.active,
    )
    if fee_id is not None:
        await audit.record(actor, "catalogue.fee_set", "fee_item", fee_id, reason=edit.reason.strip())


async def faults(content: GuideContent) -> list[FieldError]:
    """List what a guide asks for beyond the list: another fee, another basis, more than the standard."""
    known = {one.name: one for one in await fee_items([fee.name for fee in content.fees]) if one.active}
    found: list[FieldError] = []
    for at, fee in enumerate(content.fees):
        listed = known.get(fee.name)
        if listed is None:
            found.append(FieldError(f"fees.{at}.name", "fee_not_listed"))
            continue
        if fee.basis != listed.basis:
            found.append(FieldError(f"fees.{at}.basis", "fee_other_basis"))
        if fee.unit != listed.unit:
            found.append(FieldError(f"fees.{at}.unit", "fee_other_unit", {"unit": listed.unit}))
        if fee.amount_fen > listed.most_fen:
            found.append(FieldError(f"fees.{at}.amount_fen", "fee_too_high", {"most": f"{listed.most_fen / 100:g}"}))
    return found
