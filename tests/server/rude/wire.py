"""HTTP by hand: clients that are polite to begin with cannot send what this has to send."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any

import msgspec

_LINE = b"\r\n"
_END = _LINE * 2


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; status 0 when the server hung up without a word."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Decode the body."""
        return msgspec.json.decode(self.body)


class Line:
    """One kept connection, opened again when the server has closed it."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def send(self, method: str, target: bytes, headers: dict[str, bytes], body: bytes | None = None) -> Reply:
        """Send a request as it is and read the answer. A hang-up before the answer is tried once more."""
        lines = [method.encode() + b" " + target + b" HTTP/1.1", b"host: rude"]
        lines += [name.encode() + b": " + value for name, value in headers.items()]
        if body is not None:
            lines.append(b"content-length: %d" % len(body))
        request = b"\r\n".join(lines) + _END + (body or b"")
        for _ in range(2):
            reply = await self._exchange(request, bodiless=method == "HEAD")
            if reply.status or reply.headers:
                break
        return reply

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None

    async def _exchange(self, request: bytes, *, bodiless: bool) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection("127.0.0.1", self._port)
        reader, writer = self._streams
        try:
            writer.write(request)
            async with asyncio.timeout(30):
                head = await reader.readuntil(_END)
                status, headers = _parsed(head)
                body = b"" if bodiless or status in {204, 304} else await _body(reader, headers)
        except (asyncio.IncompleteReadError, ConnectionError):
            self.close()
            return Reply(0, {}, b"")
        except TimeoutError:
            self.close()
            return Reply(0, {"waited": "too long"}, b"")
        if headers.get("connection", "").lower() == "close":
            self.close()
        return Reply(status, headers, body)


async def _body(reader: asyncio.StreamReader, headers: dict[str, str]) -> bytes:
    """Read to the end of the answer, so that the next on the line begins with its own head. Ours sends no trailers."""
    if headers.get("transfer-encoding") != "chunked":
        return await reader.readexactly(int(headers.get("content-length", "0")))
    pieces: list[bytes] = []
    while size := int(await reader.readuntil(_LINE), 16):
        pieces.append(await reader.readexactly(size))
        await reader.readexactly(len(_LINE))
    await reader.readexactly(len(_LINE))
    return b"".join(pieces)


def _parsed(head: bytes) -> tuple[int, dict[str, str]]:
    first, *rest = head.decode("latin-1").rstrip().split("\r\n")
    pairs = (line.partition(":") for line in rest)
    return int(first.split(" ")[1]), {name.strip().lower(): value.strip() for name, _, value in pairs}
