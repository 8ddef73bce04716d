"""Tells the local WeChat who there is: phones, the people its identity check knows, and codes of the staff."""

from __future__ import annotations

import asyncio
import ipaddress
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlsplit

import aiohttp

_TRIES = 300  # a loaded machine takes its time to start anything
_PAUSE_SECONDS = 0.2


class SandboxError(Exception):
    """The sandbox said no. The message is one line."""


class Sandbox:
    """The control plane of the sandbox, over HTTP as anybody else would reach it."""

    def __init__(self, base: str) -> None:
        self._base = base
        self._session = aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=10))

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._session.close()

    async def tell(self, path: str, body: object, *, method: str = "POST") -> Any:  # noqa: ANN401 - whatever JSON it answers
        """Say something to the control plane; waits while the sandbox is still starting. Raises SandboxError."""
        for _ in range(_TRIES):
            try:
                async with self._session.request(method, f"{self._base}/_sandbox/{path}", json=body) as answer:
                    if answer.status >= 400:
                        raise SandboxError(f"the sandbox refuses {path}: {(await answer.text())[:200]}")
                    return await answer.json()
            except aiohttp.ClientConnectionError:
                await asyncio.sleep(_PAUSE_SECONDS)
        raise SandboxError(f"the sandbox at {self._base} does not answer")


def is_here(base: str) -> bool:
    """Say whether an address is a sandbox's: the real WeChat is never on this machine."""
    host = urlsplit(base).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
