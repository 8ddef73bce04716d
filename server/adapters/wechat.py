"""The ports to WeChat: the mini-program's and, where there is one, the service account's."""

from __future__ import annotations

import re
from typing import Any

from server.adapters.wechat_client import Client
from server.config import Settings
from server.ports import (
    Follower,
    Quota,
    SendError,
    SubscribeMessage,
    TemplateMessage,
    Verdict,
    WeChatIdentity,
    WeChatTemplate,
)

_LANGUAGES = {"zh-CN": "zh_CN", "en": "en_US"}
_LONG_TERM = 3
# One line of a template's content: what the field is called, a colon, `{{date2.DATA}}`.
_FIELD = re.compile(r"^\s*(.*?)\s*[:：]?\s*\{\{(\w+)\.DATA\}\}", re.MULTILINE)  # noqa: RUF001 - either colon is met


class WeChatApi:
    """The mini-program. `release` is whether people use the published one, not one under trial."""

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
        return _message_id(answer)

    async def wxacode(self, *, scene: str, page: str) -> bytes:
        """Draw a mini-program code."""
        picture = await self._client.wxa.code_unlimited(
            {"scene": scene, "page": page, "check_path": self._version == "release", "env_version": self._version}
        )
        if not isinstance(picture, bytes):
            raise SendError("bad_answer", Verdict.RETRY)
        return picture

    async def templates(self) -> list[WeChatTemplate]:
        """List the subscribe templates."""
        answer = await self._client.wxa.subscribe_templates()
        return [_subscribe_template(row) for row in _rows(answer, "data")]

    async def quota(self, path: str) -> Quota:
        """Ask how often one address has been called."""
        return await _quota(self._client, path)

    async def clear_quota(self, path: str | None) -> None:
        """Begin a count anew."""
        await _clear(self._client, path)

    async def close(self) -> None:
        """Close the connections."""
        await self._client.close()


class ServiceAccountApi:
    """The service account; without one every send is refused for good, and the next way is taken."""

    def __init__(self, client: Client | None, *, program: str) -> None:
        self._client = client
        self._program = program

    @property
    def configured(self) -> bool:
        """Say whether there is one."""
        return self._client is not None

    async def send_template(self, message: TemplateMessage) -> str:
        """Send one template message that opens a page of the mini-program."""
        answer = await self._known().template.send(
            {
                "touser": message.openid,
                "template_id": message.template_id,
                "miniprogram": {"appid": self._program, "pagepath": message.page},
                "client_msg_id": message.client_msg_id,
                "data": {key: {"value": value} for key, value in message.data.items()},
            }
        )
        return _message_id(answer)

    async def follower(self, openid: str) -> Follower:
        """Ask who it is."""
        answer = await self._known().user.get(openid)
        return Follower(
            openid=_text(answer, "openid"),
            follows=answer.get("subscribe") == 1,
            unionid=_text(answer, "unionid", "") or None,
        )

    async def templates(self) -> list[WeChatTemplate]:
        """List the templates."""
        answer = await self._known().template.get_all_private_template()
        return [
            WeChatTemplate(id=_text(row, "template_id"), title=_text(row, "title"), fields=_fields(row))
            for row in _rows(answer, "template_list")
        ]

    async def quota(self, path: str) -> Quota:
        """Ask how often one address has been called."""
        return await _quota(self._known(), path)

    async def clear_quota(self, path: str | None) -> None:
        """Begin a count anew."""
        await _clear(self._known(), path)

    async def close(self) -> None:
        """Close the connections."""
        if self._client is not None:
            await self._client.close()

    def _known(self) -> Client:
        if self._client is None:
            raise SendError("no_service_account", Verdict.FINAL)
        return self._client


def make(settings: Settings) -> WeChatApi:
    """Make the mini-program's port from settings."""
    client = Client(settings.wechat_appid, settings.wechat_secret, settings.wechat_api_base)
    return WeChatApi(client, release=settings.env == "production")


def make_service_account(settings: Settings) -> ServiceAccountApi:
    """Make the service account's port from settings."""
    appid, secret = settings.service_account_appid, settings.service_account_secret
    client = Client(appid, secret, settings.wechat_api_base) if appid else None
    return ServiceAccountApi(client, program=settings.wechat_appid)


async def _quota(client: Client, path: str) -> Quota:
    answer = await client.upkeep.quota(path)
    found = answer.get("quota") if isinstance(answer, dict) else None
    if not isinstance(found, dict):
        raise SendError("bad_answer", Verdict.UNKNOWN)
    daily, used, left = (found.get(name) for name in ("daily_limit", "used", "remain"))
    if not isinstance(daily, int) or not isinstance(used, int) or not isinstance(left, int):
        raise SendError("bad_answer", Verdict.UNKNOWN)
    return Quota(path=path, daily=daily, used=used, left=left)


async def _clear(client: Client, path: str | None) -> None:
    await (client.upkeep.clear_all() if path is None else client.upkeep.clear(path))


def _subscribe_template(row: dict[str, Any]) -> WeChatTemplate:
    choices = {
        str(one.get("keywordCode", "")).removesuffix(".DATA"): tuple(map(str, one.get("enumValueList") or ()))
        for one in row.get("keywordEnumValueList") or ()
    }
    return WeChatTemplate(
        id=_text(row, "priTmplId"),
        title=_text(row, "title"),
        fields=_fields(row),
        choices=choices,
        long_term=row.get("type") == _LONG_TERM,
    )


def _fields(row: dict[str, Any]) -> dict[str, str]:
    return {key: label for label, key in _FIELD.findall(_text(row, "content"))}


def _rows(answer: object, name: str) -> list[dict[str, Any]]:
    found = answer.get(name) if isinstance(answer, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        raise SendError("bad_answer", Verdict.UNKNOWN)
    return found


def _message_id(answer: object) -> str:
    # A 64-bit number that is sometimes left out. Success is errcode 0, said: silence is no acceptance.
    if not isinstance(answer, dict) or answer.get("errcode") != 0:
        raise SendError("bad_answer", Verdict.UNKNOWN)
    return str(answer.get("msgid", ""))


def _text(answer: object, name: str, default: str | None = None) -> str:
    found = answer.get(name, default) if isinstance(answer, dict) else None
    if not isinstance(found, str):
        raise SendError("bad_answer", Verdict.UNKNOWN)
    return found
