"""The identity authority over HTTP: one signed question, one word for an answer."""

from __future__ import annotations

import hmac
import time

import aiohttp
import msgspec

from server.config import Settings
from server.ports import Checked, OutsideError

_SECONDS = 5.0


class _Answer(msgspec.Struct):
    result: Checked


class HttpIdentityCheck:
    """POSTs `{kind, name, number}` signed by HMAC-SHA256, an enterprise with `legal_…`, kinship with `relative_…`.

    `X-Signature` is the hexadecimal MAC of `X-Timestamp`, a full stop and the body. Nothing asked is ever logged.
    """

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key.encode()

    async def person(self, *, kind: str, name: str, number: str) -> Checked:
        """Check one person. Raises OutsideError."""
        return await self._ask({"kind": kind, "name": name, "number": number})

    async def enterprise(self, *, uscc: str, name: str, legal_name: str, legal_number: str) -> Checked:
        """Check an enterprise and its legal representative. Raises OutsideError."""
        return await self._ask(
            {
                "kind": "enterprise",
                "name": name,
                "number": uscc,
                "legal_name": legal_name,
                "legal_number": legal_number,
            }
        )

    async def kinship(self, *, name: str, number: str, relative_name: str, relative_number: str) -> Checked:
        """Check whose child somebody is. Raises OutsideError."""
        return await self._ask(
            {
                "kind": "kinship",
                "name": name,
                "number": number,
                "relative_name": relative_name,
                "relative_number": relative_number,
            }
        )

    async def _ask(self, question: dict[str, str]) -> Checked:
        if not self._url:
            raise OutsideError("not_configured", final=True)
        body = msgspec.json.encode(question)
        stamp = str(int(time.time()))
        headers = {
            "content-type": "application/json",
            "x-timestamp": stamp,
            "x-signature": hmac.new(self._key, f"{stamp}.".encode() + body, "sha256").hexdigest(),
        }
        try:
            # Asked a few times a minute: a session of its own costs nothing and has nothing to close at the end.
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=_SECONDS)) as session,
                session.post(self._url, data=body, headers=headers, allow_redirects=False) as response,
            ):
                if response.status != 200:
                    raise OutsideError(f"http_{response.status}", final=response.status < 500)
                return msgspec.json.decode(await response.read(), type=_Answer).result
        except (aiohttp.ClientError, TimeoutError) as lost:
            raise OutsideError(type(lost).__name__, final=False) from None
        except msgspec.DecodeError:
            raise OutsideError("not_understood", final=False) from None


def make(settings: Settings) -> HttpIdentityCheck:
    """Ask where the settings say."""
    return HttpIdentityCheck(settings.identity_check_url, settings.identity_check_key)
