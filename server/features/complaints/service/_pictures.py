"""Screenshots beside what somebody wrote: sent by them alone, seen by them and by those it was routed to, on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, NotFound
from server.features.complaints.models import ENDED
from server.features.complaints.schemas import MOST_PICTURES, ComplaintOut
from server.features.complaints.service._desk import within
from server.features.complaints.service._writing import shown, theirs
from server.features.documents import service as documents
from server.ports import FileStore, Ports


async def add_picture(actor: Actor, ports: Ports, token: str, read: Callable[[], Awaitable[bytes]]) -> ComplaintOut:
    """Put one beside what one wrote, as long as it is not over. The same bytes again change nothing.

    Raises NotFound, Conflict `complaints.moved_on`, `documents.too_many_pictures`; refuses as `documents.offer`.
    """
    row = await theirs(actor, token)
    if row.state in ENDED:
        raise Conflict("complaints.moved_on")
    # Which it is, is known once it is read: the sixth that is sent again is still the sixth.
    sent = await documents.offer(actor, ports, row.id, read)
    async with db.tx():
        row = await theirs(actor, token, lock=True)
        there = await documents.exhibits(row.id)
        if len({*there, sent.id}) > MOST_PICTURES:
            raise Conflict("documents.too_many_pictures", count=MOST_PICTURES)
        await documents.exhibit([sent.id], row.id)
        return await shown(row, actor)


async def own_picture(actor: Actor, files: FileStore, token: str, file_id: UUID) -> bytes:
    """Show one small (JPEG) to who sent it. Raises NotFound."""
    row = await theirs(actor, token)
    return await documents.exhibit_thumb(files, file_id, row.id)


async def picture(
    actor: Staff, files: FileStore, complaint_id: UUID, file_id: UUID, *, small: bool = False
) -> tuple[str, bytes]:
    """Show one to an officer within whose reach it lies: its kind and its bytes. Raises NotFound."""
    if not await (await within(actor)).filter(id=complaint_id).exists():
        raise NotFound
    return await documents.look_at_exhibit(actor, files, file_id, complaint_id, small=small)
