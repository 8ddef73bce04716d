"""What a handler may give back besides a struct."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import quote

import msgspec
from sanic import HTTPResponse

from server.kit import wire

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply(Generic[T]):
    """A struct with a status of its own or with headers (`ETag`). Annotate handlers `-> Reply[BookingOut]`."""

    value: T
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Raw:
    """Bytes that are not JSON: a picture, a PDF, a page. With a `filename` the browser saves it under that name."""

    body: bytes
    content_type: str
    filename: str | None = None
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Redirect:
    """Go elsewhere: a path of ours, or a whole address that code (never a visitor) chose."""

    to: str
    status: int = 303


Answer = msgspec.Struct | Reply[object] | Raw | Redirect | HTTPResponse | list[object] | dict[str, object] | None


def render(result: object, status: int) -> HTTPResponse:
    """Turn what a handler gave back into a response."""
    if isinstance(result, HTTPResponse):
        return result
    if isinstance(result, Raw):
        return _raw(result)
    if isinstance(result, Redirect):
        return HTTPResponse(b"", result.status, {"location": quote(result.to, safe="/:?#[]@!$&'()*+,;=%~")})
    headers: dict[str, str] = {}
    if isinstance(result, Reply):
        reply: Reply[object] = result
        result, status, headers = reply.value, reply.status, dict(reply.headers)
    if result is None:
        return HTTPResponse(b"", 204 if status == 200 else status, headers)
    return HTTPResponse(wire.encode(result), status, headers, "application/json")


def _raw(reply: Raw) -> HTTPResponse:
    headers = dict(reply.headers)
    if reply.filename is not None:
        headers["content-disposition"] = f"attachment; filename*=UTF-8''{quote(reply.filename, safe='')}"
    return HTTPResponse(reply.body, reply.status, headers, reply.content_type)
