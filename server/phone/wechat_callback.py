"""Where WeChat tells us things: proven, kept, answered; what it means is found out afterwards by the worker."""

from __future__ import annotations

from sanic import Blueprint, Request

from server.features.push import service as push
from server.ports import Ports
from server.web import Raw, access, route

blueprint = Blueprint("wechat_callback")

_TAKEN = b"success"


@route(blueprint, "GET", "/wechat/callback", access=access.public, limit="callback", hidden=True)
async def echo(request: Request, ports: Ports) -> Raw:
    """Answer the question whether this address is ours."""
    return _said(ports.wechat_callbacks.echo(_query(request)).encode("utf-8", "replace"))


@route(blueprint, "POST", "/wechat/callback", access=access.public, limit="callback", hidden=True)
async def told(request: Request, ports: Ports) -> Raw:
    """Keep what was told. What is no event, or kept already, is answered alike: else it would be told again."""
    event = ports.wechat_callbacks.read(_query(request), request.body)
    if event is not None:
        await push.keep_event(event)
    return _said(_TAKEN)


def _query(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in request.args.items() if values}


def _said(words: bytes) -> Raw:
    return Raw(body=words, content_type="text/plain; charset=utf-8")
