"""Bytes as an upload gives them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable


def bytes_of(content: bytes) -> Callable[[], Awaitable[bytes]]:
    """Stand in for an upload that holds these bytes."""

    async def read() -> bytes:
        return content

    return read
