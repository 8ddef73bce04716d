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
    40165: "invalid weapp pagepath",
    40169: "invalid length for scene, or the data is not json string",
    40212: "invalid query",
    40226: "code blocked",
    40241: "The message is duplicate in 60 seconds",
    40243: "appsecret is frozen",
    41001: "access_token missing",
    41002: "appid missing",
    41004: "appsecret missing",
    41008: "missing code",
    41030: "invalid page",
    42001: "access_token expired",
    43001: "require GET method",
    43002: "require POST method",
    43004: "require subscribe",
    43101: "user refuse to accept the msg",
    43107: "subscribe message ability is banned",
    43108: "Cannot make concurrent calls to the same OpenID, please try again",
    43117: "Sending messages to this openid too frequently,please try later",
    44002: "empty post data",
    45009: "reach max api daily quota limit",
    45011: "api minute-quota reach limit, must slower, retry next minute",
    45103: "This API has been unsupported",
    45109: "This API has been withdrawn",
    45168: "contain sensitive word",
    47001: "data format error",
    48001: "api unauthorized",
    48006: "forbid to clear quota because of reaching the limit",
    61010: "code is expired",
    76001: "rid not found",
    76021: "cgi_path not found",
    80111: "code is missing",
    80113: "invalid code",
    84010: "verify_id not found",
    84011: "verify_id expired",
    84012: "invalid out_seq_no",
    84013: "invalid cert_info",
    85401: "time limit between 1min and 30 days",
    85403: "url link not found",
    87008: "invalid sig_method",
    87009: "invalid signature",
    200012: "private template limit",
    200014: "invalid tid",
    200016: "invalid start",
    200017: "invalid start",
    200018: "invalid limit",
    200020: "invalid kidList",
    200021: "invalid sceneDesc",
    200022: "template has added already",
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
