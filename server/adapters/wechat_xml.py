"""The little XML WeChat writes: elements and text. Whatever else XML can do is refused, for it can do harm."""

from __future__ import annotations

from typing import Any
from xml.parsers import expat

_DEEPEST = 8
_MOST_ELEMENTS = 1000


class XmlError(ValueError):
    """It is not such XML. Says nothing of the content."""


def read_xml(body: bytes) -> dict[str, Any]:
    """Read `<xml>…</xml>` into names and values; a name that comes again becomes a list. Raises XmlError."""
    builder = _Builder()
    parser = expat.ParserCreate("utf-8", None)
    parser.buffer_text = True
    parser.StartElementHandler = builder.start
    parser.EndElementHandler = builder.end
    parser.CharacterDataHandler = builder.text
    # Without a document type there are no entities but the five harmless ones: no bombs, no files, no addresses.
    parser.StartDoctypeDeclHandler = builder.refuse
    parser.ProcessingInstructionHandler = builder.refuse
    failed = False
    try:
        parser.Parse(body, True)  # noqa: FBT003 - expat takes no name for it
    except (expat.ExpatError, UnicodeError, ValueError):
        failed = True
    root = builder.root
    if failed or not isinstance(root, dict):
        raise XmlError
    return root


class _Builder:
    def __init__(self) -> None:
        self.root: dict[str, Any] | str | None = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._seen = 0

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self._seen += 1
        if attributes or self._seen > _MOST_ELEMENTS or len(self._open) >= _DEEPEST:
            raise XmlError
        self._open.append((name, {}, []))

    def end(self, _name: str) -> None:
        name, inside, words = self._open.pop()
        value: dict[str, Any] | str = inside or "".join(words)
        if not self._open:
            self.root = value
            return
        around = self._open[-1][1]
        if name not in around:
            around[name] = value
        elif isinstance(around[name], list):
            around[name].append(value)
        else:
            around[name] = [around[name], value]

    def text(self, words: str) -> None:
        if self._open:
            self._open[-1][2].append(words)

    def refuse(self, *_: object) -> None:
        raise XmlError
