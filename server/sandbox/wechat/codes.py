"""Codes that are good once and for five minutes: from wx.login and from the phone number button."""

import secrets
from typing import Generic, TypeVar

import msgspec

from server.sandbox.clock import Clock

__all__ = ["CodeState", "OneTimeCodes"]

LIFE = 300
FORGOTTEN_AFTER = 3_600

Payload = TypeVar("Payload")


class Issue(msgspec.Struct, Generic[Payload]):
    payload: Payload
    at: float
    used: bool = False


class CodeState(msgspec.Struct, Generic[Payload]):
    """`refused` is None when the code is good; `payload` is None when nobody knows the code."""

    payload: Payload | None = None
    refused: str | None = None  # unknown, expired, used


class OneTimeCodes(Generic[Payload]):
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._issued: dict[str, Issue[Payload]] = {}

    def issue(self, payload: Payload) -> str:
        now = self._clock.now()
        self._issued = {code: held for code, held in self._issued.items() if now - held.at < FORGOTTEN_AFTER}
        code = f"0{secrets.choice('abcdef123456')}{secrets.token_hex(15)}"
        self._issued[code] = Issue(payload, now)
        return code

    def look(self, code: str) -> CodeState[Payload]:
        held = self._issued.get(code)
        if held is None:
            return CodeState(refused="unknown")
        if held.used:
            return CodeState(held.payload, "used")
        if self._clock.now() - held.at >= LIFE:
            return CodeState(held.payload, "expired")
        return CodeState(held.payload)

    def use(self, code: str) -> None:
        self._issued[code].used = True
