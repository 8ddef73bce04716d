"""Situations (情形): questions whose answers select the materials."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

Short = Annotated[str, Meta(min_length=1, max_length=100)]
Line = Annotated[str, Meta(min_length=1, max_length=500)]
Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class SituationAnswer(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One answer. It adds `materials`, and `then` names the next question; `stop` says why it is not done here."""

    value: Key
    label: Short
    materials: list[Key] = []
    then: Key | None = None
    stop: Line | None = None


class Situation(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One question. The first of a guide is asked first; the others only when an answer leads to them."""

    key: Key
    question: Short
    hint: Line | None = None
    answers: list[SituationAnswer]
