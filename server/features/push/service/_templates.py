"""Which WeChat templates we may use: our name for each, its id, and which of its fields carries what."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from server.features.push.service._fields import KINDS, kind_of
from server.features.push.service._shorten import Rule

FILE = Path(__file__).resolve().parent.parent / "templates.json"
# The only type that may be shortened at all: the others say something exact, or nothing.
_FREE = "thing"


class Template(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One template of the mini-program or of the service account.

    `fields` maps our name of a field to WeChat's key (`thing1`); `shorten` says for each `thing` what happens to a text
    that is too long.
    """

    id: str
    title: str
    long_term: bool
    fields: dict[str, str]
    shorten: dict[str, Rule] = {}
    account: Literal["mini", "service"] = "mini"


_files = [FILE]


@cache
def _read_once(file: Path) -> dict[str, Template]:
    return read(file)


def templates() -> dict[str, Template]:
    """Give the templates by our names. Raises ValueError for a file that cannot be used, saying where."""
    return _read_once(_files[-1])


def use_templates(file: Path) -> None:
    """Take the templates of an operator's own accounts. Raises ValueError, saying what is wrong and where."""
    if missing := sorted(set(read(FILE)) - set(_read_once(file))):
        msg = f"{file.name}: lacks {', '.join(missing)}"
        raise ValueError(msg)
    _files[-1] = file


def differences(ours: Template, theirs: Mapping[str, str] | None) -> str:
    """Say what an account's own list has against one of ours; `theirs` are its fields, None if it has no such id."""
    if theirs is None:
        return "the account has no template of this id"
    if strange := sorted(set(ours.fields.values()) - set(theirs)):
        return f"the account's has no {', '.join(strange)}"
    # A field that nobody fills makes WeChat refuse every message (47003).
    if empty := sorted(set(theirs) - set(ours.fields.values())):
        return f"nothing fills the account's {', '.join(empty)}"
    return ""


def read(file: Path) -> dict[str, Template]:
    """Read and check a template file. Raises ValueError, saying what is wrong and where."""
    try:
        found = msgspec.json.decode(file.read_bytes(), type=dict[str, Template])
    except OSError as wrong:
        msg = f"{file}: {wrong.strerror}"
        raise ValueError(msg) from None
    except msgspec.DecodeError as wrong:
        msg = f"{file.name}: {wrong}"
        raise ValueError(msg) from None
    ids = [template.id for template in found.values()]
    if len(set(ids)) != len(ids):
        msg = f"{file.name}: two templates have the same id"
        raise ValueError(msg)
    for name, template in found.items():
        if wrong_with := _wrong_with(template):
            msg = f"{file.name}: {name}.{wrong_with}"
            raise ValueError(msg)
    return found


def _wrong_with(template: Template) -> str:
    for field, key in template.fields.items():
        if kind_of(key) not in KINDS:
            return f"{field}: WeChat has no field type {key}"
        if kind_of(key) == _FREE and field not in template.shorten:
            return f"{field}: `shorten` must say what happens to a text that is too long"
    for field in template.shorten:
        if kind_of(template.fields.get(field, "")) != _FREE:
            return f"{field}: only a thing can be shortened"
    if template.account == "service" and template.long_term:
        return "long_term: only the mini-program's templates are agreed to"
    return ""


def template_of(template_id: str) -> Template | None:
    """Find a template by WeChat's id."""
    return next((one for one in templates().values() if one.id == template_id), None)


def name_of(template_id: str) -> str | None:
    """Give our name of a template by WeChat's id."""
    return next((name for name, one in templates().items() if one.id == template_id), None)
