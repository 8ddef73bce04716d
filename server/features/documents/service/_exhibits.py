"""Pictures beside what somebody said: taken without a login, seen by who works on it, and every look on record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Collection
from uuid import UUID

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.documents.models import File, FileState
from server.features.documents.schemas import PictureOut
from server.features.documents.service import _cleaner
from server.features.documents.service._files import get_bytes
from server.features.documents.service._opening import Clean
from server.features.documents.service._taking import Reader, bring_in, cleaned
from server.ports import FileStore, Ports

# Whoever holds a code may try a few more than are kept in the end, and no more.
MOST_OFFERED = 12
_NAMES = {"image/jpeg": "picture.jpg", "image/png": "picture.png", "image/webp": "picture.webp"}


async def offer(actor: Actor, ports: Ports, subject_id: UUID, read: Reader) -> PictureOut:
    """Take a picture for a rating or complaint whose code the caller has checked. Unused, it is gone within a day.

    The same bytes again are the same picture. Refuses as `store`, `documents.picture_only`, `.too_many_pictures`. Its
    own name is not kept: a phone's may say when and where it was taken.
    """
    async with _cleaner.Turn():
        kept = await _picture(ports, await read())
        digest = await asyncio.to_thread(lambda: hashlib.sha256(kept.content).digest())
        offered = await File.filter(offered_to=subject_id, state=FileState.KEPT)
        again = next((one for one in offered if one.digest == digest), None)
        if again is None:
            if len(offered) >= MOST_OFFERED:
                raise Conflict("documents.too_many_pictures", count=MOST_OFFERED)
            again = File(
                offered_to=subject_id,
                media_type=kept.media_type,
                size=len(kept.content),
                digest=digest,
                has_thumb=kept.thumb is not None,
            )
            again.name = _NAMES[kept.media_type]
            await bring_in(actor, ports.files, again, kept)
    return PictureOut(id=again.id, size=again.size)


async def _picture(ports: Ports, content: bytes) -> Clean:
    try:
        kept = await cleaned(ports.antivirus, content)
    except InvalidInput as refused:
        if refused.code != "documents.type_refused":
            raise
        # That one offers to take a PDF, too.
        raise InvalidInput("documents.picture_only") from None
    if kept.media_type not in _NAMES:
        raise InvalidInput("documents.picture_only")
    return kept


async def exhibit(file_ids: Collection[UUID], subject_id: UUID) -> None:
    """Put pictures that were offered beside what was said, in the caller's transaction. Raises NotFound."""
    wanted = set(file_ids)
    offered = File.filter(id__in=wanted, offered_to=subject_id, state=FileState.KEPT)
    if wanted and await offered.update(exhibit_of=subject_id) != len(wanted):
        raise NotFound("documents.upload_gone")


async def exhibits(subject_id: UUID) -> list[UUID]:
    """Name the pictures of a rating or complaint, as they came."""
    return [one.id for one in await File.beside(subject_id).order_by("created_at", "id").only("id")]


async def exhibit_thumb(files: FileStore, file_id: UUID, subject_id: UUID) -> bytes:
    """Give one small (JPEG) to who sent it; the caller has checked that they did. Raises NotFound."""
    file = await _beside(file_id, subject_id)
    return await get_bytes(files, file, file.thumb_key)


async def look_at_exhibit(
    actor: Staff, files: FileStore, file_id: UUID, subject_id: UUID, *, small: bool = False
) -> tuple[str, bytes]:
    """Show one to an officer who the caller has checked works on it; every look is written down before it leaves.

    Nobody's name stands with it: who said it is not the officer's to know.
    """
    file = await _beside(file_id, subject_id)
    async with db.tx():
        await audit.record(actor, "documents.glimpsed" if small else "documents.viewed", "file", file.id)
    kind = "image/jpeg" if small else file.media_type
    return kind, await get_bytes(files, file, file.thumb_key if small else file.key)


async def _beside(file_id: UUID, subject_id: UUID) -> File:
    file = await File.beside(subject_id).get_or_none(id=file_id)
    if file is None:
        raise NotFound
    return file
