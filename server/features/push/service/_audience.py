"""Whom a broadcast can be for and what it can say. Features that own the rows and the words register both here."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, ClassVar, TypeVar
from uuid import UUID

import msgspec

from server.actor import Staff
from server.errors import FieldError, Forbidden, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.push.service._kinds import Message, kind_named
from server.features.push.service._log import MANAGERS
from server.kit.spoken import spoken

K = TypeVar("K", bound=type[Message])
A = TypeVar("A", bound="type[Audience]")

_audiences: dict[str, type[Audience]] = {}
_speakable: dict[str, Mapping[str, str]] = {}


class Audience(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Some people, chosen by what the fields say. The text `push.audience.<kind>` names them.

    Fields are called as the desk's form calls them: `hall`, `day`, `item`, `state`. People of a hall are told by who
    answers for it, people of an item by who answers for its department.
    """

    kind: ClassVar[str]
    states: ClassVar[tuple[str, ...]] = ()

    async def allow(self, staff: Staff) -> None:
        """Refuse whoever these people are not theirs to tell. Raises Forbidden."""
        halls, departments = await told_by(staff)
        hall, item = (getattr(self, name, None) for name in ("hall", "item"))
        theirs = hall is None or halls is None or hall in halls
        if item is not None and departments is not None:
            theirs = theirs and (await catalogue.item(item)).department_id in departments
        if not theirs:
            raise Forbidden("push.not_yours")

    async def people(self, after: UUID | None, limit: int) -> list[UUID]:
        """Give the next of them by id, each once."""
        raise NotImplementedError


def audience(cls: A) -> A:
    """Register an audience."""
    _audiences[cls.kind] = cls
    return cls


def audiences() -> dict[str, type[Audience]]:
    """List the audiences there are."""
    return dict(_audiences)


def broadcastable(**words: str) -> Callable[[K], K]:
    """Let a kind be broadcast: `broadcastable(hall="hall", day="day")` says of each parameter what the author chooses.

    A `hall` or an `item` is chosen from ours and said by its name, a `day` is a date: there is no room for free words.
    """

    def register(kind: K) -> K:
        _speakable[kind.kind] = words
        return kind

    return register


def broadcast_kinds() -> dict[str, Mapping[str, str]]:
    """List what can be broadcast, and what its author chooses."""
    return dict(_speakable)


def audience_of(kind: str, chosen: Mapping[str, str]) -> Audience:
    """Make an audience of what was chosen. Raises InvalidInput."""
    known = _audiences.get(kind)
    try:
        if known is None:
            raise msgspec.ValidationError
        wanted = {name: chosen[name] for name in known.__struct_fields__ if chosen.get(name)}
        return msgspec.convert(wanted, known, strict=False)
    except msgspec.ValidationError:
        raise InvalidInput("push.broadcast_incomplete", fields=(FieldError("audience", "required"),)) from None


async def compose(kind: str, words: Mapping[str, str]) -> Message:
    """Make the message of what was chosen. Raises InvalidInput."""
    spec = _speakable.get(kind)
    if spec is None or any(not words.get(name) for name in spec):
        raise InvalidInput("push.broadcast_incomplete", fields=(FieldError("kind", "required"),))
    said: dict[str, Any] = {name: await _said(of, words[name]) for name, of in spec.items()}
    return kind_named(kind)(**said)


async def chosen_said(people: Audience, locale: str) -> dict[str, str]:
    """Say what was chosen of an audience in words: names for halls and items, dates as people write them."""
    found = {}
    for name in people.__struct_fields__:
        chosen = getattr(people, name)
        if chosen is None:
            continue
        if name in ("hall", "item"):
            chosen = await _said(name, str(chosen))
        found[name] = spoken(locale, chosen)
    return found


async def _said(of: str, chosen: str) -> str | date:
    try:
        if of == "day":
            return date.fromisoformat(chosen)
        if of == "hall":
            return (await catalogue.hall(UUID(chosen))).name
        return (await catalogue.item(UUID(chosen))).name
    except ValueError:
        raise InvalidInput("push.broadcast_incomplete", fields=(FieldError(of, "bad_format"),)) from None


async def told_by(staff: Staff) -> tuple[tuple[UUID, ...] | None, tuple[UUID, ...] | None]:
    """Name the halls and the departments whose people somebody may tell something; None is all of them."""
    reach = await identity.reach(staff, *MANAGERS)
    return await catalogue.halls_within(reach), await catalogue.departments_within(reach)
