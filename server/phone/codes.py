"""What a scanned code opens on the phone."""

from __future__ import annotations

from msgspec import Struct
from sanic import Blueprint

from server.actor import Actor, Citizen
from server.errors import NotFound
from server.features.booking import service as booking
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.documents.service import NoticeCheck
from server.features.queue import service as queue
from server.features.thread import service as thread
from server.web import access, route

blueprint = Blueprint("phone_codes")

PAGES: dict[thread.CodeKind, str] = {
    thread.CodeKind.HALL: "/features/queue/pages/check-in?token={token}",
    thread.CodeKind.DOOR: "/features/queue/pages/check-in?token={token}",
    thread.CodeKind.TICKET: "/features/queue/pages/ticket?code={token}",
    thread.CodeKind.CERTIFICATE: "/features/certificates/pages/check?token={token}",
    thread.CodeKind.NOTICE: "/features/documents/pages/check?token={token}",
    thread.CodeKind.RATING: "/features/ratings/pages/rate?token={token}&via=code",
    thread.CodeKind.PLACE: "/features/ratings/pages/place?token={token}",
    thread.CodeKind.WALK: "/features/supervision/pages/walk?token={token}",
    thread.CodeKind.COMPLAINT: "/features/complaints/pages/one?token={token}",
}


class CodeOut(Struct, kw_only=True):
    """`page` is what the phone opens; null for a code that is to be shown at the desk, not scanned by a person.

    Whoever scans the code of their own booking sees the booking, or the number it has become.
    """

    kind: str
    page: str | None
    notice: NoticeCheck | None


@route(blueprint, "GET", "/api/v1/codes/<token:str>", access=access.anyone, limit="scan")
async def code(actor: Actor, token: str) -> CodeOut:
    """Say what a code is for."""
    if certificates.is_shown_code(token):
        shown = thread.CodeKind.CERTIFICATE
        return CodeOut(kind=shown.value, page=PAGES[shown].format(token=token), notice=None)
    found = await thread.resolve_code(token)
    page = PAGES.get(found.kind) or await _own(actor, found)
    notice = await documents.check_notice(found.subject_id, actor) if found.kind is thread.CodeKind.NOTICE else None
    return CodeOut(kind=found.kind.value, page=page.format(token=token) if page else None, notice=notice)


async def _own(actor: Actor, found: thread.CodeView) -> str | None:
    if found.kind is not thread.CodeKind.BOOKING or not isinstance(actor, Citizen):
        return None
    try:
        mine = await booking.get(actor, found.subject_id)
    except NotFound:
        return None
    ticket = await queue.of_thread(actor, mine.thread_id) if mine.state == "checked_in" else None
    return f"/features/queue/pages/ticket?id={ticket.id}" if ticket else f"/features/booking/pages/detail?id={mine.id}"
