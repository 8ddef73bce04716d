"""What a handler may give back besides a struct."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar
from urllib.parse import quote

from sanic import HTTPResponse, Request
from sanic.helpers import has_message_body

from server.kit import wire

T = TypeVar("T")
_REPLAYED = {"idempotency-replayed": "true"}
_LINE_ENDS = re.compile(r"[\r\n\x00]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[T]):
    """A struct with a status of its own or with headers (`ETag`). Annotate handlers `-> Reply[BookingOut]`."""

    value: T
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Encoded(Generic[T]):
    """A struct that `wire.encode` wrote before. Annotate `-> Encoded[BookingOut]`; `replayed`: done before."""

    body: bytes
    replayed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes that are not JSON: a picture, a PDF, a page. With a `filename` the browser saves it under that name."""

    body: bytes
    content_type: str
    filename: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Streamed:
    """A file that is sent while it is made, and is in memory never whole. The browser saves it under its name."""

    source: AsyncIterator[bytes]
    content_type: str
    filename: str
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go elsewhere: a path of ours, or a whole address that code (never a visitor) chose."""

    to: str
    status: int = 303


class Answer(HTTPResponse):
    """A response whose headers are encoded once per value: Sanic cleans and encodes each anew for every request."""

    __slots__ = ()

    @property
    def processed_headers(self) -> Iterator[tuple[bytes, bytes]]:
        """Give name and value of every header, as bytes."""
        if has_message_body(self.status):  # type: ignore[no-untyped-call]
            self.headers.setdefault("content-type", self.content_type)
        return (
            (b"x-request-id", value.encode()) if name == "x-request-id" else _encoded(name, str(value))
            for name, value in self.headers.items()
        )


@lru_cache(maxsize=4096)
def _encoded(name: str, value: str) -> tuple[bytes, bytes]:
    # Line ends would let a value begin a header of its own.
    return name.encode("ascii"), _LINE_ENDS.sub("", value).encode(errors="surrogateescape")


def render(result: object, status: int) -> HTTPResponse:
    """Turn what a handler gave back into a response."""
    if isinstance(result, HTTPResponse):
        return result
    if isinstance(result, Encoded):
        return Answer(result.body, status, _REPLAYED if result.replayed else None, "application/json")
    if isinstance(result, Raw):
        return _raw(result)
    if isinstance(result, Redirect):
        return Answer(b"", result.status, {"location": quote(result.to, safe="/:?#[]@!$&'()*+,;=%~")})
    headers: dict[str, str] = {}
    if isinstance(result, Reply):
        reply: Reply[object] = result
        result, status, headers = reply.value, reply.status, dict(reply.headers)
    if result is None:
        return Answer(b"", 204 if status == 200 else status, headers)
    return Answer(wire.encode(result), status, headers, "application/json")


def _raw(reply: Raw) -> HTTPResponse:
    headers = dict(reply.headers)
    if reply.filename is not None:
        headers |= _saved_as(reply.filename)
    return Answer(reply.body, reply.status, headers, reply.content_type)


async def stream(request: Request, reply: Streamed) -> None:
    """Send a file as it is made. Where that fails, the connection breaks off: nobody takes a part for the whole."""
    headers = {**reply.headers, **_saved_as(reply.filename)}
    response = await request.respond(headers=headers, content_type=reply.content_type)
    assert response is not None  # noqa: S101 - only a request that was answered before gives none
    if request.method == "HEAD":
        await response.eof()
        return
    async for piece in reply.source:
        await response.send(piece)
    await response.eof()


def _saved_as(filename: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{quote(filename, safe='')}"}
