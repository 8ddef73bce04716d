"""Complaints over HTTP: whoever has something to say may, logged in or not."""

from __future__ import annotations

from uuid import UUID

from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.complaints import service as complaints
from server.features.complaints.schemas import (
    ComplaintIn,
    ComplaintJudgeIn,
    ComplaintLine,
    ComplaintOut,
    ComplaintQuery,
    ComplaintRef,
    PublicAnswer,
    PublicQuery,
)
from server.features.documents import service as documents
from server.ports import Ports
from server.web import Page, PageQuery, Raw, Upload, access, route

PRIVATE = {"cache-control": "private, no-store"}

blueprint = Blueprint("complaints", url_prefix="/api/v1")


@route(
    blueprint, "POST", "/complaints", access=access.anyone, status=201, idempotent=True, limit="rating"
)  # fmt: skip
async def write(actor: Actor, body: ComplaintIn) -> ComplaintOut:
    """Write to the office: a question, a complaint, what could not be got done, a nuisance or an error."""
    return await complaints.write(actor, body)


@route(blueprint, "GET", "/complaints", access=access.citizen)
async def mine(actor: Citizen, query: PageQuery) -> Page[ComplaintLine]:
    """List what one wrote."""
    return await complaints.mine(actor, query)


@route(blueprint, "GET", "/complaints/one", access=access.anyone, limit="scan")
async def one(actor: Actor, query: ComplaintQuery) -> ComplaintOut:
    """Show one to whoever wrote it."""
    return await complaints.one(actor, query.token)


@route(
    blueprint, "POST", "/complaints/pictures",
    access=access.anyone, status=201, limit="upload", max_bytes=documents.MOST_BYTES,
)  # fmt: skip
async def add_picture(actor: Actor, query: ComplaintQuery, upload: Upload, ports: Ports) -> ComplaintOut:
    """Put a screenshot beside what one wrote: jpg, png or webp, at most 10 MB, six at most."""
    return await complaints.add_picture(actor, ports, query.token, upload.read)


@route(blueprint, "GET", "/complaints/pictures/<picture_id:uuid>", access=access.anyone, limit="scan")
async def picture(actor: Actor, picture_id: UUID, query: ComplaintQuery, ports: Ports) -> Raw:
    """Show a screenshot small (JPEG) to whoever sent it."""
    content = await complaints.own_picture(actor, ports.files, query.token, picture_id)
    return Raw(body=content, content_type="image/jpeg", headers=PRIVATE)


@route(blueprint, "POST", "/complaints/withdraw", access=access.anyone, idempotent=True, limit="rating")
async def withdraw(actor: Actor, body: ComplaintRef) -> ComplaintOut:
    """Take one back that has no answer yet."""
    return await complaints.withdraw(actor, body.token)


@route(blueprint, "POST", "/complaints/judge", access=access.anyone, idempotent=True, limit="rating")
async def judge(actor: Actor, body: ComplaintJudgeIn) -> ComplaintOut:
    """Say what one thinks of the answer: content, or once more."""
    return await complaints.judge(actor, body)


@route(blueprint, "GET", "/public-answers", access=access.anyone)
async def public_answers(actor: Actor, query: PublicQuery) -> Page[PublicAnswer]:
    """List questions and answers that stand for everybody."""
    return await complaints.public_answers(actor.locale, query)
