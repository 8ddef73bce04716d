"""Finds out once, at registration, what each parameter of a handler wants; a request then only fills it in."""

from __future__ import annotations

import inspect
import re
import types
import typing
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec
from sanic import Request

from server.actor import Actor
from server.config import Settings
from server.errors import NotFound
from server.ports import Ports
from server.web.reading import Reader
from server.web.uploads import Upload

if TYPE_CHECKING:
    from server.db.promises import Claim

_PATH_NAME = re.compile(r"<(\w+)(?::([^>]+))?>(\.\w+)?")
_UUID_TEXT = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_CONVERTERS: dict[Any, str] = {UUID: "uuid", int: "int", str: "str"}

Handler = Callable[..., Awaitable[Any]]


@dataclass(slots=True)
class Asked:
    """One request while its handler's arguments are gathered."""

    request: Request
    actor: Actor
    path: dict[str, Any]
    upload: Upload | None = None
    claim: Claim | None = None


Filler = Callable[[Asked], Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Binding:
    """What a handler wants and gives: for calling it, and for OpenAPI."""

    path: str
    fillers: tuple[tuple[str, Filler], ...]
    path_types: dict[str, Any]
    body: type[msgspec.Struct] | None
    query: type[msgspec.Struct] | None
    returns: Any
    takes_upload: bool
    takes_claim: bool
    reads_form: bool

    def arguments(self, asked: Asked) -> dict[str, Any]:
        """Fill in every parameter. Raises InvalidInput, Malformed, NotFound."""
        return {name: fill(asked) for name, fill in self.fillers}


def bind(handler: Handler, path: str) -> Binding:
    """Look at a handler's signature. Raises TypeError when a parameter cannot be filled."""
    hints = typing.get_type_hints(handler, include_extras=True)
    signature = inspect.signature(handler)
    names = [hit[1] for hit in _PATH_NAME.finditer(path)]
    missing = [name for name in names if name not in signature.parameters]
    if missing or "return" not in hints:
        msg = f"{handler.__module__}.{handler.__name__}: needs {', '.join(missing) or 'a return annotation'}"
        raise TypeError(msg)
    fillers = tuple((name, _filler(handler, name, hints.get(name), names)) for name in signature.parameters)
    kinds = {name: hints.get(name) for name in signature.parameters}
    return Binding(
        path=_with_converters(path, hints),
        fillers=fillers,
        path_types={name: hints[name] for name in names},
        body=_struct(hints.get("body")),
        query=_struct(hints.get("query")),
        returns=hints["return"],
        takes_upload=Upload in kinds.values(),
        takes_claim=any(getattr(kind, "__name__", "") == "Claim" for kind in kinds.values()),
        reads_form="form" in kinds or not {Request, Upload}.isdisjoint(kinds.values()),
    )


def _filler(handler: Handler, name: str, kind: Any, path_names: list[str]) -> Filler:  # noqa: ANN401 - any annotation
    if name in path_names:
        return _from_path(name, kind)
    if name in ("body", "query", "form"):
        struct = _struct(kind)
        if struct is None:
            msg = f"{handler.__module__}.{handler.__name__}: {name} must be a msgspec.Struct"
            raise TypeError(msg)
        return _from_reader(name, Reader(struct))
    known = _known(name, kind)
    if known is None:
        msg = f"{handler.__module__}.{handler.__name__}: nothing fills the parameter {name}"
        raise TypeError(msg)
    return known


def _known(name: str, kind: Any) -> Filler | None:  # noqa: ANN401, PLR0911 - any annotation; one line a kind
    if name == "actor" or (isinstance(kind, type) and issubclass(kind, Actor)):
        return lambda asked: asked.actor
    if kind is Request:
        return lambda asked: asked.request
    if kind is Ports:
        return lambda asked: asked.request.app.ctx.ports
    if kind is Settings:
        return lambda asked: asked.request.app.ctx.settings
    if kind is Upload:
        return lambda asked: asked.upload
    if getattr(kind, "__name__", "") == "Claim":
        return lambda asked: asked.claim
    return None


def _from_path(name: str, kind: Any) -> Filler:  # noqa: ANN401 - any annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return lambda asked: _member(kind, asked.path[name])
    if kind is str:
        return lambda asked: _clean(asked.path[name])
    if kind is UUID:
        return lambda asked: value if isinstance(value := asked.path[name], UUID) else UUID(value)
    return lambda asked: asked.path[name]


def _from_reader(name: str, reader: Reader) -> Filler:
    if name == "body":
        return lambda asked: reader.body(asked.request)
    if name == "form":
        return lambda asked: reader.form(asked.request)
    return lambda asked: reader.query(asked.request)


def _member(kind: type[Enum], value: str) -> Enum:
    try:
        return kind(value)
    except ValueError:
        raise NotFound from None


def _clean(value: str) -> str:
    # What no row can hold cannot be found either; PostgreSQL would call it a broken string.
    if "\x00" in value or any("\ud800" <= char <= "\udfff" for char in value):
        raise NotFound
    return value


def _struct(kind: Any) -> type[msgspec.Struct] | None:  # noqa: ANN401 - any annotation
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def template_of(path: str) -> str:
    """Write a path as OpenAPI does: `/notices/{notice_id}.pdf`."""
    return _PATH_NAME.sub(lambda hit: f"{{{hit[1]}}}{hit[3] or ''}", path)


def _with_converters(path: str, hints: dict[str, Any]) -> str:
    def typed(hit: re.Match[str]) -> str:
        name, kind, suffix = hit[1], hit[2] or _CONVERTERS.get(hints[hit[1]], "str"), hit[3]
        if suffix is None:
            return f"<{name}:{kind}>"
        # Sanic knows an ending only as part of a pattern.
        pattern = _UUID_TEXT if kind == "uuid" else "[^/]+"
        return f"<{name}:(?P<{name}>{pattern}){re.escape(suffix)}>"

    return _PATH_NAME.sub(typed, path)


def is_nothing(kind: Any) -> bool:  # noqa: ANN401 - any annotation
    """Say whether a return annotation means an empty answer."""
    return kind is None or kind is types.NoneType
