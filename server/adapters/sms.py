"""Text messages by Tencent Cloud: SendSms of API 2021-01-11, signed with TC3-HMAC-SHA256."""

from __future__ import annotations

import hashlib
import hmac
import logging
from collections.abc import Mapping
from datetime import UTC
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from server.config import Settings
from server.kit import clock
from server.ports import SendError, Verdict

FILE = Path(__file__).with_name("sms_templates.json")
_TIMEOUT = aiohttp.ClientTimeout(total=10, sock_connect=3)
_REGION = "ap-guangzhou"
_VERSION = "2021-01-11"
_ACTION = "SendSms"
_SIGNED = "content-type;host"
_CONTENT_TYPE = "application/json; charset=utf-8"

# Busy, not broken: the same words may be taken later. Whatever is not listed here will not be.
_LATER = ("LimitExceeded", "RequestLimitExceeded", "FailedOperation.InsufficientBalanceInSmsPackage", "InternalError")
_OURS = ("AuthFailure", "UnauthorizedOperation", "FailedOperation", "MissingParameter", "InvalidParameterValue.Sdk")

_log = logging.getLogger(__name__)


class SmsTemplate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The provider's number of a template, and our names of its parameters in its order."""

    id: str
    params: list[str]


class TencentSms:
    """The port. `base` may carry a path, as the sandbox's does."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.sms_api_base
        self._host = urlsplit(self._base).netloc
        self._secret_id = settings.sms_secret_id
        self._secret_key = settings.sms_secret_key
        self._app_id = settings.sms_app_id
        self._sign_name = settings.sms_sign
        self._templates = msgspec.json.decode(FILE.read_bytes(), type=dict[str, SmsTemplate])
        self._session: aiohttp.ClientSession | None = None

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> str:
        """Send one message to a mainland number and give the provider's serial. Raises SendError."""
        known = self._templates.get(template)
        if known is None or not self._base:
            raise SendError("no_sms_template" if self._base else "no_sms", Verdict.FINAL)
        body = {
            "PhoneNumberSet": [phone if phone.startswith("+") else f"+86{phone}"],
            "SmsSdkAppId": self._app_id,
            "SignName": self._sign_name,
            "TemplateId": known.id,
            "TemplateParamSet": [params[name] for name in known.params],
        }
        return _serial(await self._post(msgspec.json.encode(body)))

    async def close(self) -> None:
        """Close the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _post(self, body: bytes) -> Any:  # noqa: ANN401 - what the provider answers
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(timeout=_TIMEOUT, cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.post(self._base, data=body, headers=self._headers(body)) as reply:
                return msgspec.json.decode(await reply.read(), type=dict[str, Any])
        except (aiohttp.ClientConnectorError, aiohttp.ConnectionTimeoutError) as error:
            raise _lost("unreachable", Verdict.RETRY, error) from None
        except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
            raise _lost("answer_lost", Verdict.UNKNOWN, error) from None

    def _headers(self, body: bytes) -> dict[str, str]:
        now = clock.now()
        stamp, day = str(int(now.timestamp())), now.astimezone(UTC).strftime("%Y-%m-%d")
        scope = f"{day}/sms/tc3_request"
        lines = f"content-type:{_CONTENT_TYPE}\nhost:{self._host}\n"
        canonical = "\n".join(("POST", "/", "", lines, _SIGNED, hashlib.sha256(body).hexdigest()))
        words = f"TC3-HMAC-SHA256\n{stamp}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
        key = f"TC3{self._secret_key}".encode()
        for part in (day, "sms", "tc3_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        signature = hmac.new(key, words.encode(), "sha256").hexdigest()
        return {
            "Authorization": (
                f"TC3-HMAC-SHA256 Credential={self._secret_id}/{scope}, SignedHeaders={_SIGNED}, Signature={signature}"
            ),
            "Content-Type": _CONTENT_TYPE,
            "Host": self._host,
            "X-TC-Action": _ACTION,
            "X-TC-Version": _VERSION,
            "X-TC-Region": _REGION,
            "X-TC-Timestamp": stamp,
        }


def make(settings: Settings) -> TencentSms:
    """Make the port from settings."""
    return TencentSms(settings)


def _serial(answer: Any) -> str:  # noqa: ANN401 - what the provider answered
    try:
        response = answer["Response"]
        if "Error" in response:
            raise _refused(str(response["Error"]["Code"]))
        status = response["SendStatusSet"][0]
        if status["Code"] != "Ok":
            raise _refused(str(status["Code"]))
        return str(status["SerialNo"])
    except (KeyError, IndexError, TypeError):
        raise _lost("bad_answer", Verdict.UNKNOWN) from None


def _refused(code: str) -> SendError:
    _log.info("sms: %s", code)
    if code.startswith(_LATER):
        return SendError(code, Verdict.RETRY, alarm="Insufficient" in code)
    return SendError(code, Verdict.FINAL, alarm=code.startswith(_OURS))


def _lost(code: str, verdict: Verdict, error: BaseException | None = None) -> SendError:
    _log.warning("sms: %s (%s)", code, type(error).__name__ if error else "answered")
    return SendError(code, verdict)
