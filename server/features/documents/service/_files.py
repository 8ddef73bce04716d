"""Files: kept sealed, owned by who uploaded them, seen by staff only on record."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Citizen, Staff
from server.errors import Conflict, InvalidInput, NotFound, Unavailable
from server.features.audit import service as audit
from server.features.documents.models import File
from server.features.documents.schemas import FileOut
from server.features.documents.service import _sniff
from server.features.thread import service as thread
from server.kit import clock
from server.ports import FileStore, OutsideError

LONGEST_NAME = 120
UNUSED_FOR = timedelta(hours=24)
MOST_UNUSED = 60


async def store(actor: Citizen | Staff, files: FileStore, name: str, content: bytes) -> FileOut:
    """Keep an upload. The same bytes sent twice by the same phone, not yet used, are one file.

    Refuses what `_sniff.clean` refuses, and `documents.too_many_unused`.
    """
    kept = await asyncio.to_thread(_sniff.clean, content)
    digest = hashlib.sha256(kept.content).digest()
    if isinstance(actor, Citizen):
        unused = await File.of_account(actor.account_id).filter(thread_id=None)
        for again in unused:
            if again.digest == digest:
                return _out(again)
        if len(unused) >= MOST_UNUSED:
            raise Conflict("documents.too_many_unused")
    file = File(media_type=kept.media_type, size=len(kept.content), digest=digest, has_thumb=kept.thumb is not None)
    file.name = _tidy(name)
    if isinstance(actor, Citizen):
        file.account_id, file.person_id = actor.account_id, actor.person_id
    else:
        file.staff_id = actor.staff_id
    # The bytes go first: a row without bytes would be a broken promise, bytes without a row are swept away.
    await _put(files, file, file.key, kept.content)
    if kept.thumb is not None:
        await _put(files, file, file.thumb_key, kept.thumb)
    async with db.tx():
        await file.save(force_create=True)
        await audit.record(actor, "documents.stored", "file", file.id, person_id=file.person_id, size=file.size)
    return _out(file)


async def require(actor: Citizen | Staff, file_ids: list[UUID], thread_id: UUID) -> list[FileOut]:
    """Check that the actor uploaded these files and that none serves another thread.

    Raises NotFound `documents.file_missing` (also for somebody else's), Conflict `documents.file_in_use`.
    """
    found = {file.id: file for file in await _own(actor).filter(id__in=file_ids)}
    if set(found) != set(file_ids):
        raise NotFound("documents.file_missing")
    if any(file.thread_id not in (None, thread_id) for file in found.values()):
        raise Conflict("documents.file_in_use")
    return [_out(found[file_id]) for file_id in file_ids]


async def attach(actor: Citizen | Staff, file_ids: list[UUID], thread_id: UUID) -> None:
    """Bind files of the actor to a thread, in the caller's transaction. Raises as `require`."""
    await require(actor, file_ids, thread_id)
    await File.filter(id__in=file_ids).update(thread_id=thread_id)


async def files(file_ids: list[UUID]) -> dict[UUID, FileOut]:
    """Describe many files; the caller has already checked who may see what they belong to."""
    return {file.id: _out(file) for file in await File.filter(id__in=file_ids)}


async def read(actor: Citizen | Staff, files: FileStore, file_id: UUID) -> tuple[FileOut, bytes]:
    """Give the bytes. A look by staff is written down before the bytes leave."""
    file = await view(actor, file_id)
    return _out(file), await _get(files, file, file.key)


async def thumb(actor: Citizen | Staff, files: FileStore, file_id: UUID) -> bytes:
    """Give the small picture (JPEG)."""
    file = await view(actor, file_id)
    if not file.has_thumb:
        raise NotFound
    return await _get(files, file, file.thumb_key)


async def view(actor: Citizen | Staff, file_id: UUID) -> File:
    """Reach one file: one's own upload, or one of a thread the actor may see. A look by staff is on record."""
    file = await _own(actor).get_or_none(id=file_id)
    if file is None:
        file = await File.get_or_none(id=file_id)
        if file is None or file.thread_id is None:
            raise NotFound
        await thread.view(actor, file.thread_id)
    if isinstance(actor, Staff):
        async with db.tx():
            await audit.record(
                actor, "documents.viewed", "file", file.id, person_id=file.person_id, thread_id=file.thread_id
            )
    return file


async def remove(actor: Citizen, files: FileStore, file_id: UUID) -> None:
    """Delete an upload that no case uses. Refuses `documents.file_in_use`."""
    file = await _own(actor).get_or_none(id=file_id)
    if file is None:
        raise NotFound
    async with db.tx():
        gone = await File.filter(id=file_id, thread_id=None).delete()
        if not gone:
            raise Conflict("documents.file_in_use")
        await audit.record(actor, "documents.removed", "file", file_id, person_id=file.person_id)
    await _drop(files, file)


async def sweep_unused(files: FileStore) -> int:
    """Delete uploads that nobody used within a day, row first, and say how many."""
    old = await File.filter(thread_id=None, created_at__lt=clock.now() - UNUSED_FOR).limit(100)
    swept = 0
    for file in old:
        if await File.filter(id=file.id, thread_id=None).delete():
            await _drop(files, file)
            swept += 1
    return swept


def _own(actor: Citizen | Staff) -> QuerySet[File]:
    if isinstance(actor, Citizen):
        return File.of_account(actor.account_id)
    return File.filter(staff_id=actor.staff_id)


def _tidy(name: str) -> str:
    shown = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
    if len(shown) > LONGEST_NAME:
        shown = shown[: LONGEST_NAME - 8] + "…" + shown[-7:]
    if not shown:
        raise InvalidInput("documents.name_missing")
    return shown


def _out(file: File) -> FileOut:
    url = f"/api/v1/files/{file.id}"
    return FileOut(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        url=url,
        thumb_url=f"{url}/thumb" if file.has_thumb else None,
        created_at=file.created_at,
    )


async def _put(files: FileStore, file: File, key: str, content: bytes) -> None:
    sealed = db.seal_bytes("file", key, file.id, content)

    async def once() -> AsyncIterator[bytes]:
        yield sealed

    try:
        await files.put(key, once())
    except OutsideError as failure:
        raise Unavailable("documents.store_unavailable") from failure


async def _get(files: FileStore, file: File, key: str) -> bytes:
    try:
        sealed = b"".join([piece async for piece in files.read(key)])
    except OutsideError as failure:
        raise Unavailable("documents.store_unavailable") from failure
    return db.unseal_bytes("file", key, file.id, sealed)


async def _drop(files: FileStore, file: File) -> None:
    for key in (file.key, file.thumb_key) if file.has_thumb else (file.key,):
        try:
            await files.delete(key)
        except OutsideError as failure:
            raise Unavailable("documents.store_unavailable") from failure
