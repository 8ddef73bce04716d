"""What the phones page needs besides the phones: news, codes to scan, and what a scanned text means."""

from typing import Annotated
from urllib.parse import quote

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox import qr
from server.sandbox.control.talk import ControlError, body_of, encoded
from server.sandbox.gate import world_of
from server.sandbox.wechat.links import link_target
from server.sandbox.wechat.wxacode import code_target

__all__ = ["blueprint"]

LONGEST_WAIT = 25.0

blueprint = Blueprint("screen", url_prefix="/_sandbox")


class Scanned(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=4_000)]


@blueprint.get("/codes")
async def codes(request: Request) -> HTTPResponse:
    world = world_of(request)
    phones = {phone.key: {"name": phone.name, "hidden": phone.hidden} for phone in world.phones.all()}
    shown = [code for code in world.visible.all() if code.phone in phones]
    return encoded([msgspec.structs.asdict(code) | phones[code.phone] for code in shown])


@blueprint.get("/qr.png")
async def picture(request: Request) -> HTTPResponse:
    text = request.args.get("text") or ""
    if not text or len(text.encode()) > qr.LONGEST_TEXT:
        raise ControlError(422, "invalid_input", "text must be 1 to 2000 bytes")
    return HTTPResponse(qr.png(text, 240), content_type="image/png", headers={"Cache-Control": "max-age=3600"})


@blueprint.post("/resolve")
async def resolve(request: Request) -> HTTPResponse:
    """What WeChat's own scanner does with a text: open a page, open an address, or just show it."""
    world, text = world_of(request), body_of(request, Scanned).text.strip()
    page = code_target(world, text)
    if page is not None:
        return encoded({"kind": "page", "path": page})
    opened = link_target(world, text)
    if opened is not None:
        return encoded({"kind": "page", "path": opened})
    for rule in world.account.link_rules:
        if text.startswith(rule.prefix):
            return encoded({"kind": "page", "path": f"{rule.page}?q={quote(text, safe='')}"})
    if text.startswith(f"{world.settings.app_origin}/"):
        return encoded({"kind": "address", "url": text})
    return encoded({"kind": "text", "text": text})


@blueprint.get("/changes")
async def changes(request: Request) -> HTTPResponse:
    """Polling for those whose stream does not get through: waits `wait` seconds for something new after `since`."""
    text = request.args.get("wait") or "0"
    try:
        seconds = min(max(float(text), 0.0), LONGEST_WAIT)
    except ValueError:
        raise ControlError(422, "invalid_input", "wait must be a number of seconds") from None
    return encoded(await world_of(request).hub.wait(request.args.get("since"), seconds))


@blueprint.get("/events")
async def events(request: Request) -> None:
    headers = {"Cache-Control": "no-cache", "X-Accel-Buffering": "no"}
    response = await request.respond(content_type="text/event-stream; charset=utf-8", headers=headers)
    seen = request.headers.get("last-event-id") or request.args.get("since")
    async for piece in world_of(request).hub.stream(seen):
        await response.send(piece)
