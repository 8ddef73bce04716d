"""Bodies and queries into structs; what is wrong comes back as field paths and codes, never as the input itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from copy import copy
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

import msgspec

from server.errors import AppError, FieldError, InvalidInput, Malformed
from server.kit import wire
from server.web import csrf

if TYPE_CHECKING:
    from sanic import Request

# What msgspec says, and what we call it. The order matters: the first match wins.
_KINDS = (
    (re.compile(r"Object missing required field `(?P<name>[^`]*)`"), "missing"),
    (re.compile(r"Object contains unknown field `(?P<name>[^`]*)`"), "unknown_field"),
    (re.compile(r"Expected `\w+` of length >= (?P<limit>\d+)"), "too_short"),
    (re.compile(r"Expected `\w+` of length <= (?P<limit>\d+)"), "too_long"),
    (re.compile(r"Expected `\w+` of length (?P<limit>\d+)"), "bad_format"),
    (re.compile(r"Expected `\w+` (?:>=|>|<=|<) "), "out_of_range"),
    (re.compile(r"Expected `\w+` that's a multiple of"), "out_of_range"),
    (re.compile(r"(?:Number|Integer|Timestamp|Duration) (?:value )?(?:is )?out of range"), "out_of_range"),
    (re.compile(r"Expected `\w+` (?:matching|with(?:out)? a timezone)"), "bad_format"),
    (re.compile(r"Expected "), "wrong_type"),
)
_PATH = re.compile(r" - at `(?:key` in `)?\$(?P<path>[^`]*)`\Z")
_PLAIN_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}\Z")
_MOST_KNOWN = 512
_JSON_TYPES = ("application/json", "application/problem+json")


class BadMediaType(AppError):
    """The body is of a kind this route does not take (415)."""

    status = 415


class Reader:
    """Decodes one struct type; made once per route."""

    def __init__(self, struct: type[msgspec.Struct]) -> None:
        self._struct = struct
        self._decoder = msgspec.json.Decoder(struct)
        _refuse_guesses(msgspec.inspect.type_info(struct), struct.__name__, set())
        self._known: dict[str, msgspec.Struct] = {}
        self._lists = frozenset(field.encode_name for field in msgspec.structs.fields(struct) if _is_list(field.type))

    def body(self, request: Request) -> msgspec.Struct:
        """Decode a JSON body. Raises BadMediaType, Malformed, InvalidInput."""
        _check_media_type(request.headers.get("content-type"))
        raw = request.body
        try:
            decoded: msgspec.Struct = self._decoder.decode(raw)
        except msgspec.ValidationError as wrong:
            raise refusal(wrong) from None
        except UnicodeDecodeError:
            raise Malformed("not_utf8") from None
        except (msgspec.DecodeError, RecursionError):
            raise Malformed("not_json") from None
        if b"\\u0000" in raw or b"\x00" in raw:
            _refuse_nul(msgspec.to_builtins(decoded), "")
        return decoded

    def query(self, request: Request) -> msgspec.Struct:
        """Convert the query string. Raises InvalidInput."""
        asked = request.query_string
        known = self._known.get(asked)
        if known is None:
            known = self._texts(_pairs(asked))
            if len(self._known) >= _MOST_KNOWN:
                self._known.clear()
            self._known[asked] = known
        # A crowd asks the same; each has a copy of its own.
        return copy(known)

    def form(self, request: Request) -> msgspec.Struct:
        """Convert an HTML form; empty entries count as not filled in. Raises InvalidInput, Malformed."""
        return self._texts({name: values for name, values in csrf.form_of(request).items() if name != csrf.FIELD})

    def _texts(self, given: Mapping[str, list[str]]) -> msgspec.Struct:
        # A name given twice is a list where the struct wants one, else its first value counts.
        chosen = {name: values if name in self._lists else values[0] for name, values in given.items()}
        try:
            converted = msgspec.convert(chosen, self._struct, strict=False)
        except msgspec.ValidationError as wrong:
            raise refusal(wrong) from None
        _refuse_nul(chosen, "")
        return converted


def _pairs(query: str) -> dict[str, list[str]]:
    if "%" in query or "+" in query:
        return parse_qs(query, keep_blank_values=True)
    # Most say nothing in another spelling: they are only cut apart, at a third of the cost.
    pairs: dict[str, list[str]] = {}
    for pair in filter(None, query.split("&")):
        name, _, value = pair.partition("=")
        pairs.setdefault(name, []).append(value)
    return pairs


def refusal(wrong: msgspec.ValidationError) -> InvalidInput:
    """Turn msgspec's sentence into a field path and a code."""
    said = str(wrong)
    path = ""
    if hit := _PATH.search(said):
        path, said = _dotted(hit["path"]), said[: hit.start()]
    for pattern, code in _KINDS:
        if hit := pattern.match(said):
            return InvalidInput("invalid_input", fields=(_field(path, code, hit.groupdict()),))
    return InvalidInput("invalid_input", fields=(FieldError(path, "bad_format"),))


def _field(path: str, code: str, found: dict[str, str]) -> FieldError:
    name = found.get("name")
    if name is not None and _PLAIN_NAME.match(name):
        # An unknown name comes from outside; only what looks like a name is repeated.
        path = f"{path}.{name}".strip(".")
    params: dict[str, str | int] = {"limit": int(found["limit"])} if found.get("limit") else {}
    return FieldError(path, code, params)


def _dotted(path: str) -> str:
    return path.replace("[...]", "").replace("[", ".").replace("]", "").strip(".")


def _check_media_type(content_type: str | None) -> None:
    kind, _, parameters = (content_type or "").partition(";")
    if kind.strip().lower() not in _JSON_TYPES:
        raise BadMediaType("not_json_type")
    name, _, charset = parameters.strip().lower().partition("=")
    if name == "charset" and charset.strip('"') not in {"utf-8", "utf8"}:
        raise BadMediaType("not_utf8")


def _refuse_nul(value: Any, path: str) -> None:  # noqa: ANN401 - it walks any JSON
    # PostgreSQL's text cannot hold U+0000; refused here, it never becomes a database error.
    if isinstance(value, str) and "\x00" in value:
        raise InvalidInput("invalid_input", fields=(FieldError(path, "bad_format"),))
    if isinstance(value, dict):
        for name, inner in value.items():
            if "\x00" in name:
                raise InvalidInput("invalid_input", fields=(FieldError(path, "bad_format"),))
            # A name comes from outside as well; only what looks like one is repeated.
            _refuse_nul(inner, f"{path}.{name}".strip(".") if _PLAIN_NAME.match(name) else path)
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_nul(inner, f"{path}.{index}".strip("."))


def _is_list(kind: object) -> bool:
    return isinstance(msgspec.inspect.type_info(kind), msgspec.inspect.CollectionType)


def _refuse_guesses(kind: msgspec.inspect.Type, where: str, seen: set[type]) -> None:
    """Stop the start over a moment that may come without a zone: it would be read as anybody's guess."""
    if isinstance(kind, msgspec.inspect.DateTimeType) and kind.tz is not True:
        msg = f"{where}: declare it as server.kit.wire.Instant, which demands a zone"
        raise TypeError(msg)
    if isinstance(kind, msgspec.inspect.StructType):
        if kind.cls not in seen:
            for field in kind.fields:
                _refuse_guesses(field.type, f"{kind.cls.__name__}.{field.name}", seen | {kind.cls})
        return
    for inner in wire.parts(kind):
        _refuse_guesses(inner, where, seen)
