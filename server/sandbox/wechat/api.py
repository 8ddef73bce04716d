"""The gate of WeChat's server: which paths there are and what is checked before any of them, in its order."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import msgspec

from server.sandbox.wechat import login, sending, wxacode
from server.sandbox.wechat.quotas import QUOTAS
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["APIS", "PREFIXES", "answer"]

PREFIXES = ("/cgi-bin", "/sns", "/wxa", "/wxaapi")


class Api(NamedTuple):
    method: Literal["GET", "POST"]
    handle: Callable[[World, Call], Awaitable[Reply]]
    token: bool = True
    wrong_method: int | None = None


async def _templates(world: World, call: Call) -> Reply:  # noqa: ARG001 - every API has this shape
    return as_reply({"errcode": 0, "errmsg": "ok", "data": [row.official() for row in world.templates.values()]})


APIS: dict[str, Api] = {
    "/sns/jscode2session": Api("GET", login.exchange_code, token=False, wrong_method=41002),
    "/cgi-bin/token": Api("GET", login.classic_token, token=False),
    "/cgi-bin/stable_token": Api("POST", login.stable_token, token=False),
    "/wxa/business/getuserphonenumber": Api("POST", login.phone_number),
    "/cgi-bin/message/subscribe/send": Api("POST", sending.send_subscribe_message),
    "/wxa/getwxacodeunlimit": Api("POST", wxacode.unlimited_code),
    "/wxaapi/newtmpl/gettemplate": Api("GET", _templates),
}


async def answer(world: World, call: Call) -> Reply:
    """Path, method, token, quota, body, and then the API's own parameters."""
    api = APIS.get(call.path)
    if api is None:
        raise WeChatError(40066)
    if call.method != api.method:
        raise WeChatError(api.wrong_method or (43002 if api.method == "POST" else 43001))
    if api.token:
        world.tokens.check(call.query.get("access_token"))
    quota = QUOTAS.get(call.path)
    span = world.quotas.spend(call.path, quota) if quota else None
    if span is not None:
        raise WeChatError(45011 if span == "minute" else 45009)
    if api.method == "POST":
        call.body = _object(call.raw)
    return await api.handle(world, call)


def _object(raw: bytes) -> dict[str, object]:
    if not raw.strip():
        raise WeChatError(44002)
    try:
        return msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        raise WeChatError(47001) from None
