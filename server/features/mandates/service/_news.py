"""Telling each side, in the transaction of what happened."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.features.mandates.messages import (
    AnotherGuardian,
    MandateAsked,
    MandateBegun,
    MandateDeclined,
    MandateEnded,
    MandateGranted,
    MandateSuspended,
    ObjectionSettled,
)
from server.features.mandates.service._rows import guardians_beside
from server.features.push import service as push

if TYPE_CHECKING:
    from uuid import UUID

    from server.features.mandates.models import Mandate


async def asked(row: Mandate) -> None:
    """Ask the represented person."""
    await _say(MandateAsked(at=row.moved_at), row.person_id, row)


async def begun(row: Mandate) -> None:
    """Tell both that it counts."""
    await _say(MandateGranted(at=row.moved_at), row.agent_id, row)
    await _say(MandateBegun(at=row.moved_at), row.person_id, row)


async def beside(row: Mandate) -> None:
    """Tell the child's other guardians that somebody else asks or acts."""
    for other in await guardians_beside(row):
        await _say(AnotherGuardian(at=row.moved_at), other, row)


async def declined(row: Mandate) -> None:
    """Tell the agent."""
    await _say(MandateDeclined(at=row.moved_at), row.agent_id, row)


async def suspended(row: Mandate) -> None:
    """Tell the agent that somebody objects."""
    await _say(MandateSuspended(at=row.moved_at), row.agent_id, row)


async def settled(row: Mandate) -> None:
    """Tell whoever objected how it ended."""
    if row.objected_by is not None:
        await _say(ObjectionSettled(at=row.moved_at), row.objected_by, row)


async def ended(row: Mandate, *, by: UUID | None = None) -> None:
    """Tell both, except whoever ended it."""
    for side in (row.agent_id, row.person_id):
        if side != by:
            await _say(MandateEnded(at=row.moved_at), side, row)


async def _say(message: push.Message, person_id: UUID, row: Mandate) -> None:
    await push.send(message, to=push.To(person_id=person_id), dedupe=f"{row.id}:{row.moved_at.isoformat()}")
