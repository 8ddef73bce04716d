"""What the sides do with a mandate on their own phones."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.mandates.models import Basis, Mandate, Relation, State
from server.features.mandates.service import _news, _rows

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Citizen
    from server.features.mandates.schemas import MandatesOut


async def consent(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    """Let somebody act for me. Raises NotFound; Conflict `mandates.not_for_you`, `.decided`."""
    async with db.tx():
        row = await _asked_of(actor, mandate_id)
        row.basis = Basis.CONSENT
        await row.move("consent")
        await audit.record(actor, "mandates.consented", "mandate", row.id, person_id=row.person_id)
        await _news.begun(row)
    return await _rows.mine(actor)


async def refuse(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    """Do not let somebody act for me. Raises as `consent`."""
    async with db.tx():
        row = await _asked_of(actor, mandate_id)
        await row.move("refuse")
        await audit.record(actor, "mandates.refused", "mandate", row.id, person_id=row.person_id)
        await _news.declined(row)
    return await _rows.mine(actor)


async def object_to(actor: Citizen, mandate_id: UUID, reason: str) -> MandatesOut:
    """Object, as another guardian of the child: suspended until the desk decides.

    Raises NotFound unless I am guardian of the same child; Conflict `mandates.decided`, also once a window has heard
    an objection and decided.
    """
    own = (await identity.require_person(actor)).id
    async with db.tx():
        row = await _rows.held(mandate_id)
        if own in (row.agent_id, row.person_id):
            raise Conflict("mandates.not_for_you")
        if own not in await _rows.guardians_beside(row):
            raise NotFound
        if row.objected_by is not None:
            raise Conflict("mandates.decided")
        row.reason = reason.strip() or None
        row.objected_by = own
        await row.move("object")
        await audit.record(actor, "mandates.objected", "mandate", row.id, person_id=row.person_id)
        await _news.suspended(row)
    return await _rows.mine(actor)


async def end(actor: Citizen, mandate_id: UUID) -> MandatesOut:
    """End a mandate: the agent may, and so may the person it is about. Raises NotFound."""
    own = (await identity.require_person(actor)).id
    async with db.tx():
        row = await _rows.held(mandate_id)
        if own not in (row.agent_id, row.person_id) or not row.can("end"):
            raise NotFound
        was = row.state
        await row.move("end")
        await audit.record(actor, "mandates.ended", "mandate", row.id, person_id=row.person_id)
        if was is not State.ASKED or row.relation is not Relation.GUARDIAN:
            await _news.ended(row, by=own)
    return await _rows.mine(actor)


async def _asked_of(actor: Citizen, mandate_id: UUID) -> Mandate:
    own = (await identity.require_person(actor)).id
    row = await _rows.held(mandate_id)
    if own not in (row.agent_id, row.person_id):
        raise NotFound
    if row.person_id != own or row.relation is Relation.GUARDIAN:
        raise Conflict("mandates.not_for_you")
    return row
