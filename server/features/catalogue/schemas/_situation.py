"""Situations (情形): questions whose answers select the materials."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Short = Annotated[str, Meta(min_length=1, max_length=100)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
# A line of one of a theme's items: `part.line`.
PartLine = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}\.[a-z][a-z0-9_]{0,39}$")]


class Ages(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """Who is meant, in whole years: from `at_least` on, and younger than `below`.

    Of a whole guide it holds: nobody else applies online, and an officer is warned. Of one answer it is a hint.
    """

    at_least: Annotated[int, Meta(ge=1, le=150)] | None = None
    below: Annotated[int, Meta(ge=1, le=150)] | None = None


class AgeMark(Struct, kw_only=True):
    """What an officer is warned of: the guide's rule in words, and the age by the document; None where it says none."""

    rule: str
    age: int | None


class SituationAnswer(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One answer. It adds `materials`, and `then` names the next question; `stop` says why it is not done here.

    In a theme it adds `parts`, too: items which nobody needs who answers otherwise.
    """

    value: Key
    label: Short
    materials: list[Key] = []
    parts: list[Key] = []
    then: Key | None = None
    stop: Line | None = None
    ages: Ages | None = None


class Situation(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One question. The first of a guide is asked first; the others only when an answer leads to them.

    In a theme the questions of an item (`part`) follow the theme's own, if that item is needed at all.
    """

    key: Key
    question: Short
    hint: Line | None = None
    answers: list[SituationAnswer]
    part: Key | None = None


class Part(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One item of a theme (一件事), by its code, in the version whose lines the theme repeats.

    `name`, `who` and `days` say what it is, which department does it, and in how many working days on its own.
    """

    key: Key
    item: Annotated[str, Meta(pattern=r"^[0-9A-Z]{6,33}$")]
    version: Annotated[int, Meta(ge=1, le=100_000)] | None = None
    name: Short | None = None
    who: Short | None = None
    days: Annotated[int, Meta(ge=0, le=400)] | None = None
