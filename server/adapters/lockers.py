"""Locker banks over HTTP: one signed command, and signed calls of their terminals."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Annotated, Literal

import aiohttp
import msgspec
from msgspec import Meta

from server.adapters import signed_calls
from server.config import Settings
from server.errors import Malformed
from server.ports import LockerCall, OutsideError

# The officer stands before the door.
_TIMEOUT = aiohttp.ClientTimeout(total=4.0, connect=2.0)

_log = logging.getLogger(__name__)


class _Told(msgspec.Struct, kw_only=True):
    bank: Annotated[str, Meta(min_length=1, max_length=60)]
    event: Literal["code", "taken", "fault"]
    code: Annotated[str, Meta(max_length=20)] = ""
    cell: Annotated[int, Meta(ge=0, le=9999)] = 0


class HttpLockers:
    """The port."""

    def __init__(self, settings: Settings) -> None:
        self._base = settings.locker_api_base
        self._secret = settings.locker_secret.encode()

    @property
    def configured(self) -> bool:
        """Say whether cells can be opened from here."""
        return bool(self._base)

    async def open(self, bank: str, cell: int) -> None:
        """Open a cell. Raises OutsideError."""
        if not self._base:
            raise OutsideError("no_lockers", final=True)
        body = msgspec.json.encode({"bank": bank, "cell": cell})
        headers = signed_calls.headers_for(self._secret, "POST", "/open", body)
        try:
            async with (
                aiohttp.ClientSession(timeout=_TIMEOUT) as session,
                session.post(f"{self._base}/open", data=body, headers=headers, allow_redirects=False) as reply,
            ):
                status = reply.status
        except (aiohttp.ClientError, TimeoutError, OSError) as lost:
            _log.warning("lockers: %s", type(lost).__name__)
            raise OutsideError("answer_lost", final=False) from None
        if status != 200:
            _log.warning("lockers refuse to open: %s", status)
            raise OutsideError(f"http_{status}", final=status < 500)

    def read(self, headers: Mapping[str, str], body: bytes) -> LockerCall:
        """Prove and open a terminal's call. Raises Forbidden, Malformed."""
        nonce = signed_calls.proven(self._secret, "locker", headers, body)
        try:
            told = msgspec.json.decode(body, type=_Told)
        except (msgspec.DecodeError, RecursionError):
            told = None
        if told is None:
            raise Malformed("callback_malformed")
        return LockerCall(nonce=nonce, bank=told.bank, event=told.event, code=told.code, cell=told.cell)


def make(settings: Settings) -> HttpLockers:
    """Make the port from settings."""
    return HttpLockers(settings)
