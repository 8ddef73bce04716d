"""One file from a phone: read in pieces, counted while it comes, kept in memory only while it is small.

Sanic lifts its own size limit from streamed routes, so the counting here is the limit.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from tempfile import SpooledTemporaryFile
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from sanic.exceptions import SanicException

from server.errors import AppError, Malformed, TooLarge

if TYPE_CHECKING:
    from sanic import Request

_IN_MEMORY = 1 << 20
_PIECE = 1 << 16
_MOST_FIELD_BYTES = 16 << 10
_SLACK = 64 << 10  # for part headers and fields around the file itself
_PATIENCE = 300.0  # a slow line may take minutes; a line that only drips must end
_READ_OFF = 64 << 20
_READ_OFF_SECONDS = 5.0
_BOUNDARY = re.compile(r'boundary="?([^";,\s]{1,70})"?')
_NAME = re.compile(r'[; ]name="([^"]*)"')
_FILENAME = re.compile(r"""[; ]filename\*?=(?:UTF-8''([^;\s]+)|"([^"]*)")""", re.IGNORECASE)


class TooSlow(AppError):
    """The bytes did not come in time (408)."""

    status = 408


@dataclass(slots=True, kw_only=True)
class Upload:
    """A received file. `fields` are the form's text fields; `content_type` is only what the sender claims."""

    file: Any
    size: int = 0
    sha256: bytes = b""
    filename: str = ""
    content_type: str = "application/octet-stream"
    fields: dict[str, str] = field(default_factory=dict)

    async def chunks(self) -> AsyncIterator[bytes]:
        """Give the bytes from the beginning, in pieces."""
        self.file.seek(0)
        while piece := await asyncio.to_thread(self.file.read, _PIECE):
            yield piece

    async def read(self) -> bytes:
        """Give all bytes at once."""
        self.file.seek(0)
        content: bytes = await asyncio.to_thread(self.file.read)
        return content


@asynccontextmanager
async def received(request: Request, max_bytes: int) -> AsyncIterator[Upload]:
    """Receive the body: multipart/form-data with one file, or the bare file. Raises TooLarge, Malformed."""
    with SpooledTemporaryFile(max_size=_IN_MEMORY) as file:
        upload = Upload(file=file)
        try:
            async with asyncio.timeout(_PATIENCE):
                await _receive(request, upload, max_bytes)
        except TimeoutError:
            raise TooSlow("too_slow") from None
        except AppError:
            await _read_off(request)
            raise
        yield upload


async def _read_off(request: Request) -> None:
    """Take what still comes, within bounds: a socket closed on unread bytes is reset, and the answer lost with it."""
    taken = 0
    with suppress(TimeoutError, SanicException):
        async with asyncio.timeout(_READ_OFF_SECONDS):
            while taken < _READ_OFF and (piece := await request.stream.read()) is not None:  # type: ignore[union-attr]
                taken += len(piece)


async def _receive(request: Request, upload: Upload, max_bytes: int) -> None:
    kind = request.headers.get("content-type", "")
    if kind.lower().startswith("multipart/form-data"):
        await _Multipart(upload, _boundary(kind), max_bytes).read(_counted(request, max_bytes + _SLACK))
        return
    upload.content_type = kind or upload.content_type
    sink = _Sink(upload, max_bytes)
    async for piece in _counted(request, max_bytes):
        await sink.write(piece)
    sink.finish()


async def _counted(request: Request, most: int) -> AsyncIterator[bytes]:
    announced = request.headers.get("content-length", "")
    if announced.isdigit() and int(announced) > most:
        raise TooLarge("too_large")
    seen = 0
    while (piece := await request.stream.read()) is not None:  # type: ignore[union-attr]
        seen += len(piece)
        if seen > most:
            raise TooLarge("too_large")
        yield piece


def _boundary(content_type: str) -> bytes:
    hit = _BOUNDARY.search(content_type)
    if hit is None:
        raise Malformed("malformed")
    return b"\r\n--" + hit[1].encode()


class _Sink:
    """Writes the file part away while counting and hashing it."""

    def __init__(self, upload: Upload, max_bytes: int) -> None:
        self._upload = upload
        self._max_bytes = max_bytes
        self._hash = hashlib.sha256()

    async def write(self, piece: bytes) -> None:
        self._upload.size += len(piece)
        if self._upload.size > self._max_bytes:
            raise TooLarge("too_large")
        self._hash.update(piece)
        if self._upload.size > _IN_MEMORY:
            await asyncio.to_thread(self._upload.file.write, piece)
        else:
            self._upload.file.write(piece)

    def finish(self) -> None:
        self._upload.sha256 = self._hash.digest()


class _Multipart:
    """A small reader of multipart/form-data: text fields and exactly one file."""

    def __init__(self, upload: Upload, delimiter: bytes, max_bytes: int) -> None:
        self._upload = upload
        self._delimiter = delimiter
        self._sink = _Sink(upload, max_bytes)
        self._buffer = bytearray(b"\r\n")  # the first delimiter has no line end before it; now all look alike
        self._has_file = False
        self._field_bytes = 0

    async def read(self, pieces: AsyncIterator[bytes]) -> None:
        """Read everything. Raises Malformed when it does not end as it should or has no file."""
        await self._upto(self._delimiter, pieces, None)
        while not await self._at_end(pieces):
            await self._part(pieces)
        async for _ in pieces:
            pass  # what follows the last delimiter means nothing, but must be read off the connection
        if not self._has_file:
            raise Malformed("malformed")
        self._sink.finish()

    async def _at_end(self, pieces: AsyncIterator[bytes]) -> bool:
        while len(self._buffer) < 2:
            await self._more(pieces)
        ended = self._buffer[:2] == b"--"
        del self._buffer[:2]
        return ended

    async def _part(self, pieces: AsyncIterator[bytes]) -> None:
        head = bytearray()
        await self._upto(b"\r\n\r\n", pieces, head)
        lines = head.decode("utf-8", "replace")
        name = _NAME.search(lines)
        filename = _FILENAME.search(lines)
        if filename is None:
            value = bytearray()
            await self._upto(self._delimiter, pieces, value)
            self._keep_field(name[1] if name else "", value)
            return
        if self._has_file:
            raise Malformed("malformed")
        self._has_file = True
        self._upload.filename = unquote(filename[1]) if filename[1] else filename[2]
        kind = re.search(r"content-type:\s*([^\r\n;]+)", lines, re.IGNORECASE)
        self._upload.content_type = kind[1].strip() if kind else self._upload.content_type
        await self._upto(self._delimiter, pieces, self._sink)

    def _keep_field(self, name: str, value: bytearray) -> None:
        try:
            self._upload.fields[name] = value.decode("utf-8")
        except UnicodeDecodeError:
            raise Malformed("not_utf8") from None

    async def _upto(self, mark: bytes, pieces: AsyncIterator[bytes], to: bytearray | _Sink | None) -> None:
        """Move everything before `mark` to `to`, and drop the mark itself."""
        while (found := self._buffer.find(mark)) < 0:
            safe = len(self._buffer) - len(mark) + 1
            if safe > 0:
                await self._put(bytes(self._buffer[:safe]), to)
                del self._buffer[:safe]
            await self._more(pieces)
        await self._put(bytes(self._buffer[:found]), to)
        del self._buffer[: found + len(mark)]

    async def _put(self, piece: bytes, to: bytearray | _Sink | None) -> None:
        if isinstance(to, _Sink):
            await to.write(piece)
            return
        self._field_bytes += len(piece)
        if self._field_bytes > _MOST_FIELD_BYTES:
            raise TooLarge("too_large")
        if to is not None:
            to += piece

    async def _more(self, pieces: AsyncIterator[bytes]) -> None:
        piece = await anext(pieces, None)
        if piece is None:
            raise Malformed("malformed")
        self._buffer += piece
