"""Kinds of messages: one class each, owned by the feature that speaks, complete or not accepted."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any, ClassVar, dataclass_transform

from server.features.push.service._fields import FieldError, fit
from server.features.push.service._templates import Template, name_of, templates
from server.features.push.service._ways import ways_of
from server.kit import clock, texts
from server.kit.spoken import spoken

_HOLE = re.compile(r"\{(\w+)\}")
_KIND = re.compile(r"[a-z_]+(\.[a-z_]+)+")
_RANGE = "~"
# A message shows on a locked phone, to whoever holds it: a number and a status, the rest behind login.
_PERSONAL = frozenset({"address", "applicant", "document", "id_number", "mobile", "name", "person", "phone"})

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
    own             whether it is for the person alone: whoever acts for them does not read it, nor take it away
    retry_unknown   whether to send once more when WeChat's answer was lost: it may arrive twice

    `class BookingNews(push.Message, family=True)` says what several kinds share, and is none itself.

    Nothing personal beyond what the template shows: no names, no document numbers, no addresses of people.
    """

    kind: ClassVar[str]
    template: ClassVar[str | None] = None
    fields: ClassVar[Mapping[str, str]] = {}
    page: ClassVar[str]
    priority: ClassVar[int] = 5
    deadline: ClassVar[timedelta | str] = timedelta(days=3)
    sms: ClassVar[bool] = True
    own: ClassVar[bool] = False
    retry_unknown: ClassVar[bool] = True

    def __init_subclass__(cls, *, family: bool = False) -> None:
        super().__init_subclass__()
        dataclass(frozen=True, kw_only=True)(cls)
        if family:
            return
        _check(cls)
        _kinds[cls.kind] = cls


class Incomplete(TypeError):
    """A message class that could not be sent; says what is missing."""


def kinds() -> dict[str, type[Message]]:
    """List every kind of message there is."""
    return dict(sorted(_kinds.items()))


def own_kinds() -> list[str]:
    """Name the kinds that are for the person alone."""
    return [name for name, kind in kinds().items() if kind.own]


def kind_named(name: str) -> type[Message]:
    """Find a kind. Raises KeyError for one nobody speaks."""
    return _kinds[name]


def template_for(kind: type[Message]) -> Template | None:
    """Give the WeChat template of a kind."""
    return None if kind.template is None else templates()[kind.template]


def forms_of(template_id: str) -> list[str]:
    """List what kinds name as their template that may be told with this one, by WeChat's id of it."""
    name = name_of(template_id)
    if name is None:
        return []
    others = {kind.template for kind in _kinds.values() if kind.template and name in ways_of(kind).all}
    return [name, *sorted(others - {name})]


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


def filled(message: Message, name: str) -> dict[str, str]:
    """Write a template's values by our names of its fields. Raises FieldError, naming the field."""
    template, values = templates()[name], {}
    for field, key in template.fields.items():
        try:
            values[field] = fit(key, _value(message, field), template.shorten.get(field, "refuse"))
        except FieldError:
            raise FieldError(f"{name}.{field}") from None
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


def params(kind: type[Message]) -> set[str]:
    """Name what a kind carries."""
    return set(_names(kind))


def _check(kind: type[Message]) -> None:
    name = kind.__qualname__
    if not _KIND.fullmatch(kind.__dict__.get("kind", "")) or not getattr(kind, "page", "").startswith("/"):
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
    known = params(kind)
    if told := known & _PERSONAL:
        raise Incomplete(f"{name}: {', '.join(sorted(told))} is personal, and messages show on locked phones")
    carriers = () if kind.template is None else (kind.template, *ways_of(kind).all)
    strange = set(kind.fields) - {field for carrier in carriers for field in templates()[carrier].fields}
    if strange:
        raise Incomplete(f"{name}: template {kind.template} has no field {', '.join(sorted(strange))}")
    wanted = set(_HOLE.findall(kind.page)) | {part for source in kind.fields.values() for part in source.split(_RANGE)}
    if isinstance(kind.deadline, str):
        wanted.add(kind.deadline)
    if wanted - known:
        raise Incomplete(f"{name}: has no parameter {', '.join(sorted(wanted - known))}")
