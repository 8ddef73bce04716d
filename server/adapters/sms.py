"""Text messages by Tencent Cloud: SendSms and both ways to pull what became of them, of API 2021-01-11."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from server.adapters import sms_errors
from server.adapters.sms_signature import CONTENT_TYPE, Account, authorization
from server.config import SettingError, Settings
from server.kit import clock
from server.ports import SendError, SmsReport, Verdict

MOST_REPORTS = 100
_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
_REGION = "ap-guangzhou"
_VERSION = "2021-01-11"
_CODE = re.compile(r"[A-Za-z]+(\.[A-Za-z]+)*")

_log = logging.getLogger(__name__)


class SmsTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider's number of a template, and our names of its parameters in its order."""

    id: str
    params: list[str]


def _templates(file: Path) -> dict[str, SmsTemplate]:
    try:
        return msgspec.json.decode(file.read_bytes(), type=dict[str, SmsTemplate])
    except (OSError, msgspec.DecodeError) as wrong:
        raise SettingError(f"SMS_TEMPLATES: {file.name} cannot be used: {wrong}. Correct it") from None


class TencentSms:
    """The port. `base` may carry a path, as the sandbox's does."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.sms_api_base
        self._account = Account(
            secret_id=settings.sms_secret_id,
            secret_key=settings.sms_secret_key,
            service="sms",
            host=urlsplit(self._base).netloc,
        )
        self._app_id = settings.sms_app_id
        self._origin = settings.public_url
        self._sign_name = settings.sms_sign
        self._templates = _templates(settings.sms_templates)
        self._session: aiohttp.ClientSession | None = None

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> str:
        """Send one message to a mainland number and give the provider's serial. Raises SendError."""
        known = self._templates.get(template)
        if known is None or not self._base:
            raise SendError("no_sms_template" if self._base else "no_sms", Verdict.FINAL)
        response = await self._ask(
            "SendSms",
            {
                "PhoneNumberSet": [_e164(phone)],
                "SmsSdkAppId": self._app_id,
                "SignName": self._sign_name,
                "TemplateId": known.id,
                # Whoever has nothing but the SMS needs the whole address; only here is it known what we are called.
                "TemplateParamSet": [
                    f"{self._origin}{params[name]}" if name == "link" else params[name] for name in known.params
                ],
            },
        )
        status = _rows(response, "SendStatusSet", least=1)[0]
        if status.get("Code") != "Ok":
            raise _refused(status, "SendSms", response)
        return _word(status, "SerialNo")

    async def reports(self) -> list[SmsReport]:
        """Fetch what is newly known of sent messages; each report is given once. Raises SendError."""
        if not self._base:
            return []
        response = await self._ask("PullSmsSendStatus", {"SmsSdkAppId": self._app_id, "Limit": MOST_REPORTS})
        return [_report(row) for row in _rows(response, "PullSmsSendStatusSet", least=0)]

    async def reports_of(self, phone: str, since: datetime) -> list[SmsReport]:
        """Ask about one number: unlike `reports` this takes nothing away. Raises SendError."""
        if not self._base:
            return []
        question = {
            "SmsSdkAppId": self._app_id,
            "PhoneNumber": _e164(phone),
            "BeginTime": int(since.timestamp()),
            "Offset": 0,
            "Limit": MOST_REPORTS,
        }
        response = await self._ask("PullSmsSendStatusByPhoneNumber", question)
        return [_report(row) for row in _rows(response, "PullSmsSendStatusSet", least=0)]

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(self, action: str, question: Mapping[str, object]) -> dict[str, Any]:
        answer = await self._post(action, msgspec.json.encode(question))
        response = answer.get("Response")
        if not isinstance(response, dict):
            raise _lost(action, "bad_answer", Verdict.UNKNOWN)
        if "Error" in response:
            raise _refused(response["Error"], action, response)
        return response

    async def _post(self, action: str, body: bytes) -> dict[str, Any]:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.post(self._base, data=body, headers=self._headers(action, body)) as reply:
                return msgspec.json.decode(await reply.read(), type=dict[str, Any])
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            failed = _lost(action, "unreachable", Verdict.RETRY, error)
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
            failed = _lost(action, "answer_lost", Verdict.UNKNOWN, error)
        # Raised out here, so that nothing of the request travels along as its context.
        raise failed

    def _headers(self, action: str, body: bytes) -> dict[str, str]:
        now = clock.now()
        return {
            "Authorization": authorization(self._account, action, body, now),
            "Content-Type": CONTENT_TYPE,
            "Host": self._account.host,
            "X-TC-Action": action,
            "X-TC-Version": _VERSION,
            "X-TC-Region": _REGION,
            "X-TC-Timestamp": str(int(now.timestamp())),
        }


def make(settings: Settings) -> TencentSms:
    """Make the port from settings."""
    return TencentSms(settings)


def _e164(phone: str) -> str:
    return phone if phone.startswith("+") else f"+86{phone}"


def _report(row: Mapping[str, Any]) -> SmsReport:
    arrived = row.get("ReportStatus") == "SUCCESS"
    return SmsReport(
        serial=_word(row, "SerialNo"), problem=None if arrived else (str(row.get("Description", "")) or "FAIL")
    )


def _rows(response: Mapping[str, Any], name: str, *, least: int) -> list[dict[str, Any]]:
    found = response.get(name)
    if not isinstance(found, list) or len(found) < least or not all(isinstance(row, dict) for row in found):
        raise _lost(name, "bad_answer", Verdict.UNKNOWN)
    return found


def _word(row: Mapping[str, Any], name: str) -> str:
    found = row.get(name)
    if not isinstance(found, str):
        raise _lost(name, "bad_answer", Verdict.UNKNOWN)
    return found


def _refused(said: object, action: str, response: Mapping[str, Any]) -> SendError:
    """Take the code alone: the words beside it may name the number."""
    code = str(said.get("Code", "")) if isinstance(said, dict) else ""
    if not _CODE.fullmatch(code):
        return _lost(action, "bad_answer", Verdict.UNKNOWN)
    error = sms_errors.refusal(code)
    level = logging.ERROR if error.alarm else logging.INFO
    _log.log(level, "sms %s: %s, request %s", action, code, str(response.get("RequestId", "-"))[:40])
    return error


def _lost(action: str, code: str, verdict: Verdict, error: BaseException | None = None) -> SendError:
    _log.warning("sms %s: %s (%s)", action, code, type(error).__name__ if error else "answered")
    return SendError(code, verdict)
