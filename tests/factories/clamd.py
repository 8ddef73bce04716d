"""A small clamd: speaks INSTREAM, finds the test signature, and has moods."""

from __future__ import annotations

import asyncio
import struct
from pathlib import Path

# The industry's harmless test signature, put together so that no scanner finds this file.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}$" + b"EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Answers `zINSTREAM` at `url` once it listens."""

    def __init__(self) -> None:
        self.mood = "honest"
        self.seen = 0
        self.url = ""

    async def listen(self, socket: Path | None = None, port: int = 0) -> None:
        """Listen at a socket file, or at a port of this machine."""
        if socket is None:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", port)
            self.url = f"tcp://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        else:
            self._server = await asyncio.start_unix_server(self._serve, socket)
            self.url = f"unix://{socket}"

    async def close(self) -> None:
        """Stop listening; whoever is being served is cut off."""
        self._server.close()

    async def _serve(self, incoming: asyncio.StreamReader, outgoing: asyncio.StreamWriter) -> None:
        try:
            assert await incoming.readuntil(b"\0") == b"zINSTREAM\0"
            content = b""
            while length := struct.unpack(">I", await incoming.readexactly(4))[0]:
                content += await incoming.readexactly(length)
            self.seen = len(content)
            await self._answer(content, outgoing)
        finally:
            outgoing.close()

    async def _answer(self, content: bytes, outgoing: asyncio.StreamWriter) -> None:
        if self.mood == "is silent":
            await asyncio.sleep(3)
        elif self.mood == "refuses":
            outgoing.write(b"INSTREAM size limit exceeded. ERROR\0")
        elif self.mood == "babbles":
            outgoing.write(b"x" * 100_000)
        elif self.mood == "honest":
            found = EICAR in content
            outgoing.write(b"stream: Win.Test.EICAR_HDB-1 FOUND\0" if found else b"stream: OK\0")
        await outgoing.drain()
