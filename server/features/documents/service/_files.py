"""Files: kept sealed, owned by who uploaded them, seen by staff only on record."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta
from uuid import UUID

from tortoise.expressions import Q
from tortoise.queryset import QuerySet

from server import db
from server.actor import Citizen, Staff
from server.errors import Conflict, NotFound, Unavailable
from server.features.audit import service as audit
from server.features.documents.models import File, FileState
from server.features.documents.schemas import FileOut
from server.features.thread import service as thread
from server.kit import clock
from server.ports import FileStore, OutsideError

UNUSED_FOR = timedelta(hours=24)
SWEPT_AT_ONCE = 100

_log = logging.getLogger(__name__)


async def require(actor: Citizen | Staff, file_ids: list[UUID], thread_id: UUID) -> None:
    """Check that each file is the actor's own upload or already lies in this thread, and serves no other.

    The caller has checked that the actor may see the thread. Raises NotFound `documents.file_missing` (also for
    somebody else's), Conflict `documents.file_in_use`.
    """
    own = {file.id: file for file in await _own(actor).filter(id__in=file_ids)}
    here = {file.id: file for file in await File.of_thread(thread_id, drafts=True).filter(id__in=file_ids)}
    found = own | here
    if set(found) != set(file_ids):
        raise NotFound("documents.file_missing")
    if any({file.thread_id, file.held_for} - {None, thread_id} for file in found.values()):
        raise Conflict("documents.file_in_use")


async def hold(actor: Citizen | Staff, file_ids: list[UUID], thread_id: UUID) -> None:
    """Keep files for a draft, in the caller's transaction: exactly these, and no others of the thread any more.

    What was handed in already stays. Raises as `require`.
    """
    await require(actor, file_ids, thread_id)
    await _let_go_of_others(file_ids, thread_id)
    await _bind(file_ids, thread_id, held_for=thread_id)


async def attach(actor: Citizen | Staff, file_ids: list[UUID], thread_id: UUID) -> None:
    """Hand files in, in the caller's transaction: from now on the thread's officers see them. Raises as `require`."""
    await require(actor, file_ids, thread_id)
    await _let_go_of_others(file_ids, thread_id)
    await _bind(file_ids, thread_id, held_for=thread_id, thread_id=thread_id)


async def _let_go_of_others(file_ids: list[UUID], thread_id: UUID) -> None:
    await File.filter(held_for=thread_id, thread_id=None).exclude(id__in=file_ids).update(held_for=None)


async def _bind(file_ids: list[UUID], to: UUID, /, **changes: UUID) -> None:
    # Once more in the statement itself: a sweep or another matter may have been faster since we looked.
    free = Q(thread_id=None, held_for=None) | Q(held_for=to) | Q(thread_id=to)
    bound = await File.filter(free, id__in=file_ids, state=FileState.KEPT).update(**changes)
    if bound != len(set(file_ids)):
        raise NotFound("documents.file_missing")


async def let_go(thread_id: UUID) -> None:
    """Drop what a draft held and never handed in, in the caller's transaction."""
    await File.filter(held_for=thread_id, thread_id=None).update(held_for=None)


async def files(file_ids: list[UUID]) -> dict[UUID, FileOut]:
    """Describe many files; the caller has already checked who may see what they belong to."""
    return {file.id: shown(file) for file in await File.filter(id__in=file_ids)}


async def place_of(file_id: UUID) -> UUID | None:
    """Name the thread a file was handed in to; the caller has checked that it may be seen."""
    file = await File.get_or_none(id=file_id, state=FileState.KEPT)
    return None if file is None else file.thread_id


async def described(actor: Citizen, file_id: UUID) -> FileOut:
    """Describe one's own upload."""
    file = await File.of_account(actor.account_id).get_or_none(id=file_id)
    if file is None:
        raise NotFound("documents.upload_gone")
    return shown(file)


async def read(actor: Citizen, files: FileStore, file_id: UUID) -> tuple[FileOut, bytes]:
    """Give the bytes of one's own upload, or of a file of a matter one may see."""
    file = await _within_sight(actor, file_id)
    return shown(file), await get_bytes(files, file, file.key)


async def thumb(actor: Citizen, files: FileStore, file_id: UUID) -> bytes:
    """Give the small picture (JPEG). Whose, as `read`."""
    file = await _within_sight(actor, file_id)
    if not file.has_thumb:
        raise NotFound
    return await get_bytes(files, file, file.thumb_key)


async def _within_sight(actor: Citizen, file_id: UUID) -> File:
    file = await File.get_or_none(id=file_id, state=FileState.KEPT)
    if file is None:
        raise NotFound
    if file.account_id != actor.account_id:
        place = file.thread_id or file.held_for
        if place is None:
            raise NotFound
        await thread.view(actor, place)
    return file


async def look(
    actor: Staff, files: FileStore, file_id: UUID, thread_id: UUID, *, small: bool = False
) -> tuple[FileOut, bytes]:
    """Show an officer a paper that was handed in to a thread; the caller has checked that they may see the thread.

    The look is written down before the bytes leave, under whose papers they are. A small picture belongs to the look
    at the whole application, which the person reads of.
    """
    file = await File.of_thread(thread_id, drafts=False).get_or_none(id=file_id)
    if file is None or (small and not file.has_thumb):
        raise NotFound
    action = "documents.glimpsed" if small else "documents.viewed"
    whose = (await thread.get(thread_id)).holder_id
    async with db.tx():
        await audit.record(actor, action, "file", file.id, person_id=whose, thread_id=thread_id)
    return shown(file), await get_bytes(files, file, file.thumb_key if small else file.key)


async def unopened(file_ids: list[UUID]) -> set[UUID]:
    """Name the files no officer has opened yet; a small picture on a page is no look at the paper."""
    return set(file_ids) - await audit.looked_at(file_ids, "documents.viewed")


async def remove(actor: Citizen, files: FileStore, file_id: UUID) -> None:
    """Delete an upload that no application uses. Refuses `documents.file_in_use`."""
    file = await _own(actor).get_or_none(id=file_id)
    if file is None:
        raise NotFound
    async with db.tx():
        if not await _leave(file):
            raise Conflict("documents.file_in_use")
        await audit.record(actor, "documents.removed", "file", file_id, person_id=file.person_id)
    await _drop(files, file)


async def sweep_unused(files: FileStore) -> int:
    """Delete what nobody used within a day, what never quite arrived and what has not quite left; say how many."""
    old = clock.now() - UNUSED_FOR
    unused = Q(thread_id=None, held_for=None, exhibit_of=None, created_at__lt=old)
    found = await File.filter(unused | Q(state=FileState.LEAVING)).order_by("created_at").limit(SWEPT_AT_ONCE)
    swept = 0
    for file in found:
        if not await _leave(file):
            continue
        try:
            await _drop(files, file)
        except Unavailable:
            # It stays `leaving`, and is tried again with the next round.
            _log.warning("a swept file could not be deleted from the store yet")
            continue
        swept += 1
    return swept


async def content(files: FileStore, file_id: UUID) -> bytes:
    """Give the bytes of a file for its owner's own copy of everything. Raises NotFound, Unavailable."""
    file = await File.get_or_none(id=file_id, state=FileState.KEPT)
    if file is None:
        raise NotFound
    return await get_bytes(files, file, file.key)


async def _leave(file: File) -> bool:
    unused = File.filter(id=file.id, thread_id=None, held_for=None, exhibit_of=None)
    return await unused.update(state=FileState.LEAVING) > 0


def _own(actor: Citizen | Staff) -> QuerySet[File]:
    if isinstance(actor, Citizen):
        return File.of_account(actor.account_id)
    return File.of_staff(actor.staff_id)


def shown(file: File) -> FileOut:
    """Describe a file."""
    url = f"/api/v1/files/{file.id}"
    return FileOut(
        id=file.id,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        url=url,
        thumb_url=f"{url}/thumb" if file.has_thumb else None,
        width=file.width,
        height=file.height,
        created_at=file.created_at,
    )


async def put_bytes(files: FileStore, file: File, key: str, content: bytes) -> None:
    """Seal bytes of a file into the store. Raises Unavailable."""
    # Ten megabytes take a moment, in which others are answered.
    sealed = await asyncio.to_thread(db.seal_bytes, "file", key, file.id, content)

    async def once() -> AsyncIterator[bytes]:
        yield sealed

    try:
        await files.put(key, once())
    except OutsideError as failure:
        raise Unavailable("documents.store_unavailable") from failure


async def get_bytes(files: FileStore, file: File, key: str) -> bytes:
    """Give bytes of a file as they came. Raises Unavailable."""
    try:
        sealed = b"".join([piece async for piece in files.read(key)])
    except OutsideError as failure:
        raise Unavailable("documents.store_unavailable") from failure
    return db.unseal_bytes("file", key, file.id, sealed)


async def _drop(files: FileStore, file: File) -> None:
    """Delete the bytes, then the row that names them."""
    try:
        for key in (file.key, file.thumb_key):
            await files.delete(key)
    except OutsideError as failure:
        raise Unavailable("documents.store_unavailable") from failure
    await File.filter(id=file.id, state=FileState.LEAVING).delete()
