"""Pictures of what was bad: bound to the rating's code, seen by those who mend it alone, and every look on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

from server.actor import Staff
from server.errors import Conflict, NotFound
from server.features.documents import service as documents
from server.features.ratings.models import RatingState
from server.features.ratings.service._desk import rectification
from server.features.ratings.service._giving import may_change_until, require_in_time
from server.features.ratings.service._theirs import Rater
from server.features.ratings.service._tokens import of_token
from server.ports import FileStore, Ports


async def offer_picture(
    rater: Rater, ports: Ports, token: str, read: Callable[[], Awaitable[bytes]]
) -> documents.PictureOut:
    """Take a picture for a rating that is still to be given, or that whoever gave it may still change.

    Raises NotFound `codes.unknown`, Gone `ratings.expired`, Conflict `ratings.already_given`; refuses what
    `documents.offer` refuses.
    """
    rating = await of_token(token)
    await require_in_time(rating)
    if rating.state is not RatingState.OPEN and await may_change_until(rater, rating) is None:
        raise Conflict("ratings.already_given")
    return await documents.offer(rater.actor, ports, rating.id, read)


async def picture(
    actor: Staff, files: FileStore, rectification_id: UUID, file_id: UUID, *, small: bool = False
) -> tuple[str, bytes]:
    """Show a picture to those who mend what was bad: its kind and its bytes. Raises NotFound."""
    found = await rectification(actor, rectification_id)
    if file_id not in found.pictures:
        raise NotFound
    return await documents.look_at_exhibit(actor, files, file_id, found.rating_id, small=small)
