"""Two versions of a guide side by side, place by place."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec

from server.features.catalogue.schemas import Difference, GuideContent

# By what the lines of a list are told apart; lines of other lists are told apart by all they say.
_NAMED = ("key", "value", "name", "question", "law")
_TITLES = ("name", "label", "question", "law")


def compare(before: GuideContent, after: GuideContent) -> list[Difference]:
    """List every place where two versions differ, in the guide's order."""
    return list(_differ((), msgspec.to_builtins(before), msgspec.to_builtins(after)))


def _differ(path: tuple[str, ...], before: Any, after: Any) -> Iterator[Difference]:  # noqa: ANN401 - any JSON
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        for name in dict.fromkeys((*before, *after)):
            yield from _differ((*path, name), before.get(name), after.get(name))
        return
    if isinstance(before, list) and isinstance(after, list) and any(isinstance(one, dict) for one in (*before, *after)):
        old, new = _by_name(before), _by_name(after)
        for name in dict.fromkeys((*old, *new)):
            yield from _differ((*path, _title(new.get(name) or old[name])), old.get(name), new.get(name))
        if list(old) != list(new) and sorted(old) == sorted(new):
            yield Difference(path=(*path, "order"), before=[*map(_title, before)], after=[*map(_title, after)])
        return
    yield Difference(path=path, before=before, after=after)


def _title(line: dict[str, Any]) -> str:
    return next((str(line[key]) for key in _TITLES if line.get(key)), "")


def _by_name(lines: list[dict[str, Any]]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in lines:
        name = next((str(line[key]) for key in _NAMED if line.get(key)), "")
        times = sum(1 for known in found if known == name or known.startswith(f"{name} ("))
        found[f"{name} ({times + 1})" if times else name] = line
    return found
