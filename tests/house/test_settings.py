"""Every setting is in `.env.example`, with its default and what it is for; and nothing else is there."""

from __future__ import annotations

import re

from server.config import Settings
from tests.house.tree import ROOT, files, named


def example() -> str:
    lines = [
        "# Every setting, with its default. Copy to .env and take the # off what you change; the environment wins."
    ]
    for setting in Settings.listed():
        lines += ["", f"# {setting.help}", f"#{setting.name}={setting.default}"]
    return "\n".join(lines) + "\n"


def test_the_example_lists_every_setting() -> None:
    assert (ROOT / ".env.example").read_text("utf-8") == example()


def test_the_environment_is_read_in_one_place() -> None:
    """`os.environ` belongs to `server/config.py`; starting a process with it whole is no reading."""
    reading = re.compile(r"os\.getenv|os\.environ(\.get|\[)|from os import (environ|getenv)")
    found = [
        named(path)
        for path in files(".py", under="server")
        if reading.search(path.read_text("utf-8")) and named(path) != "server/config.py" and "sandbox" not in path.parts
    ]
    assert not found
