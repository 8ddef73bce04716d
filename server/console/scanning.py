"""Scanning at the desk: a document camera or a folder of files, cut and turned in the browser, sent as one file."""

from __future__ import annotations

from uuid import UUID

from msgspec import Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, frame
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.ports import Ports
from server.web import Redirect, Upload, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_scanning", url_prefix="/console/cases")
DESK = access.staff(*FRONT)


class LineQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The line of the guide that is scanned first."""

    line: str = ""


@page(blueprint, "GET", "/<case_id>/scan", access=DESK)
async def begin(actor: Staff, case_id: UUID, query: LineQuery) -> Shown:
    """Show the camera and the pages, if there is a paper to scan now; the applicant can read that somebody looked."""
    seen = await cases.view(actor, case_id)
    lines = [one for one in seen.case.materials if one.exempt is None and "scan" in seen.can]
    sizes = {key: (catalogue.pixels_said(asked, actor.locale), asked) for key, asked in seen.pixels.items()}
    return "scan.html", frame(
        actor, "cases", case=seen.case, lines=lines, line=query.line, sizes=sizes, most=documents.MOST_BYTES
    )


@page(blueprint, "POST", "/<case_id>/scans/<line>", access=DESK, limit="upload", max_bytes=documents.MOST_BYTES)
async def keep(actor: Staff, case_id: UUID, line: str, upload: Upload, ports: Ports) -> Redirect:
    """Keep one file for one line of the guide."""
    await cases.scannable(actor, case_id, line)
    file = await documents.store(actor, ports, upload.filename, upload.read)
    await cases.add_scan(actor, case_id, line, file.id)
    return Redirect(f"/console/cases/{case_id}/scan")
