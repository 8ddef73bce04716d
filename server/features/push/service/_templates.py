"""Which WeChat templates we may use: our name for each, its id, and which of its fields carries what."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from server.features.push.service._fields import KINDS, kind_of

FILE = Path(__file__).resolve().parent.parent / "templates.json"


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template of the mini-program. `fields` maps our name of a field to WeChat's key (`thing1`)."""

    id: str
    title: str
    long_term: bool
    fields: dict[str, str]


@cache
def templates() -> dict[str, Template]:
    """Give the templates by our names. Raises ValueError for a file that cannot be used, saying where."""
    return read(FILE)


def read(file: Path) -> dict[str, Template]:
    """Read and check a template file. Raises ValueError, saying what is wrong and where."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, Template])
    except msgspec.DecodeError as wrong:
        msg = f"{file.name}: {wrong}"
        raise ValueError(msg) from None
    ids = [template.id for template in found.values()]
    if len(set(ids)) != len(ids):
        msg = f"{file.name}: two templates have the same id"
        raise ValueError(msg)
    for name, template in found.items():
        for field, key in template.fields.items():
            if kind_of(key) not in KINDS:
                msg = f"{file.name}: {name}.{field}: WeChat has no field type {key}"
                raise ValueError(msg)
    return found


def template_of(template_id: str) -> Template | None:
    """Find a template by WeChat's id."""
    return next((one for one in templates().values() if one.id == template_id), None)
