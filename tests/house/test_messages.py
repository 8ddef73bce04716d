"""Every kind of message is complete: template and its fields, a page that exists, texts in every language."""

from __future__ import annotations

import importlib
import json
import re

import pytest

from server.features.push import service as push
from server.kit import texts
from tests.house.tree import FEATURES, ROOT


@pytest.fixture(scope="module")
def kinds() -> dict[str, type[push.Message]]:
    for path in sorted(FEATURES.glob("*/messages.py")):
        importlib.import_module(f"server.features.{path.parent.name}.messages")
    return push.kinds()


def _pages() -> set[str]:
    """Read the phone's pages, comments of its JSON left out."""
    text = re.sub(
        r"^\s*//.*$", "", (ROOT / "miniprogram" / "src" / "pages.json").read_text("utf-8"), flags=re.MULTILINE
    )
    tree = json.loads(text)
    pages = {page["path"] for page in tree["pages"]}
    packages = tree.get("subPackages", tree.get("subpackages", []))
    return pages | {f"{package['root']}/{page['path']}" for package in packages for page in package["pages"]}


def test_there_are_kinds(kinds: dict[str, type[push.Message]]) -> None:
    assert len(kinds) > 5


def test_a_kind_belongs_to_the_feature_that_speaks_it(kinds: dict[str, type[push.Message]]) -> None:
    odd = [name for name, kind in kinds.items() if name.split(".")[0] != kind.__module__.split(".")[2]]
    assert not odd


def test_every_kind_has_its_texts(kinds: dict[str, type[push.Message]]) -> None:
    assert not push.incomplete()
    missing = [
        f"{locale} push.{name}.{part}"
        for name in kinds
        for part in ("title", "body")
        for locale in texts.available()
        if f"push.{name}.{part}" not in _known(locale)
    ]
    assert not missing


def _known(locale: str) -> set[str]:
    def keys(tree: dict[str, object], prefix: str) -> set[str]:
        found = set()
        for name, value in tree.items():
            found |= keys(value, f"{prefix}{name}.") if isinstance(value, dict) else {prefix + name}
        return found

    return keys(json.loads((texts.LOCALES / f"{locale}.json").read_text("utf-8")), "")


def test_every_template_field_is_filled(kinds: dict[str, type[push.Message]]) -> None:
    """By a parameter of the kind, or by a text of its own."""
    empty = [
        f"{name}: {field}"
        for name, kind in kinds.items()
        if kind.template
        for field in push.templates()[kind.template].fields
        if field not in kind.fields and texts.find(texts.SOURCE, f"push.{name}.fields.{field}") is None
    ]
    assert not empty


def test_every_page_exists(kinds: dict[str, type[push.Message]]) -> None:
    pages = _pages()
    lost = {name: kind.page for name, kind in kinds.items() if kind.page.partition("?")[0].lstrip("/") not in pages}
    assert not lost
