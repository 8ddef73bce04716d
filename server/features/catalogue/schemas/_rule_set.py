"""Rules by which an item is granted without a person deciding (秒批, notice rows 94 and 95)."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta, Struct

from server.features.catalogue.schemas._situation import Key, Line, Short

# What a rule may rest on: each is known from an office, none from what somebody has typed.
Fact = Literal[
    "identity",
    "age",
    "certificate",
    "certificate_says",
    "no_certificate",
    "granted",
    "not_granted",
    "answer",
]
Years = Annotated[int, Meta(ge=0, le=150)]


class Rule(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One condition that must hold, `name` in the words of whoever applies.

    `identity`: the register confirms name and number anew. `age`: in whole years, `least` to `most`, by the number.
    `certificate`, `no_certificate`: holds a valid one of a type, or none; `certificate_says`: its `line` begins with
    `begins`. `granted`, `not_granted`: the item of a code was granted to them in the last `months` (ever, if none is
    named), or was not. `answer`: what is answered to `field` is what a register or certificate says.
    """

    key: Key
    name: Short
    fact: Fact
    least: Years | None = None
    most: Years | None = None
    certificate_type: Key | None = None
    line: Key | None = None
    begins: Short | None = None
    item: Short | None = None
    months: Annotated[int, Meta(ge=1, le=600)] | None = None
    field: Key | None = None


class RuleSet(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """All rules hold: granted at once. `look_percent` of a hundred are looked at by a person within `look_days`.

    `name` stands on the notice, `basis` is the document that allows it; days are working days.
    """

    name: Short
    basis: Line
    look_percent: Annotated[int, Meta(ge=0, le=100)]
    look_days: Annotated[int, Meta(ge=1, le=60)]
    rules: Annotated[list[Rule], Meta(min_length=1, max_length=20)]
