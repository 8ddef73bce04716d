"""Uploads in parts: whatever the network does, the next part begins where the last one ended."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import AppError, Conflict, NotFound, TooLarge, Unavailable
from server.features.documents.models import PartedUpload
from server.features.documents.schemas import FileOut, UploadIn, UploadOut
from server.features.documents.service import _files, _taking
from server.features.documents.service._opening import MOST_BYTES
from server.kit import clock
from server.ports import Ports

PART = 256 * 1024
KEPT_FOR = timedelta(hours=24)
MOST_OPEN = 10
SWEPT_AT_ONCE = 200

# One statement: of two who send the same part, or send it again, one adds it and nobody adds it twice.
_ADD = """
    WITH grown AS (
        UPDATE upload SET received = received + $3
        WHERE id = $1 AND received = $2 AND received + $3 <= size AND file_id IS NULL RETURNING id
    )
    INSERT INTO upload_part (upload_id, start, sealed) SELECT id, $2, $4 FROM grown
"""
_PARTS = "SELECT start, sealed FROM upload_part WHERE upload_id = $1 ORDER BY start"


@db.transactional
async def begin_upload(actor: Citizen, wish: UploadIn) -> UploadOut:
    """Announce an upload. Refuses `too_large`, `documents.name_missing` and `documents.too_many_unused`."""
    if wish.size > MOST_BYTES:
        raise TooLarge("too_large")
    name = _taking.tidy(wish.name)
    if await PartedUpload.of_account(actor.account_id).filter(file_id=None).count() >= MOST_OPEN:
        raise Conflict("documents.too_many_unused")
    upload = PartedUpload(account_id=actor.account_id, size=wish.size)
    upload.name = name
    await upload.save(force_create=True)
    return _out(upload)


async def upload_state(actor: Citizen, upload_id: UUID) -> UploadOut:
    """Say where an upload is to be gone on with."""
    return _out(await _mine(actor, upload_id))


async def add_part(actor: Citizen, upload_id: UUID, start: int, content: bytes) -> UploadOut:
    """Add a part at its place; one that came before, or too early, changes nothing. The answer says where to go on."""
    upload = await _mine(actor, upload_id)
    if content and start == upload.received:
        sealed = db.seal_bytes("upload_part", str(start), upload.id, content)
        await db.execute(_ADD, upload.id, start, len(content), sealed)
        upload = await _mine(actor, upload_id)
    return _out(upload)


async def finish_upload(actor: Citizen, ports: Ports, upload_id: UUID) -> FileOut:
    """Make a file of all parts; asked again, it is the same file.

    Refuses `documents.upload_incomplete`, and what `store` refuses. When something is down the parts stay, so that
    asking again is enough; a file that is refused for itself is gone.
    """
    upload = await _mine(actor, upload_id)
    if upload.file_id is not None:
        return await _files.described(actor, upload.file_id)
    if upload.received != upload.size:
        raise Conflict("documents.upload_incomplete")

    async def read() -> bytes:
        rows = await db.fetch(_PARTS, upload.id)
        return b"".join(
            db.unseal_bytes("upload_part", str(row["start"]), upload.id, bytes(row["sealed"])) for row in rows
        )

    try:
        file = await _taking.store(actor, ports, upload.name, read)
    except (Unavailable, Conflict):
        raise
    except AppError:
        await PartedUpload.filter(id=upload.id).delete()
        raise
    async with db.tx():
        await PartedUpload.filter(id=upload.id).update(file_id=file.id)
        await db.execute("DELETE FROM upload_part WHERE upload_id = $1", upload.id)
    return file


async def cancel_upload(actor: Citizen, upload_id: UUID) -> None:
    """Drop an upload and its parts. Raises NotFound for one that is gone."""
    if not await PartedUpload.of_account(actor.account_id).filter(id=upload_id).delete():
        raise NotFound("documents.upload_gone")


async def sweep_halves() -> int:
    """Drop uploads nobody went on with within a day, and the memory of finished ones; say how many."""
    old = await PartedUpload.filter(created_at__lt=clock.now() - KEPT_FOR).limit(SWEPT_AT_ONCE)
    return await PartedUpload.filter(id__in=[upload.id for upload in old]).delete()


async def _mine(actor: Citizen, upload_id: UUID) -> PartedUpload:
    upload = await PartedUpload.of_account(actor.account_id).get_or_none(id=upload_id)
    if upload is None or upload.created_at < clock.now() - KEPT_FOR:
        raise NotFound("documents.upload_gone")
    return upload


def _out(upload: PartedUpload) -> UploadOut:
    return UploadOut(
        id=upload.id,
        size=upload.size,
        received=upload.received,
        part=PART,
        expires_at=upload.created_at + KEPT_FOR,
    )
