"""What a kind still lacks before it can be sent: texts, fields that nothing fills, values no field takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, get_type_hints

from server.features.push.service._fields import FieldError, fit, kind_of
from server.features.push.service._kinds import Message, kinds, params
from server.features.push.service._templates import templates
from server.features.push.service._ways import table, ways_of
from server.kit import texts

_HOLE = re.compile(r"\{(\w+)\}")
# What a parameter may be to fill a field; a `thing` takes anything.
_TAKES: dict[str, tuple[type, ...]] = {
    "time": (datetime,),
    "date": (datetime, date),
    "number": (int,),
    "amount": (str, int),
    "character_string": (str, int),
    "phrase": (str,),
    "letter": (str,),
    "name": (str,),
}


def incomplete() -> list[str]:
    """List what is missing or cannot work, of every kind and of the table of templates."""
    found = [line for kind in kinds().values() for line in (*_texts(kind), *_fields(kind))]
    return found + [f"kinds.json: nobody says {name}" for name in table() if name not in kinds()]


def _texts(kind: type[Message]) -> list[str]:
    missing = []
    for key in (f"push.{kind.kind}.title", f"push.{kind.kind}.body", *dict.fromkeys(map(_key(kind), _unmapped(kind)))):
        found = texts.find(texts.SOURCE, key)
        if found is None:
            missing.append(key)
        elif strange := set(_HOLE.findall(found)) - params(kind):
            missing.append(f"{key}: {kind.__qualname__} has no {', '.join(sorted(strange))}")
    return missing


def _fields(kind: type[Message]) -> list[str]:
    """Check what can be known before anything is said: types of parameters, and texts without any."""
    wrong, types = [], _types(kind)
    for name in _templates(kind):
        template = templates()[name]
        for field, key in template.fields.items():
            source = kind.fields.get(field)
            if source is not None:
                wrong += [f"{kind.kind}: {one} cannot fill {name}.{field}" for one in _misfits(source, key, types)]
                continue
            said = texts.find(texts.SOURCE, _key(kind)(field))
            if said and not _HOLE.search(said) and not _fits(key, said):
                wrong.append(f"{_key(kind)(field)}: {name}.{field} does not take it")
    return wrong


def _misfits(source: str, key: str, types: dict[str, Any]) -> list[str]:
    takes = _TAKES.get(kind_of(key))
    if takes is None:
        return []
    return [part for part in source.split("~") if isinstance(types.get(part), type) and not _is(types[part], takes)]


def _is(told: type, takes: tuple[type, ...]) -> bool:
    return told is object or any(issubclass(told, one) for one in takes)


def _fits(key: str, said: str) -> bool:
    try:
        fit(key, said)
    except FieldError:
        return False
    return True


def _types(kind: type[Message]) -> dict[str, Any]:
    return {name: told for name, told in get_type_hints(kind).items() if name in params(kind)}


def _templates(kind: type[Message]) -> tuple[str, ...]:
    own = () if kind.template is None else (kind.template,)
    return tuple(dict.fromkeys((*own, *ways_of(kind).all)))


def _unmapped(kind: type[Message]) -> list[str]:
    return [field for name in _templates(kind) for field in templates()[name].fields if field not in kind.fields]


def _key(kind: type[Message]) -> Callable[[str], str]:
    return lambda field: f"push.{kind.kind}.fields.{field}"
