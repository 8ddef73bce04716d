"""WeChat's server API: wechatpy's calls over aiohttp, with one shared token and nothing secret in logs or errors."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import aiohttp
import msgspec
from wechatpy import WeChatClient
from wechatpy.client.api import WeChatWxa
from yarl import URL

from server.adapters import wechat_errors
from server.adapters.wechat_token import Tokens
from server.config import Settings
from server.ports import SendError, SubscribeMessage, Verdict, WeChatIdentity

OFFICIAL = "https://api.weixin.qq.com"
_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
_CONNECTIONS = 100
_LANGUAGES = {"zh-CN": "zh_CN", "en": "en_US"}
_RID = re.compile(r"(?:rid|req_id)\s*:\s*([0-9A-Za-z-]{8,40})")

_log = logging.getLogger(__name__)


class MiniProgram(WeChatWxa):  # type: ignore[misc]  # wechatpy has no types
    """The calls we use, those wechatpy lacks or has in an old shape. Each gives an awaitable of the parsed answer."""

    def session_of(self, code: str) -> Any:  # noqa: ANN401 - what WeChat answers
        """Exchange a login code; wechatpy's own sends along an access token the call does not need."""
        params = {
            "appid": self.appid,
            "secret": self.secret,
            "js_code": code,
            "grant_type": "authorization_code",
        }
        return self._get("sns/jscode2session", params=params, token=False)

    def stable_token(self) -> Any:  # noqa: ANN401 - as above
        """Ask for the token that other calls do not replace."""
        body = {"grant_type": "client_credential", "appid": self.appid, "secret": self.secret}
        return self._post("cgi-bin/stable_token", data=body, token=False)

    def phone_number(self, code: str, openid: str | None) -> Any:  # noqa: ANN401 - as above
        """Exchange the code of the phone-number button."""
        body = {"code": code} | ({"openid": openid} if openid else {})
        return self._post("wxa/business/getuserphonenumber", data=body)

    def subscribe_send(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Send a subscribe message; wechatpy's own knows neither `miniprogram_state` nor `lang`."""
        return self._post("cgi-bin/message/subscribe/send", data=body)

    def code_unlimited(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Draw a mini-program code; wechatpy's own knows neither `check_path` nor `env_version`."""
        return self._post("wxa/getwxacodeunlimit", data=body)


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's client with an asynchronous request: each API method gives an awaitable.

    An answer is the parsed JSON, or bytes for a picture. Raises SendError and nothing else.
    """

    wxa = MiniProgram()

    def __init__(self, appid: str, secret: str, base: str) -> None:
        super().__init__(appid, secret)
        self._base = base
        self._session: aiohttp.ClientSession | None = None
        self._urls: dict[str, tuple[str, URL]] = {}
        self.tokens = Tokens(appid, self._fetch_token)

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _request(self, method: str, url_or_endpoint: str, **kwargs: Any) -> Any:  # noqa: ANN401 - as wechatpy's
        path = f"{kwargs.pop('api_base_url', self.API_BASE_URL)}{url_or_endpoint}".removeprefix(OFFICIAL)
        data = kwargs.get("data")
        body = None if data is None else msgspec.json.encode(data)
        if not kwargs.get("token", True):
            url = URL(self._base + path).with_query(kwargs.get("params", {}))
            return self._checked(path, await self._exchange(method, path, url, body))
        token = await self.tokens.get()
        answer = await self._exchange(method, path, self._url(path, token), body)
        if _errcode(answer) in wechat_errors.STALE:
            self.tokens.reject(token)
            answer = await self._exchange(method, path, self._url(path, await self.tokens.get()), body)
        return self._checked(path, answer)

    async def _exchange(self, method: str, path: str, url: URL, body: bytes | None) -> dict[str, Any] | bytes:
        began = time.monotonic()
        try:
            async with self._open().request(method, url, data=body) as reply:
                content = await reply.read()
                status = reply.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _lost(path, "unreachable", Verdict.RETRY, error) from None
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            raise _lost(path, "answer_lost", Verdict.UNKNOWN, error) from None
        if status != 200:
            raise _lost(path, f"http_{status}", Verdict.UNKNOWN)
        answer = _parsed(path, content)
        if errcode := _errcode(answer):
            milliseconds = (time.monotonic() - began) * 1000
            _log.info("wechat %s: errcode %d, rid %s, %.0f ms", path, errcode, _rid(answer), milliseconds)
        return answer

    def _checked(self, path: str, answer: dict[str, Any] | bytes) -> dict[str, Any] | bytes:
        errcode = _errcode(answer)
        if not errcode:
            return answer
        error = wechat_errors.refusal(errcode)
        if error.alarm:
            _log.error("wechat %s: errcode %d, rid %s; somebody must mend this", path, errcode, _rid(answer))
        raise error

    def _url(self, path: str, token: str) -> URL:
        known, url = self._urls.get(path, ("", URL()))
        if known != token:
            url = URL(self._base + path).with_query(access_token=token)
            self._urls[path] = token, url
        return url

    def _open(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=_CONNECTIONS),
                timeout=_TIMEOUT,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"Content-Type": "application/json"},
                skip_auto_headers=("User-Agent",),
            )
        return self._session

    async def _fetch_token(self) -> tuple[str, timedelta]:
        answer = await self.wxa.stable_token()
        try:
            return answer["access_token"], timedelta(seconds=answer["expires_in"])
        except (KeyError, TypeError):
            raise SendError("bad_answer", Verdict.RETRY) from None


class WeChatApi:
    """The port. `release` is whether people use the published mini-program, not one under trial."""

    def __init__(self, client: Client, *, release: bool) -> None:
        self._client = client
        self._state = "formal" if release else "trial"
        self._version = "release" if release else "trial"

    async def code_to_session(self, code: str) -> WeChatIdentity:
        """Exchange a login code. The session key is dropped here: nothing of ours needs it."""
        answer = await self._client.wxa.session_of(code)
        openid = _text(answer, "openid")
        return WeChatIdentity(openid, _text(answer, "unionid", "") or None)

    async def phone_number(self, code: str, openid: str | None = None) -> str:
        """Exchange the code of the phone-number button for the bare number."""
        answer = await self._client.wxa.phone_number(code, openid)
        info = answer.get("phone_info") if isinstance(answer, dict) else None
        return _text(info, "purePhoneNumber")

    async def send_subscribe(self, message: SubscribeMessage) -> str:
        """Send one subscribe message."""
        answer = await self._client.wxa.subscribe_send(
            {
                "touser": message.openid,
                "template_id": message.template_id,
                "page": message.page,
                "data": {key: {"value": value} for key, value in message.data.items()},
                "miniprogram_state": self._state,
                "lang": _LANGUAGES.get(message.locale, "zh_CN"),
            }
        )
        # A 64-bit number that is sometimes left out.
        return str(answer.get("msgid", ""))

    async def wxacode(self, *, scene: str, page: str) -> bytes:
        """Draw a mini-program code."""
        picture = await self._client.wxa.code_unlimited(
            {"scene": scene, "page": page, "check_path": self._version == "release", "env_version": self._version}
        )
        if not isinstance(picture, bytes):
            raise SendError("bad_answer", Verdict.RETRY)
        return picture

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


def make(settings: Settings) -> WeChatApi:
    """Make the port from settings."""
    client = Client(settings.wechat_appid, settings.wechat_secret, settings.wechat_api_base)
    return WeChatApi(client, release=settings.env == "production")


def _parsed(path: str, content: bytes) -> dict[str, Any] | bytes:
    # Neither the status nor the content type can be relied on: it is JSON when it looks like JSON.
    if not content.lstrip().startswith(b"{"):
        if content:
            return content
        raise _lost(path, "bad_answer", Verdict.UNKNOWN)
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        raise _lost(path, "bad_answer", Verdict.UNKNOWN) from None


def _lost(path: str, code: str, verdict: Verdict, error: BaseException | None = None) -> SendError:
    """Log what went wrong by its kind only: aiohttp's words hold the address, and the address holds the token."""
    _log.warning("wechat %s: %s (%s)", path, code, type(error).__name__ if error else "answered")
    return SendError(code, verdict)


def _errcode(answer: dict[str, Any] | bytes) -> int:
    found = answer.get("errcode", 0) if isinstance(answer, dict) else 0
    return found if isinstance(found, int) else -1


def _rid(answer: dict[str, Any] | bytes) -> str:
    found = _RID.search(str(answer.get("errmsg", ""))) if isinstance(answer, dict) else None
    return found[1] if found else "-"


def _text(answer: object, name: str, default: str | None = None) -> str:
    found = answer.get(name, default) if isinstance(answer, dict) else None
    if not isinstance(found, str):
        raise SendError("bad_answer", Verdict.UNKNOWN)
    return found
