"""Kills at every statement of a deed, and what must be true after each. Shared by a short test and a long proof."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from tests.smoke.processes import ROOT, Place

VICTIMS = ("process", "database")


@dataclass(slots=True)
class Mortals:
    """The process that does deeds in processes of their own."""

    process: subprocess.Popen[str]

    def ask(self, **wish: Any) -> dict[str, Any]:
        """Have one wish done."""
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(json.dumps(wish) + "\n")
        self.process.stdin.flush()
        told: dict[str, Any] = json.loads(self.process.stdout.readline())
        assert "failed" not in told, (wish, told)
        return told

    def undisturbed(self, deed: str) -> tuple[int, Any]:
        """Do a deed to its end: how many statements it takes, and what there is afterwards."""
        told = self.ask(how="die", deed=deed, at=None, victim="process")
        return told["statements"], told["after"]

    def sent(self, deed: str) -> list[str]:
        """Do a deed to its end: the statements it takes, in order."""
        told: list[str] = self.ask(how="die", deed=deed, at=None, victim="process")["sent"]
        return told

    def left(self, deed: str, at: int, victim: str) -> dict[str, dict[str, int]]:
        """Kill before a statement: what is there afterwards, before anybody does it again."""
        died = self.ask(how="die", deed=deed, at=at, victim=victim)
        found: dict[str, dict[str, int]] = self.ask(how="mend", deed=deed, scene=died["scene"])["found"]
        return found

    def cut(self, deed: str, at: int, victim: str, whole: Any) -> list[str]:  # noqa: ANN401 - JSON
        """Kill before a statement, and hold what is left and what comes of doing it again against the undisturbed."""
        where = f"{deed}, {victim} killed before statement {at}"
        died = self.ask(how="die", deed=deed, at=at, victim=victim)
        told = self.ask(how="mend", deed=deed, scene=died["scene"])
        faults = [f"{where}: {fault}" for fault in (*told["faults"], *told["still"])]
        if died["signal"] == 0 and victim == "process":
            faults.append(f"{where}: it did not die")
        if told["after"] != whole:
            faults.append(f"{where}: done again, there is {told['after']}, should be {whole}")
        if told["said"] == "an old answer" and told["found"] != whole:
            faults.append(f"{where}: an answer is kept of what was not done")
        return faults


@contextlib.contextmanager
def mortals(here: Place) -> Iterator[Mortals]:
    """Start it; its children are ended with it."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.server.rude.dying"], cwd=ROOT, env=here.environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE,
    )  # fmt: skip
    try:
        yield Mortals(process)
    finally:
        process.kill()
        process.communicate()
