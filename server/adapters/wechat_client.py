"""How WeChat's servers are asked: wechatpy's calls over aiohttp, one shared token, nothing secret in logs or errors."""

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
from wechatpy.client.api import WeChatTemplate, WeChatUser, WeChatWxa
from wechatpy.client.api.base import BaseWeChatAPI
from yarl import URL

from server.adapters import wechat_errors
from server.adapters.wechat_token import Tokens
from server.ports import SendError, Verdict

OFFICIAL = "https://api.weixin.qq.com"
_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
_CONNECTIONS = 100
_RID = re.compile(r"(?:rid|req_id)\s*:\s*([0-9A-Za-z-]{8,40})")

_log = logging.getLogger(__name__)

Answer = dict[str, Any] | bytes


class MiniProgram(WeChatWxa):  # type: ignore[misc]  # wechatpy has no types
    """The mini-program's calls, those wechatpy lacks or has in an old shape. Each gives an awaitable of the answer."""

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

    def subscribe_templates(self) -> Any:  # noqa: ANN401 - as above
        """List the mini-program's templates; wechatpy's own lists those of messages that ended in 2020."""
        return self._get("wxaapi/newtmpl/gettemplate")


class Upkeep(BaseWeChatAPI):  # type: ignore[misc]  # as above
    """What an account's owner asks about its own use; wechatpy knows none of it."""

    def quota(self, path: str) -> Any:  # noqa: ANN401 - as above
        """Ask how often one address has been called today, and how often it may be."""
        return self._post("openapi/quota/get", data={"cgi_path": path})

    def clear(self, path: str) -> Any:  # noqa: ANN401 - as above
        """Begin the count of one address anew."""
        return self._post("openapi/quota/clear", data={"cgi_path": path})

    def clear_all(self) -> Any:  # noqa: ANN401 - as above
        """Begin every count anew; by the secret, since the calls for a token may be what is used up."""
        return self._post("clear_quota/v2", data={"appid": self.appid, "appsecret": self.secret}, token=False)


class ServiceTemplates(WeChatTemplate):  # type: ignore[misc]  # as above
    """The service account's template calls."""

    def send(self, body: Mapping[str, Any]) -> Any:  # noqa: ANN401 - as above
        """Send a template message; wechatpy's own does not know `client_msg_id`."""
        return self._post("message/template/send", data=body)


class Client(WeChatClient):  # type: ignore[misc]  # wechatpy has no types
    """wechatpy's client with an asynchronous request: each API method gives an awaitable.

    An answer is the parsed JSON, or bytes for a picture. Raises SendError and nothing else.
    """

    wxa = MiniProgram()
    template = ServiceTemplates()
    user = WeChatUser()
    upkeep = Upkeep()

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
        data, params = kwargs.get("data"), kwargs.get("params") or {}
        body = None if data is None else msgspec.json.encode(data)
        if not kwargs.get("token", True):
            url = URL(self._base + path).with_query(params)
            return self._checked(path, await self._exchange(method, path, url, body))
        token = await self.tokens.get()
        answer = await self._exchange(method, path, self._url(path, token, params), body)
        if _errcode(answer) in wechat_errors.STALE:
            self.tokens.reject(token)
            answer = await self._exchange(method, path, self._url(path, await self.tokens.get(), params), body)
        return self._checked(path, answer)

    async def _exchange(self, method: str, path: str, url: URL, body: bytes | None) -> Answer:
        began = time.monotonic()
        try:
            async with self._open().request(method, url, data=body) as reply:
                content, status = await reply.read(), reply.status
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failed = _lost(path, "unreachable", Verdict.RETRY, error)
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            failed = _lost(path, "answer_lost", Verdict.UNKNOWN, error)
        else:
            if status != 200:
                raise _lost(path, f"http_{status}", Verdict.UNKNOWN)
            answer = _parsed(path, content)
            if errcode := _errcode(answer):
                milliseconds = (time.monotonic() - began) * 1000
                _log.info("wechat %s: errcode %d, rid %s, %.0f ms", path, errcode, _rid(answer), milliseconds)
            return answer
        # Raised out here: as its cause or context aiohttp's error would carry the address, and that holds the token.
        raise failed

    def _checked(self, path: str, answer: Answer) -> Answer:
        errcode = _errcode(answer)
        if not errcode:
            return answer
        error = wechat_errors.refusal(errcode, path)
        if error.alarm:
            _log.error("wechat %s: errcode %d, rid %s; somebody must mend this", path, errcode, _rid(answer))
        raise error

    def _url(self, path: str, token: str, params: Mapping[str, str]) -> URL:
        if params:
            return URL(self._base + path).with_query({**params, "access_token": token})
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
            failed = SendError("bad_answer", Verdict.RETRY)
        raise failed


def _parsed(path: str, content: bytes) -> Answer:
    # Neither the status nor the content type can be relied on: it is JSON when it looks like JSON.
    if content and not content.lstrip().startswith(b"{"):
        return content
    try:
        return msgspec.json.decode(content, type=dict[str, Any])
    except msgspec.DecodeError:
        failed = _lost(path, "bad_answer", Verdict.UNKNOWN)
    raise failed


def _lost(path: str, code: str, verdict: Verdict, error: BaseException | None = None) -> SendError:
    """Log what went wrong by its kind only: aiohttp's words hold the address, and the address holds the token."""
    _log.warning("wechat %s: %s (%s)", path, code, type(error).__name__ if error else "answered")
    return SendError(code, verdict)


def _errcode(answer: Answer) -> int:
    found = answer.get("errcode", 0) if isinstance(answer, dict) else 0
    return found if isinstance(found, int) else -1


def _rid(answer: Answer) -> str:
    found = _RID.search(str(answer.get("errmsg", ""))) if isinstance(answer, dict) else None
    return found[1] if found else "-"
