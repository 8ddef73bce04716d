"""What is installed is pinned with hashes and comes from no particular address, so that any mirror serves."""

from __future__ import annotations

import json
import re

import pytest

from tests.house.tree import ROOT, all_files, named

LOCKED = ("runtime", "dev")
_PIN = re.compile(r"^([a-z0-9][a-z0-9.-]*)==\S+", re.MULTILINE)


def _names(text: str) -> set[str]:
    return {re.split(r"[<>=!~;\[ ]", line)[0].lower() for line in text.splitlines() if re.match(r"[a-zA-Z]", line)}


@pytest.mark.parametrize("name", LOCKED)
def test_every_package_is_pinned_with_hashes(name: str) -> None:
    text = (ROOT / "requirements" / f"{name}.txt").read_text("utf-8").replace("\\\n", " ")
    for line in text.splitlines():
        assert _PIN.match(line), line
        assert "--hash=sha256:" in line, line


@pytest.mark.parametrize("name", LOCKED)
def test_no_address_is_written_down(name: str) -> None:
    for suffix in ("in", "txt"):
        text = (ROOT / "requirements" / f"{name}.{suffix}").read_text("utf-8")
        assert not re.search(r"://|--(extra-)?index-url|--find-links|--trusted-host", text)


@pytest.mark.parametrize("name", LOCKED)
def test_the_pins_follow_what_was_asked(name: str) -> None:
    asked = _names((ROOT / "requirements" / f"{name}.in").read_text("utf-8"))
    pinned = _names((ROOT / "requirements" / f"{name}.txt").read_text("utf-8"))
    assert not asked - pinned, f"run make lock: {sorted(asked - pinned)}"


def test_both_lists_agree() -> None:
    """A package in both is the same version in both, or the second installation undoes the first."""
    pins = [
        dict(
            line.split("==", 1)
            for line in re.findall(
                r"^[a-z][^ ;]*==[^ ;\\]+", (ROOT / "requirements" / f"{name}.txt").read_text("utf-8"), re.MULTILINE
            )
        )
        for name in LOCKED
    ]
    assert not [name for name in pins[0].keys() & pins[1].keys() if pins[0][name] != pins[1][name]]


def test_npm_locks_hold_no_address() -> None:
    locks = [path for path in all_files() if path.name == "package-lock.json"]
    assert locks
    for path in locks:
        packages = json.loads(path.read_text("utf-8"))["packages"]
        held = [name for name, entry in packages.items() if "resolved" in entry and not entry.get("link")]
        loose = [
            name for name, entry in packages.items() if name and "integrity" not in entry and not entry.get("link")
        ]
        assert not held, f"{named(path)}: {held[:3]} (omit-lockfile-registry-resolved=true belongs in .npmrc)"
        assert not loose, f"{named(path)}: {loose[:3]} without integrity"


def test_npm_versions_are_exact() -> None:
    for path in all_files():
        if path.name == "package.json":
            tree = json.loads(path.read_text("utf-8"))
            for group in ("dependencies", "devDependencies", "overrides"):
                loose = [
                    f"{name}@{version}" for name, version in tree.get(group, {}).items() if not re.match(r"\d", version)
                ]
                assert not loose, f"{named(path)}: {loose}"
