"""What a notice will say, before anybody presses: the deed is tried as it is, drawn, and undone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from server import db
from server.actor import Staff
from server.features.cases.service._desk import case_at_desk
from server.features.cases.service._front import on_record
from server.features.documents import service as documents


async def preview(actor: Staff, case_id: UUID, deed: Callable[[], Awaitable[object]]) -> bytes:
    """Draw the notice a deed with a case would give, as PDF; the look is on record. Refuses what it refuses."""
    drawn = await documents.preview_notice(deed)
    async with db.tx():
        await on_record(actor, "cases.notice_previewed", await case_at_desk(actor, case_id))
    return drawn
