"""How WeChat's server words its answers: HTTP 200 always, errcode in the JSON, a rid behind every errmsg."""

from typing import Any

import msgspec

__all__ = ["ERRMSG", "Call", "Reply", "WeChatError", "as_reply", "refusal_reply"]

STALE = (
    "invalid credential, access_token is invalid or not latest, "
    "could get access_token by getStableAccessToken, more details at https://mmbizurl.cn/s/JtxxFh33r"
)
ERRMSG: dict[int, str] = {
    -1: "system error",
    40001: STALE,
    40002: "invalid grant_type",
    40003: "invalid openid",
    40013: "invalid appid",
    40014: "invalid access_token",
    40029: "invalid code",
    40037: "invalid template_id",
    40066: "invalid url",
    40097: "invalid args",
    40125: "invalid appsecret",
    40129: "invalid scene",
    40163: "code been used",
    40169: "invalid length for scene, or the data is not json string",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43101: "user refuse to accept the msg",
    43107: "subscribe message ability is banned",
    43108: "Cannot make concurrent calls to the same OpenID, please try again",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45168: "contain sensitive word",
    47001: "data format error",
    48001: "api unauthorized",
}


class WeChatError(Exception):
    """One refusal in WeChat's own code; `core` replaces the usual words."""

    def __init__(self, errcode: int, core: str | None = None) -> None:
        self.errcode = errcode
        self.core = core if core is not None else ERRMSG.get(errcode, "system error")
        super().__init__(f"{errcode} {self.core}")


class Call(msgspec.Struct, kw_only=True):
    """One request, freed of the web framework. `body` is the parsed JSON object of a POST."""

    method: str
    path: str
    query: dict[str, str]
    raw: bytes
    ip: str
    rid: str
    body: dict[str, Any] = {}


class Reply(msgspec.Struct, kw_only=True):
    body: bytes
    content_type: str = "application/json; encoding=utf-8"
    shown: Any = None  # what the request log keeps


def as_reply(content: dict[str, Any], *, content_type: str = "application/json; encoding=utf-8") -> Reply:
    return Reply(body=msgspec.json.encode(content), content_type=content_type, shown=content)


def refusal_reply(error: WeChatError, call: Call) -> Reply:
    # /sns/* puts a comma before the rid, the others do not.
    joint = ", " if call.path.startswith("/sns/") else " "
    errmsg = f"{error.core}{joint}rid: {call.rid}"
    content_type = "text/plain" if call.path == "/sns/jscode2session" else "application/json; encoding=utf-8"
    return as_reply({"errcode": error.errcode, "errmsg": errmsg}, content_type=content_type)
