"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct

from server.features.ratings.models import Level

Token = Annotated[str, Meta(min_length=1, max_length=64)]


class FormQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token of the scanned QR."""

    token: Token


class TagOut(Struct, kw_only=True):
    """A national reason tag; `shown` ones are seen at once, the rest on demand."""

    code: str
    text: str
    shown: bool


class LevelOut(Struct, kw_only=True):
    """One of the five levels with its tags."""

    level: Level
    stars: int
    text: str
    tags: list[TagOut]


class FormOut(Struct, kw_only=True):
    """The rating page. Nothing is chosen beforehand; `given` is what was given, if it was."""

    title: str
    subject: str
    subject_text: str
    department: str
    levels: list[LevelOut]
    given: Level | None
    longest_words: int


class RateIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """One rating."""

    token: Token
    level: Level
    tags: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(max_length=8)] = []
    words: Annotated[str, Meta(max_length=150)] = ""


class RectificationOut(Struct, kw_only=True):
    """What the rater may expect."""

    due_on: date


class RatingOut(Struct, kw_only=True):
    """The rating as it was taken."""

    id: UUID
    level: Level
    rectification: RectificationOut | None


class RatingRef(Struct, kw_only=True):
    """The rating of a thread: where it can be given, or that it was."""

    token: str | None
    given: bool
    subject: str


class DeskRectification(Struct, kw_only=True):
    """A rectification: what was said, not who said it. `number` would name the rater to the officer concerned.

    So only those who verify see it, and of the moment everybody sees the day alone.
    """

    id: UUID
    number: str | None
    item: str
    department: str
    level: Level
    level_text: str
    tags: list[str]
    words: str | None
    rated_on: date
    due_on: date
    days_left: int
    light: str
    state: str
    state_text: str
