"""How a guide is spoken of at the desk: its places by name, and what stands in them."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from server.errors import FieldError
from server.features.catalogue.service import Difference
from server.kit import texts
from server.kit.spoken import told

_INTO = " \N{SINGLE RIGHT-POINTING ANGLE QUOTATION MARK} "


class Words:
    """Names places and values of a guide in a reader's language."""

    def __init__(self, locale: str) -> None:
        self._locale = locale

    def place(self, name: str) -> str:
        """Name one place; what is not a place of the shape is itself somebody's word, a material's name for one."""
        return texts.find(self._locale, f"console.guides.field.{name}") or name

    def path(self, path: Sequence[str]) -> str:
        """Name where something stands, from the outside in. A number is the place in a list, counted from one."""
        parts = [
            texts.text(self._locale, "console.guides.line", n=int(part) + 1) if part.isdigit() else self.place(part)
            for part in path
            if part
        ]
        return _INTO.join(parts)

    def fault(self, fault: FieldError) -> str:
        """Say what is wrong."""
        return told(self._locale, f"errors.field.{fault.code}", fault.params)

    def option(self, name: str, value: str) -> str:
        """Name one of the answers a place allows."""
        for key in (f"console.guides.option.{name}.{value}", f"console.guides.option.{value}"):
            if found := texts.find(self._locale, key):
                return found
        return value

    def value(self, name: str, value: object) -> str:
        """Say what stands in a place, a line of a list a line; nothing for what is empty."""
        if value is None or value in ([], ""):
            return ""
        if isinstance(value, bool):
            return texts.text(self._locale, "console.guides.yes" if value else "console.guides.no")
        if isinstance(value, list):
            return "\n".join(self.value(name, one) for one in value)
        if isinstance(value, dict):
            told = (
                (self.place(key), self.value(key, one)) for key, one in value.items() if key not in ("key", "value")
            )
            colon = texts.text(self._locale, "common.colon")
            return "\n".join(f"{label}{colon}{said}" for label, said in told if said)
        if name.endswith("_fen") and isinstance(value, int):
            return f"{Decimal(value) / 100:.2f}"
        return self.option(name, str(value))

    def line(self, element: str, line: str) -> str:
        """Say one line of an element that is laid beside a standard."""
        word, mark, rest = line.partition(":")
        if mark and element in ("materials", "days"):
            said = texts.text(self._locale, f"console.standards.word.{word}")
            return f"{rest} ({said})" if element == "materials" else f"{said} {rest}"
        return texts.find(self._locale, f"console.standards.word.{line}") or self.option(element, line)

    def difference(self, one: Difference) -> tuple[str, str, str]:
        """Say one difference: (where, before, after)."""
        name = next((part for part in reversed(one.path) if self.place(part) != part), "")
        return self.path(one.path), self.value(name, one.before), self.value(name, one.after)
