"""Which templates carry which kind: a table, since each county has its own templates and the kinds are ours."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from server.features.push.service._templates import Template, templates

if TYPE_CHECKING:
    from server.features.push.service._kinds import Message

FILE = Path(__file__).resolve().parent.parent / "kinds.json"


class Ways(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Our names of the templates one kind may be told with.

    lasting     of the mini-program, agreed to once and for all; tried first
    once        of the mini-program, agreed to each time
    once_first  the one agreed to each time says more, and is tried before the lasting one
    service     of the service account, for whoever follows it
    """

    lasting: str | None = None
    once: str | None = None
    once_first: bool = False
    service: str | None = None

    @property
    def subscribe(self) -> tuple[str, ...]:
        """The mini-program's, in the order they are tried."""
        order = (self.once, self.lasting) if self.once_first else (self.lasting, self.once)
        return tuple(name for name in order if name is not None)

    @property
    def all(self) -> tuple[str, ...]:
        """Every template of the kind."""
        return self.subscribe + (() if self.service is None else (self.service,))


@cache
def table() -> dict[str, Ways]:
    """Give the ways of each kind that has a line. Raises ValueError for a table that cannot be used, saying where."""
    return read(FILE)


def read(file: Path) -> dict[str, Ways]:
    """Read and check a table. Raises ValueError, saying what is wrong and where."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, Ways])
    except msgspec.DecodeError as wrong:
        msg = f"{file.name}: {wrong}"
        raise ValueError(msg) from None
    for kind, ways in found.items():
        if wrong_with := _wrong_with(ways):
            msg = f"{file.name}: {kind}.{wrong_with}"
            raise ValueError(msg)
    return found


def _wrong_with(ways: Ways) -> str:
    for place, name in (("lasting", ways.lasting), ("once", ways.once), ("service", ways.service)):
        if name is None:
            continue
        template = templates().get(name)
        if template is None:
            return f"{place}: templates.json has no {name}"
        if _place(template) != place:
            return f"{place}: {name} is not such a template"
    return ""


def _place(template: Template) -> str:
    if template.account == "service":
        return "service"
    return "lasting" if template.long_term else "once"


def ways_of(kind: type[Message]) -> Ways:
    """Give the ways of a kind; without a line in the table it is the template the kind itself names."""
    if kind.template is None:
        return Ways()
    found = table().get(kind.kind)
    if found is not None:
        return found
    return msgspec.structs.replace(Ways(), **{_place(templates()[kind.template]): kind.template})


def subscribe_templates(kind: type[Message]) -> list[Template]:
    """Give the mini-program's templates of a kind, in the order they are tried."""
    return [templates()[name] for name in ways_of(kind).subscribe]
