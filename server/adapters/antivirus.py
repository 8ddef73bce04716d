"""ClamAV by its socket (clamd's INSTREAM), or nothing where no address is given."""

from __future__ import annotations

import asyncio
import struct
from urllib.parse import urlsplit

from server.config import Settings
from server.ports import Antivirus, OutsideError

_PIECE = 64 * 1024
_CONNECT = 3
_ANSWER = 20
_LONGEST_ANSWER = 4096
_LENGTH = struct.Struct(">I")


class NoAntivirus:
    """Finds nothing: ANTIVIRUS_URL is empty, and the pictures drawn anew are all the protection there is."""

    async def infected(self, _content: bytes, /) -> str | None:
        """Say that nothing is known against it."""
        return None


class ClamAntivirus:
    """clamd at `tcp://host:3310` or `unix:///run/clamav/clamd.ctl`."""

    def __init__(self, url: str) -> None:
        self._url = urlsplit(url)

    async def infected(self, content: bytes, /) -> str | None:
        """Name what was found in the bytes. Raises OutsideError when nobody can say."""
        try:
            async with asyncio.timeout(_ANSWER):
                said = await self._asked(content)
        except (OSError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as failure:
            raise OutsideError("antivirus_down", final=False) from failure
        if said == "stream: OK":
            return None
        if said.endswith(" FOUND"):
            return said.removeprefix("stream: ").removesuffix(" FOUND")
        # `INSTREAM size limit exceeded` and the like: not looked at is not clean.
        raise OutsideError("antivirus_refused", final=False)

    async def _asked(self, content: bytes) -> str:
        async with asyncio.timeout(_CONNECT):
            incoming, outgoing = await self._opened()
        try:
            outgoing.write(b"zINSTREAM\0")
            for start in range(0, len(content), _PIECE):
                piece = content[start : start + _PIECE]
                outgoing.write(_LENGTH.pack(len(piece)) + piece)
                await outgoing.drain()
            outgoing.write(_LENGTH.pack(0))
            await outgoing.drain()
            return (await incoming.readuntil(b"\0")).rstrip(b"\0").decode(errors="replace").strip()
        finally:
            outgoing.close()

    async def _opened(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._url.scheme == "unix":
            return await asyncio.open_unix_connection(self._url.path, limit=_LONGEST_ANSWER)
        return await asyncio.open_connection(self._url.hostname, self._url.port or 3310, limit=_LONGEST_ANSWER)


def make(settings: Settings) -> Antivirus:
    """Ask the antivirus the settings name, or none."""
    return ClamAntivirus(settings.antivirus_url) if settings.antivirus_url else NoAntivirus()
