"""The form of a guide, made from the guide's own shape: whatever a guide may hold can be typed in, and nothing else.

A place in the guide is a field's name: `materials.0.standards`. A line whose fields are all empty is not there; each
list ends with an empty line to fill in.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
from msgspec import inspect

from server.errors import FieldError, InvalidInput
from server.features.catalogue.service import GuideContent
from server.web.reading import refusal

# What stands on each page of the editor, in the order in which a guide is written.
SECTIONS: dict[str, tuple[str, ...]] = {
    "basics": ("plain", "audience", "themes", "visits", "visit_reason", "online", "bookable", "mail", "sample"),
    "parts": ("parts",),
    "conditions": ("conditions", "ages"),
    "materials": ("pre_review", "materials"),
    "situations": ("situations",),
    "steps": ("steps", "result"),
    "times": ("handling", "legal_days", "promise_days"),
    "fees": ("fees", "pay_online"),
    "places": ("hall_keys", "skill", "consult_phone", "complaint_phone", "hours_text"),
    "basis": ("basis",),
    "form": ("form",),
    "rules": ("by_rules",),
    "faqs": ("faqs",),
    "extras": ("cancelled", "video"),
}
_LONG = 100
# What only a theme's lines say.
_OF_THEMES = ("part", "stands_for")
_AT_LEAST_TWO = ("answers", "choices")
_MADE = ("key", "value")
_MOST_LINES = 60
Choices = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(slots=True)
class Input:
    """One place of the form. `rows` are the lines of a list, `parts` the places of a line or group."""

    kind: str
    name: str
    path: str
    value: Any = None
    options: Sequence[tuple[str, str]] = ()
    most: int | None = None
    faults: list[FieldError] = field(default_factory=list)
    parts: list[Input] = field(default_factory=list)
    rows: list[list[Input]] = field(default_factory=list)


def section_of(path: str) -> str:
    """Say on which page a place stands."""
    top = path.partition(".")[0]
    return next((name for name, fields in SECTIONS.items() if top in fields), "basics")


def inputs(content: GuideContent, section: str, choices: Choices, faults: Sequence[FieldError]) -> list[Input]:
    """Lay out one page of the editor."""
    kinds = {one.name: one.type for one in inspect.type_info(GuideContent).fields}  # type: ignore[attr-defined]
    plain = msgspec.to_builtins(content)
    by_path: dict[str, list[FieldError]] = {}
    for fault in faults:
        by_path.setdefault(fault.path, []).append(fault)
    around = _Around(choices, by_path, hidden=() if content.parts else _OF_THEMES)
    return [_input(kinds[name], name, name, plain[name], around) for name in SECTIONS[section]]


@dataclass(frozen=True, slots=True)
class _Around:
    choices: Choices
    faults: Mapping[str, list[FieldError]]
    hidden: tuple[str, ...] = ()


def _input(kind: inspect.Type, name: str, path: str, value: Any, around: _Around) -> Input:  # noqa: ANN401
    kind = _plain(kind)
    made = Input(_kind(kind, name, around.choices), name, path, value, faults=list(around.faults.get(path, ())))
    if isinstance(kind, inspect.StructType):
        made.parts = _parts(kind, path, value or {}, around)
    elif isinstance(kind, inspect.ListType):
        inner = _plain(kind.item_type)
        if isinstance(inner, inspect.StructType):
            # Where one line alone makes no sense, there are two to begin with.
            lines = [*(value or ()), {}, *([{}] if name in _AT_LEAST_TWO and not value else ())]
            made.rows = [_parts(inner, f"{path}.{at}", line, around) for at, line in enumerate(lines)]
        for at in range(len(value or ())):
            made.faults += around.faults.get(f"{path}.{at}", ())
    if isinstance(kind, inspect.StrType):
        made.most = kind.max_length
    if name.endswith("_fen") and value is not None:
        made.value = f"{Decimal(value) / 100:f}"
    made.options = _options(kind, name, around.choices)
    return made


def _parts(kind: inspect.StructType, path: str, value: Mapping[str, Any], around: _Around) -> list[Input]:
    return [
        _input(one.type, one.name, f"{path}.{one.name}", value.get(one.name), around)
        for one in kind.fields
        if one.name not in around.hidden
        and not (one.name in _MADE and not isinstance(_plain(one.type), inspect.LiteralType) and not value)
    ]


def _kind(kind: inspect.Type, name: str, choices: Choices) -> str:  # noqa: PLR0911 - one line a kind
    if isinstance(kind, inspect.StructType):
        return "group"
    if isinstance(kind, inspect.BoolType):
        return "check"
    if isinstance(kind, inspect.ListType):
        inner = _plain(kind.item_type)
        if isinstance(inner, inspect.StructType):
            return "rows"
        return "ticks" if isinstance(inner, inspect.LiteralType) or name in choices else "lines"
    if isinstance(kind, inspect.LiteralType) or name in choices:
        return "choice"
    if isinstance(kind, inspect.IntType):
        return "money" if name.endswith("_fen") else "number"
    if name in _MADE:
        return "made"
    return "text" if isinstance(kind, inspect.StrType) and (kind.max_length or 0) > _LONG else "line"


def _options(kind: inspect.Type, name: str, choices: Choices) -> Sequence[tuple[str, str]]:
    inner = _plain(kind.item_type) if isinstance(kind, inspect.ListType) else kind
    if isinstance(inner, inspect.LiteralType):
        return [(str(value), "") for value in inner.values]
    return choices.get(name, ()) if isinstance(inner, inspect.StrType) else ()


def _plain(kind: inspect.Type) -> inspect.Type:
    if isinstance(kind, inspect.Metadata):
        return _plain(kind.type)
    if isinstance(kind, inspect.UnionType):
        return next(_plain(one) for one in kind.types if not isinstance(one, inspect.NoneType))
    return kind


def read(content: GuideContent, section: str, given: Mapping[str, list[str]]) -> GuideContent:
    """Put what was typed on one page into a guide. Raises InvalidInput naming the first place that does not fit."""
    kinds = {one.name: one.type for one in inspect.type_info(GuideContent).fields}  # type: ignore[attr-defined]
    tree = _tree(given)
    unknown = next((name for name in tree if name not in SECTIONS[section]), None)
    if unknown is not None:
        raise InvalidInput("invalid_input", fields=(FieldError(section, "unknown_field"),))
    typed = {name: _read(kinds[name], name, tree.get(name)) for name in SECTIONS[section]}
    try:
        return msgspec.convert(msgspec.to_builtins(content) | _there(typed), GuideContent, strict=False)
    except msgspec.ValidationError as wrong:
        raise refusal(wrong) from None


_ABSENT = object()


def _there(typed: dict[str, Any]) -> dict[str, Any]:
    # What must be filled in and is not becomes an empty text, which the guide's own shape refuses at its place.
    return {name: "" if value is _ABSENT else value for name, value in typed.items()}


def _tree(given: Mapping[str, list[str]]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, values in given.items():
        at = tree
        *way, last = name.split(".")
        for part in way:
            at = at.setdefault(part, {})
            if not isinstance(at, dict):
                raise InvalidInput("invalid_input", fields=(FieldError(way[0], "bad_format"),))
        if last in at:
            raise InvalidInput("invalid_input", fields=(FieldError(last, "bad_format"),))
        at[last] = values
    return tree


def _read(kind: inspect.Type, name: str, node: Any) -> Any:  # noqa: ANN401, PLR0911 - any JSON; one line a kind
    optional = isinstance(kind, inspect.UnionType)
    kind = _plain(kind)
    if isinstance(kind, inspect.ListType):
        return _read_list(kind, name, node)
    if isinstance(kind, inspect.StructType):
        if node is None and optional:
            return None
        return _read_struct(kind, node if isinstance(node, dict) else {})
    if isinstance(kind, inspect.BoolType):
        return node is not None
    if not isinstance(node, list):
        return None if optional else _ABSENT
    text = str(node[0]).replace("\r\n", "\n").strip()
    if not text:
        return None if optional else _ABSENT
    if name.endswith("_fen"):
        return _fen(text)
    return text


def _read_struct(kind: inspect.StructType, node: dict[str, Any]) -> dict[str, Any]:
    read = {one.name: _read(one.type, one.name, node.get(one.name)) for one in kind.fields}
    return {name: value for name, value in read.items() if value is not _ABSENT}


def _read_list(kind: inspect.ListType, name: str, node: Any) -> list[Any]:  # noqa: ANN401 - any JSON
    inner = _plain(kind.item_type)
    if isinstance(inner, inspect.StructType):
        lines = [_read_struct(inner, line) for line in _lines(node)]
        _name(lines, name, {one.name: one.type for one in inner.fields})
        return lines
    if not isinstance(node, list):
        return []
    return [line.strip() for text in node for line in str(text).splitlines() if line.strip()]


def _lines(node: Any) -> Iterator[dict[str, Any]]:  # noqa: ANN401 - any JSON
    lines = node.items() if isinstance(node, dict) else ()
    kept = [(at, line) for at, line in lines if at.isdigit() and len(at) < 5 and isinstance(line, dict)]
    kept = [(at, line) for at, line in kept if "remove" not in line]
    kept.sort(key=lambda one: (_place(one[1]) or int(one[0]) + 1, int(one[0])))
    for _, line in kept[:_MOST_LINES]:
        bare = {name: value for name, value in line.items() if name != "place"}
        if set(bare).difference(_MADE):
            yield bare


def _place(line: dict[str, Any]) -> int | None:
    said = line.get("place")
    text = str(said[0]) if isinstance(said, list) else ""
    return int(text) if text.isdecimal() and len(text) < 5 else None


def _name(lines: list[dict[str, Any]], name: str, kinds: Mapping[str, inspect.Type]) -> None:
    """Give new lines the short name that other places refer to them by; nobody has to make one up."""
    for made in _MADE:
        if made not in kinds or isinstance(_plain(kinds[made]), inspect.LiteralType):
            continue
        taken = {line.get(made) for line in lines}
        number = 0
        for line in lines:
            while made not in line:
                number += 1
                if f"{name[0]}{number}" not in taken:
                    line[made] = f"{name[0]}{number}"


def _fen(text: str) -> int:
    try:
        fen = Decimal(text) * 100
        return int(fen) if fen == fen.to_integral_value() else -1
    except (InvalidOperation, ValueError, OverflowError):
        return -1
