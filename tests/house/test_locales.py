"""No text for people in code: it lives in `locales/`, complete in every language."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tests.house.tree import ROOT, files, named, strings, syntax

SOURCE = "zh-CN"
_PLACEHOLDER = re.compile(r"\{(\w+)\}")
_CHINESE = re.compile(r"[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")
_CHINESE_MARK = re.compile(r"[\u3001-\u303f\uff01-\uff60]")
_RANGE = re.compile(rf"{_CHINESE.pattern}-{_CHINESE.pattern}")
# Data and doubles of Chinese systems are Chinese; so are tests about them, and the page shown before any script runs.
_MAY_BE_CHINESE = (
    "server/sample/",
    "server/sandbox/",
    "tests/",
    "miniprogram/tests/",
    "miniprogram/scripts/",
    "miniprogram/index.html",
)
# An English word in a Chinese text must be one that Chinese people read: names, formats, units.
_READ_IN_CHINESE = {
    "WECHAT", "APP", "PDF", "JPG", "JPEG", "PNG", "WEBP", "HEIC", "OFD", "QR", "ID", "SMS", "MB", "KB", "GB", "ENGLISH",
    "EN", "IC", "ONETRIP", "TOTP", "API", "CSV", "XLSX", "HTTPS", "NFC", "H5", "IP", "IDEMPOTENCY", "KEY", "JSON",
    "UTF",
}  # fmt: skip

# Stand between two texts, so a space at an edge is theirs.
_JOINTS = {"common.colon", "common.comma"}


def _languages() -> list[str]:
    return sorted(path.stem for path in (ROOT / "locales").glob("*.json"))


@cache
def _texts(language: str) -> dict[str, str]:
    def flat(tree: dict[str, object], prefix: str) -> Iterator[tuple[str, str]]:
        for name, value in tree.items():
            if isinstance(value, dict):
                yield from flat(value, f"{prefix}{name}.")
            else:
                assert isinstance(value, str), f"{prefix}{name} is not a text"
                yield prefix + name, value

    return dict(flat(json.loads((ROOT / "locales" / f"{language}.json").read_text("utf-8")), ""))


def test_there_are_two_languages_at_least() -> None:
    assert {SOURCE, "en"} <= set(_languages())


def test_every_language_has_the_same_keys() -> None:
    for language in _languages():
        ours, source = set(_texts(language)), set(_texts(SOURCE))
        assert not source - ours, f"{language} lacks {sorted(source - ours)}"
        assert not ours - source, f"{SOURCE} lacks {sorted(ours - source)}"


def test_placeholders_are_the_same() -> None:
    found = [
        f"{language} {key}: {text!r} against {_texts(SOURCE)[key]!r}"
        for language in _languages()
        for key, text in _texts(language).items()
        if set(_PLACEHOLDER.findall(text)) != set(_PLACEHOLDER.findall(_texts(SOURCE).get(key, "")))
    ]
    assert not found, "\n".join(found)


def test_no_text_is_empty_or_frayed() -> None:
    found = [
        f"{lang} {key}: {text!r}"
        for lang in _languages()
        for key, text in _texts(lang).items()
        if not text or (text != text.strip() and key not in _JOINTS)
    ]
    assert not found, "\n".join(found)


def test_chinese_texts_are_chinese() -> None:
    found = []
    for key, text in _texts(SOURCE).items():
        bare = _PLACEHOLDER.sub("", text)
        strange = [word for word in re.findall(r"[A-Za-z]{2,}", bare) if word.upper() not in _READ_IN_CHINESE]
        if strange or (
            re.search(r"[A-Za-z]", bare) is None and not _CHINESE.search(bare) and re.search(r"\w{4,}", bare)
        ):
            found.append(f"{key}: {text}")
    assert not found, "\n".join(found)


# The name of the other language, and what WeChat's templates take in Chinese only.
_CHINESE_IN_ENGLISH = re.compile(r"home\.language|identity\.me\.chinese|push\..+\.fields\..+")


def test_english_texts_are_english() -> None:
    found = [
        f"{key}: {text}"
        for key, text in _texts("en").items()
        if _CHINESE.search(text) and not _CHINESE_IN_ENGLISH.fullmatch(key)
    ]
    assert not found, "\n".join(found)


def test_keys_are_sorted() -> None:
    """Two people adding a text then rarely meet in the same line."""
    for language in _languages():
        path = ROOT / "locales" / f"{language}.json"
        tree = json.loads(path.read_text("utf-8"))
        assert path.read_text("utf-8") == json.dumps(tree, ensure_ascii=False, indent=2, sort_keys=True) + "\n", (
            language
        )


def _raised_codes() -> Iterator[tuple[str, str]]:
    """Give where and which, for each literal code given to one of our errors or to a wrong field."""
    kinds = {node.name for node in syntax(ROOT / "server" / "errors.py").body if isinstance(node, ast.ClassDef)}
    for path in files(".py", under="server"):
        if path.is_relative_to(ROOT / "server" / "sandbox"):
            continue
        for node in ast.walk(syntax(path)):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in kinds:
                continue
            position, prefix = (1, "errors.field.") if name == "FieldError" else (0, "errors.")
            given = [kw.value for kw in node.keywords if kw.arg == "code"]
            given += node.args[position : position + 1]
            for value in given:
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    yield f"{named(path)}:{node.lineno}", prefix + value.value


def test_every_error_code_has_a_text() -> None:
    found = sorted({f"{where}: {key}" for where, key in _raised_codes() if key not in _texts(SOURCE)})
    assert not found, "\n".join(found)
    assert any(_raised_codes()), "the scan finds nothing any more"


def test_no_error_text_is_left_over() -> None:
    code = "\n".join(
        path.read_text("utf-8") for path in files(".py", ".ts", ".vue") if not named(path).startswith("tests/")
    )
    words = set(re.findall(r"[a-z][a-z0-9_]+", code))
    found = [key for key in _texts(SOURCE) if key.startswith("errors.") and key.rsplit(".", 1)[1] not in words]
    assert not found, f"no code says this any more: {found}"


_READ_BY_NUMBER = re.compile(r"identity\.privacy\.p[0-9]+")


def test_no_text_is_left_over() -> None:
    """A text is named where it is shown, whole or by how its key begins; errors and messages have their own tests."""
    code = "\n".join(
        path.read_text("utf-8")
        for path in files(".py", ".html", ".js", ".ts", ".vue", ".json")
        if named(path).startswith(("server/", "miniprogram/src/")) and ".min." not in path.name
    )
    said = set(re.findall(r"""["'`]([a-z0-9_]+(?:\.[a-zA-Z0-9_-]+)*\.?)""", code))
    left = [
        key
        for key in _texts(SOURCE)
        if not key.startswith(("errors.", "push.")) and not _READ_BY_NUMBER.fullmatch(key) and not _named(key, said)
    ]
    assert not left, f"nothing shows these any more: {left}"
    assert not re.findall(r"t\(`[a-z_]+\.\$\{", code), "a key put together has two words to find it by"


def _named(key: str, said: set[str]) -> bool:
    parts = key.split(".")
    beginnings = [".".join(parts[:length]) for length in range(2, len(parts) + 1)]
    return any(one in said or f"{one}." in said for one in beginnings)


def _spoken(path: Path) -> str:
    """Give what a source file says. Comments are left out, for they may quote a law, and ranges of characters."""
    if path.suffix == ".py":
        return _RANGE.sub("", "\n".join(value for _, value in strings(path)))
    text = re.sub(r"<!--.*?-->|/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    return _RANGE.sub("", re.sub(r"(^|\s)//.*", "", text))


def test_no_chinese_in_code() -> None:
    found = [
        f"{named(path)}: {hit[0]}"
        for path in files(".py", ".ts", ".vue", ".js", ".html")
        if not named(path).startswith(_MAY_BE_CHINESE) and (hit := _CHINESE.search(_spoken(path)))
    ]
    assert not found, "\n".join(found)


def test_no_chinese_marks_on_pages() -> None:
    # A mark between two texts is a text too: `common.colon` knows which colon its language has.
    pages = [path for path in files(".vue", ".html") if not named(path).startswith(_MAY_BE_CHINESE)]
    found = [f"{named(path)}: {hit[0]}" for path in pages if (hit := _CHINESE_MARK.search(_spoken(path)))]
    assert not found, "\n".join(found)
    assert pages, "the scan finds nothing any more"
