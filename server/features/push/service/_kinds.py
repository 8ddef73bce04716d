"""Kinds of messages: one class each, owned by the feature that speaks, complete or not accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, dataclass_transform

from server.features.push.service._fields import FieldError, fit
from server.features.push.service._templates import Template, templates
from server.kit import clock, texts
from server.kit.spoken import spoken

_HOLE = re.compile(r"\{(\w+)\}")
_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_RANGE = "~"

_kinds: dict[str, type[Message]] = {}


@dataclass_transform(kw_only_default=True, frozen_default=True)
class Message:
    """Something said to a person. A subclass names what it carries as annotated fields and says this of itself.

    kind            `booking.confirmed`: texts are `push.booking.confirmed.title` and `.body`
    template        our name of a WeChat template (push/templates.json), or None: inbox only
    fields          template field -> parameter, or `starts_at~ends_at`; a field left out takes the text
                    `push.<kind>.fields.<field>`
    page            what the phone opens, with parameters in braces
    priority        1 goes before 9
    deadline        how long it is of use, or the parameter that holds the moment it is not
    sms             whether an SMS is sent where WeChat cannot be reached
    retry_unknown   whether to send once more when WeChat's answer was lost: it may arrive twice

    Nothing personal beyond what the template shows: no names, no document numbers, no addresses of people.
    """

    kind: ClassVar[str]
    template: ClassVar[str | None] = None
    fields: ClassVar[Mapping[str, str]] = {}
    page: ClassVar[str]
    priority: ClassVar[int] = 5
    deadline: ClassVar[timedelta | str] = timedelta(days=3)
    sms: ClassVar[bool] = True
    retry_unknown: ClassVar[bool] = True

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)
        _check(cls)
        _kinds[cls.kind] = cls


class Incomplete(TypeError):
    """A message class that could not be sent; says what is missing."""


def kinds() -> dict[str, type[Message]]:
    """List every kind of message there is."""
    return dict(sorted(_kinds.items()))


def kind_named(name: str) -> type[Message]:
    """Find a kind. Raises KeyError for one nobody speaks."""
    return _kinds[name]


def incomplete() -> list[str]:
    """List texts that are missing (title, body, unmapped fields) or ask for a parameter the kind does not have."""
    missing = []
    for kind in _kinds.values():
        for key in _keys(kind):
            found = texts.find(texts.SOURCE, key)
            if found is None:
                missing.append(key)
            elif strange := set(_HOLE.findall(found)) - _params(kind):
                missing.append(f"{key}: {kind.__qualname__} has no {', '.join(sorted(strange))}")
    return missing


def template_for(kind: type[Message]) -> Template | None:
    """Give the WeChat template of a kind."""
    return None if kind.template is None else templates()[kind.template]


def written(message: Message) -> dict[str, list[str]]:
    """Write title and body in every language."""
    return {
        locale: [_said(locale, message, f"push.{message.kind}.{part}") for part in ("title", "body")]
        for locale in texts.available()
    }


def opened(message: Message) -> str:
    """Give the page, filled."""
    return message.page.format_map(_Values(message))


def useful_until(message: Message) -> datetime:
    """Say from when on the message is too late."""
    if isinstance(message.deadline, timedelta):
        return clock.now() + message.deadline
    moment = getattr(message, message.deadline)
    assert isinstance(moment, datetime)  # noqa: S101 - _check allows only moments
    return moment


def template_values(message: Message) -> dict[str, str]:
    """Write the template's values by our names of the fields. Raises FieldError, naming the field."""
    template = template_for(type(message))
    if template is None:
        return {}
    values = {}
    for name, key in template.fields.items():
        try:
            values[name] = fit(key, _value(message, name))
        except FieldError:
            raise FieldError(name) from None
    return values


def _value(message: Message, name: str) -> Any:  # noqa: ANN401 - whatever the parameter is
    source = message.fields.get(name)
    if source is None:
        return _said(texts.SOURCE, message, f"push.{message.kind}.fields.{name}")
    start, _, end = source.partition(_RANGE)
    return (getattr(message, start), getattr(message, end)) if end else getattr(message, start)


def _said(locale: str, message: Message, key: str) -> str:
    return texts.text(locale, key, **{name: spoken(locale, getattr(message, name)) for name in _names(type(message))})


class _Values(dict[str, object]):
    """Parameters of a page, read from the message."""

    def __init__(self, message: Message) -> None:
        super().__init__()
        self._message = message

    def __missing__(self, name: str) -> object:
        return getattr(self._message, name)


def _names(kind: type[Message]) -> tuple[str, ...]:
    return tuple(one.name for one in fields(kind))  # type: ignore[arg-type]  # __init_subclass__ made it a dataclass


def _params(kind: type[Message]) -> set[str]:
    return set(_names(kind))


def _keys(kind: type[Message]) -> list[str]:
    template = template_for(kind)
    unmapped = [] if template is None else [name for name in template.fields if name not in kind.fields]
    return [f"push.{kind.kind}.{part}" for part in ("title", "body", *(f"fields.{name}" for name in unmapped))]


def _check(kind: type[Message]) -> None:
    name = kind.__qualname__
    if not _KIND.fullmatch(getattr(kind, "kind", "")) or not getattr(kind, "page", "").startswith("/"):
        raise Incomplete(f"{name}: needs kind='feature.verb' and page='/...'")
    known = _kinds.get(kind.kind)
    if known is not None and known.__module__ != kind.__module__:
        raise Incomplete(f"{name}: {known.__qualname__} already is {kind.kind}")
    if kind.template is not None and kind.template not in templates():
        raise Incomplete(f"{name}: push/templates.json has no template {kind.template}")
    if not 1 <= kind.priority <= 9:
        raise Incomplete(f"{name}: priority is 1 (first) to 9")
    _check_parameters(kind, name)


def _check_parameters(kind: type[Message], name: str) -> None:
    params = _params(kind)
    template = template_for(kind)
    strange = set(kind.fields) - set(template.fields if template else ())
    if strange:
        raise Incomplete(f"{name}: template {kind.template} has no field {', '.join(sorted(strange))}")
    wanted = set(_HOLE.findall(kind.page)) | {part for source in kind.fields.values() for part in source.split(_RANGE)}
    if isinstance(kind.deadline, str):
        wanted.add(kind.deadline)
    if wanted - params:
        raise Incomplete(f"{name}: has no parameter {', '.join(sorted(wanted - params))}")
