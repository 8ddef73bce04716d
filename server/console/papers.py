"""Papers and pictures the desk shows: uploads, notices, QR codes, and the desk's own style."""

from __future__ import annotations

import sys
from functools import lru_cache
from pathlib import Path
from uuid import UUID

from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.drawing import drawn
from server.console.frame import FRONT
from server.errors import NotFound
from server.features.cases import service as cases
from server.features.documents import service as documents
from server.ports import Ports
from server.web import Raw, access
from server.web.pages import page

blueprint = Blueprint("console_papers", url_prefix="/console")
DESK = access.staff(*FRONT, Role.REVIEWER)
CODES = access.staff(*FRONT, Role.REVIEWER, Role.SUPERVISOR)

LONGEST_TOKEN = 64
PRIVATE = {"cache-control": "private, no-store"}
STATIC = {"cache-control": "public, max-age=3600"}
_OWN = Path(__file__).parent / "static"
# Put there by the set-up (`requirements/install desk`).
_INSTALLED = Path(sys.prefix) / "share" / "console"
_TYPES = {".css": "text/css; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".svg": "image/svg+xml"}
_FILES = {path.name: (path, _TYPES[path.suffix]) for path in _OWN.iterdir()} | {
    "htmx.js": (_INSTALLED / "htmx.min.js", _TYPES[".js"])
}


@page(blueprint, "GET", "/static/<name>", access=access.public, limit=None)
async def static(name: str) -> Raw:
    """Give one file of the desk's own dress."""
    path, content_type = _FILES.get(name, (None, ""))
    if path is None or not path.is_file():
        raise NotFound
    return Raw(body=_read(path), content_type=content_type, headers=STATIC)


@lru_cache(maxsize=len(_FILES))
def _read(path: Path) -> bytes:
    return path.read_bytes()


@page(blueprint, "GET", "/cases/<case_id>/files/<file_id>", access=DESK)
async def file(actor: Staff, case_id: UUID, file_id: UUID, ports: Ports) -> Raw:
    """Show a paper of a case in the browser; the look is on record."""
    thread_id = await cases.paper_at_desk(actor, case_id, file_id)
    shown, content = await documents.look(actor, ports.files, file_id, thread_id)
    return Raw(body=content, content_type=shown.media_type, headers=PRIVATE)


@page(blueprint, "GET", "/cases/<case_id>/files/<file_id>/thumb", access=DESK)
async def thumb(actor: Staff, case_id: UUID, file_id: UUID, ports: Ports) -> Raw:
    """Show a paper of a case small."""
    thread_id = await cases.paper_at_desk(actor, case_id, file_id)
    _, content = await documents.look(actor, ports.files, file_id, thread_id, small=True)
    return Raw(body=content, content_type="image/jpeg", headers=PRIVATE)


@page(blueprint, "GET", "/cases/<case_id>/notices/<notice_id>.pdf", access=DESK)
async def notice(actor: Staff, case_id: UUID, notice_id: UUID, settings: Settings) -> Raw:
    """Show a notice of a case as PDF; the look is on record."""
    thread_id = await cases.thread_at_desk(actor, case_id)
    content = await documents.look_at_notice(actor, notice_id, thread_id, settings.public_url)
    return Raw(body=content, content_type="application/pdf", headers=PRIVATE)


@page(blueprint, "GET", "/qr/<token>.svg", access=CODES)
async def qr(token: str, settings: Settings) -> Raw:
    """Draw the QR that opens a code of ours."""
    if len(token) > LONGEST_TOKEN:
        raise NotFound
    return Raw(body=drawn(f"{settings.public_url}/q/{token}"), content_type="image/svg+xml", headers=PRIVATE)
