"""Documents over HTTP."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Citizen
from server.config import Settings
from server.features.documents import service as documents
from server.features.documents.schemas import FileOut, UploadIn, UploadOut
from server.ports import Ports
from server.web import Raw, Upload, access, route

blueprint = Blueprint("documents", url_prefix="/api/v1")

# What a person may see, a cache on the way may not keep.
PRIVATE = {"cache-control": "private, no-store"}


@route(blueprint, "POST", "/files", access=access.citizen, status=201, limit="upload", max_bytes=documents.MOST_BYTES)
async def store(actor: Citizen, upload: Upload, ports: Ports) -> FileOut:
    """Upload one paper: jpg, png, webp or pdf, at most 10 MB. Sending the same bytes again gives the same file."""
    return await documents.store(actor, ports, upload.filename, upload.read)


@route(blueprint, "POST", "/uploads", access=access.citizen, status=201, idempotent=True, limit="upload")
async def begin_upload(actor: Citizen, body: UploadIn) -> UploadOut:
    """Announce a file that will come in parts, for networks that break off."""
    return await documents.begin_upload(actor, body)


@route(blueprint, "GET", "/uploads/<upload_id:uuid>", access=access.citizen)
async def upload_state(actor: Citizen, upload_id: UUID) -> UploadOut:
    """Say where to go on with an upload."""
    return await documents.upload_state(actor, upload_id)


@route(
    blueprint, "PUT", "/uploads/<upload_id:uuid>/parts/<start:int>",
    access=access.citizen, limit="upload_part", max_bytes=documents.PART,
)  # fmt: skip
async def add_part(actor: Citizen, upload_id: UUID, start: int, upload: Upload) -> UploadOut:
    """Send the bytes from `start` on. A part that is here already, or comes too early, changes nothing."""
    return await documents.add_part(actor, upload_id, start, await upload.read())


@route(blueprint, "POST", "/uploads/<upload_id:uuid>/finish", access=access.citizen, status=201, limit="upload")
async def finish_upload(actor: Citizen, upload_id: UUID, ports: Ports) -> FileOut:
    """Make one file of all parts."""
    return await documents.finish_upload(actor, ports, upload_id)


@route(blueprint, "DELETE", "/uploads/<upload_id:uuid>", access=access.citizen)
async def cancel_upload(actor: Citizen, upload_id: UUID) -> None:
    """Drop an upload that is on its way."""
    await documents.cancel_upload(actor, upload_id)


@route(blueprint, "GET", "/files/<file_id:uuid>", access=access.citizen)
async def read(actor: Citizen, file_id: UUID, ports: Ports) -> Raw:
    """Download a file."""
    file, content = await documents.read(actor, ports.files, file_id)
    return Raw(body=content, content_type=file.media_type, filename=file.name, headers=PRIVATE)


@route(blueprint, "GET", "/files/<file_id:uuid>/thumb", access=access.citizen)
async def thumb(actor: Citizen, file_id: UUID, ports: Ports) -> Raw:
    """Show a file small (JPEG)."""
    return Raw(body=await documents.thumb(actor, ports.files, file_id), content_type="image/jpeg", headers=PRIVATE)


@route(blueprint, "DELETE", "/files/<file_id:uuid>", access=access.citizen)
async def remove(actor: Citizen, file_id: UUID, ports: Ports) -> None:
    """Delete a file that nothing uses; deleting is the same however often it is sent."""
    await documents.remove(actor, ports.files, file_id)


@route(blueprint, "GET", r"/notices/<notice_id:uuid>.pdf", access=access.citizen)
async def notice(actor: Citizen, notice_id: UUID, settings: Settings) -> Raw:
    """Show a notice as PDF."""
    number, content = await documents.draw_notice(actor, notice_id, settings.public_url)
    return Raw(body=content, content_type="application/pdf", filename=f"{number}.pdf", headers=PRIVATE)
