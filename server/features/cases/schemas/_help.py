"""A call for help while an application is being written: what comes in, and what an agent sees of it."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Path = Annotated[str, Meta(max_length=120, pattern=r"^[a-z0-9_.]+$")]
Code = Annotated[str, Meta(max_length=40, pattern=r"^[a-z_]+$")]


class HelpIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """On which page somebody is, and what is told to them there: codes by place, never what they wrote."""

    step: Literal["form", "papers", "confirm"]
    faults: Annotated[dict[Path, Code], Meta(max_length=60)] = {}


class HelpOut(Struct, kw_only=True):
    """The number to read out, and until when it opens. `joined` once an agent looks along; `phone` is whom to call."""

    code: str
    until: datetime
    joined: bool
    phone: str


class HelpLine(Struct, kw_only=True):
    """One question or paper as an agent sees it: what is asked and whether there is an answer, not the answer.

    `state`: `answered`, `open`, `filled` (from a register), `exempt` or `window` (shown there on paper); `fault` is the
    code of what is told there.
    """

    label: str
    kind: str
    required: bool
    hint: str | None
    state: str
    fault: str | None


class HelpView(Struct, kw_only=True):
    """The page somebody asks for help with. Nothing in it says who they are or what they wrote."""

    id: UUID
    code: str
    item: str
    step: str
    since: datetime
    seen_at: datetime
    questions: list[HelpLine]
    papers: list[HelpLine]
