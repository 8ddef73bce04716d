"""The front of everything the product calls: ordered faults are played here, and every call is written down here."""

import asyncio
import socket
import struct
import time
from collections.abc import Awaitable, Callable

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, html

from server.sandbox.faults import Fault
from server.sandbox.journal import Entry, new_rid
from server.sandbox.twins import courier, identity, lockers, sms
from server.sandbox.wechat.api import PREFIXES, answer
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply, refusal_reply
from server.sandbox.world import World

__all__ = ["blueprint", "world_of"]

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]
BODY_SHOWN = 16_384

blueprint = Blueprint("outside")


def world_of(request: Request) -> World:
    world: World = request.app.ctx.world
    return world


class Refused(Exception):
    """An answer that is not the wished one, in the words of the service that gives it."""

    def __init__(self, reply: Reply, code: int | str, status: int = 200) -> None:
        self.reply = reply
        self.code = code
        self.status = status
        super().__init__(str(code))


class Service(msgspec.Struct):
    """How one outside service works and how it words the refusal a fault asks for."""

    work: Callable[[], Awaitable[Reply]]
    refuse: Callable[[int | str, str | None], Refused]


async def wechat(request: Request, **_: str) -> HTTPResponse:
    world = world_of(request)
    call = Call(
        method=request.method,
        path=request.path.rstrip("/"),
        query={name: values[0] for name, values in request.args.items()},
        raw=request.body,
        ip=request.client_ip or request.ip,
        rid=new_rid(world.clock.now()),
    )

    def refuse(code: int | str, words: str | None) -> Refused:
        error = WeChatError(code if isinstance(code, int) else -1, words)
        return Refused(refusal_reply(error, call), error.errcode)

    async def work() -> Reply:
        try:
            return await answer(world, call)
        except WeChatError as error:
            raise Refused(refusal_reply(error, call), error.errcode) from None

    return await _serve(request, Service(work, refuse), call.path, call.rid)


async def send_sms(request: Request) -> HTTPResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}

    def refuse(code: int | str, words: str | None) -> Refused:
        name = "InternalError" if isinstance(code, int) else code
        return Refused(as_reply(sms.error_body(name, words or "internal error"), content_type="application/json"), name)

    async def work() -> Reply:
        try:
            found = sms.call(world_of(request), headers, request.body, request.path)
        except sms.SmsError as error:
            raise refuse(error.code, error.text) from None
        return as_reply(found, content_type="application/json")

    return await _serve(request, Service(work, refuse), sms.PATH, new_rid(world_of(request).clock.now()))


async def check_identity(request: Request) -> HTTPResponse:
    headers = request.headers

    def refuse(code: int | str, words: str | None, status: int = 503) -> Refused:
        name = "unavailable" if isinstance(code, int) else code
        body = {"error": {"code": name, "text": words or name}}
        return Refused(as_reply(body, content_type="application/json"), name, status)

    async def work() -> Reply:
        stamp, signature = headers.get("x-timestamp", ""), headers.get("x-signature", "")
        try:
            found = identity.check(world_of(request), stamp, signature, request.body)
        except identity.BadSignatureError:
            raise refuse("bad_signature", "X-Signature or X-Timestamp is wrong", 401) from None
        except identity.InvalidQuestionError as error:
            raise refuse("invalid_question", str(error), 400) from None
        return as_reply(msgspec.structs.asdict(found), content_type="application/json")

    return await _serve(request, Service(work, refuse), identity.PATH, new_rid(world_of(request).clock.now()))


async def ask_courier(request: Request, **_: str) -> HTTPResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}
    path = request.path.removeprefix(courier.PATH)

    def refuse(code: int | str, words: str | None, status: int = 503) -> Refused:
        name = "unavailable" if isinstance(code, int) else code
        body = {"code": name, "text": words or name}
        return Refused(as_reply(body, content_type="application/json"), name, status)

    async def work() -> Reply:
        try:
            found = courier.call(world_of(request), request.method, path, headers, request.body)
        except courier.CourierError as error:
            raise refuse(error.code, None, error.status) from None
        return as_reply(found, content_type="application/json")

    return await _serve(request, Service(work, refuse), request.path, new_rid(world_of(request).clock.now()))


async def open_locker(request: Request) -> HTTPResponse:
    headers = {name.lower(): value for name, value in request.headers.items()}

    def refuse(code: int | str, words: str | None, status: int = 503) -> Refused:
        name = "unavailable" if isinstance(code, int) else code
        return Refused(as_reply({"code": name, "text": words or name}, content_type="application/json"), name, status)

    async def work() -> Reply:
        try:
            found = lockers.open_cell(world_of(request), "/open", headers, request.body)
        except lockers.LockerError as error:
            raise refuse(error.code, None, error.status) from None
        return as_reply(found, content_type="application/json")

    return await _serve(request, Service(work, refuse), request.path, new_rid(world_of(request).clock.now()))


async def _serve(request: Request, service: Service, path: str, rid: str) -> HTTPResponse:
    world = world_of(request)
    entry = Entry(
        rid=rid,
        at=world.clock.now(),
        method=request.method,
        path=path,
        query={name: values[0] for name, values in request.args.items()},
        body=_shown_body(request.body),
    )
    started = time.perf_counter()
    try:
        return await _play(request, service, entry)
    finally:
        entry.took_ms = round((time.perf_counter() - started) * 1000, 2)
        world.journal.add(entry)


async def _play(request: Request, service: Service, entry: Entry) -> HTTPResponse:
    delay, fault = world_of(request).faults.take(entry.path)
    entry.fault = fault.kind if fault else None
    if delay:
        await asyncio.sleep(delay)
    if fault is not None and fault.kind in {"reset", "http"}:
        return _instead(request, fault, entry)
    try:
        if fault is not None and fault.kind == "errcode":
            raise service.refuse(fault.errcode, fault.errmsg)
        reply = await service.work()
    except Refused as refused:
        reply, entry.errcode, entry.status = refused.reply, refused.code, refused.status
    entry.reply = reply.shown
    if isinstance(reply.shown, dict):
        entry.errmsg = reply.shown.get("errmsg")
    return _spoilt(request, fault, reply, entry)


def _instead(request: Request, fault: Fault, entry: Entry) -> HTTPResponse:
    if fault.kind == "reset":
        return _hang_up(request, abruptly=True)
    entry.status = fault.status
    return html(f"<html><body><h1>{fault.status}</h1></body></html>", status=fault.status)


def _spoilt(request: Request, fault: Fault | None, reply: Reply, entry: Entry) -> HTTPResponse:
    kind = fault.kind if fault else None
    if kind == "drop_after_commit":
        return _hang_up(request, abruptly=False)
    body, content_type = reply.body, reply.content_type
    if kind == "text_plain":
        content_type = "text/plain"
    if kind == "no_msgid" and isinstance(reply.shown, dict):
        body = msgspec.json.encode({name: value for name, value in reply.shown.items() if name != "msgid"})
    if kind == "truncated":
        body = body[: len(body) // 2]
    return HTTPResponse(body, status=entry.status, content_type=content_type)


def _hang_up(request: Request, *, abruptly: bool) -> HTTPResponse:
    """Closes the line without an answer; what is returned finds it closed."""
    transport = request.transport
    if isinstance(transport, asyncio.Transport):
        if abruptly:
            line = transport.get_extra_info("socket")
            line.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        transport.abort()
    return HTTPResponse(b"")


def _shown_body(raw: bytes) -> object:
    if not raw:
        return None
    try:
        return msgspec.json.decode(raw[:BODY_SHOWN])
    except (msgspec.DecodeError, RecursionError):
        return raw[:BODY_SHOWN].decode("utf-8", "replace")


for prefix in PREFIXES:
    blueprint.add_route(wechat, f"{prefix}/<path:path>", methods=METHODS, name=f"wechat_{prefix[1:].replace('-', '_')}")
blueprint.add_route(send_sms, sms.PATH, methods=["POST"], name="send_sms")
# Tencent Cloud's own address has no path; a base address without one reaches the twin too.
blueprint.add_route(send_sms, "/", methods=["POST"], name="send_sms_at_root")
blueprint.add_route(check_identity, identity.PATH, methods=["POST"], name="check_identity")
blueprint.add_route(ask_courier, f"{courier.PATH}/<path:path>", methods=["GET", "POST"], name="ask_courier")
blueprint.add_route(open_locker, f"{lockers.PATH}/open", methods=["POST"], name="open_locker")
