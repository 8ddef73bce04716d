"""`python -m tests.bench [row ...]`: measure ours beside the limit, one JSON line a row.

Each module of this folder registers its rows with `@row("name")`. A row that breaks says so in its line and the others
go on; figures never decide the exit code, only a row that broke or is unknown does.
"""

from __future__ import annotations

import asyncio
import importlib
import json
import sys
import traceback
from pathlib import Path

from tests.bench.registry import ROWS, Measure


def _gather() -> None:
    for path in sorted(Path(__file__).parent.glob("*.py")):
        if path.stem not in {"__init__", "__main__", "registry"}:
            importlib.import_module(f"tests.bench.{path.stem}")


def _line(name: str, measure: Measure) -> dict[str, object]:
    figure = asyncio.run(measure())
    ratio = figure.ours / figure.limit if figure.limit else 0.0
    return {
        "name": name,
        "ours": round(figure.ours, 3),
        "limit": round(figure.limit, 3),
        "ratio": round(ratio, 3),
        "unit": figure.unit,
        **figure.more,
    }


def main(wanted: list[str]) -> int:
    _gather()
    unknown = [name for name in wanted if name not in ROWS]
    if unknown:
        print(
            f"bench: no row is called {', '.join(unknown)}; there are {', '.join(sorted(ROWS)) or 'none'}",
            file=sys.stderr,
        )
        return 2
    broken = 0
    for name in wanted or sorted(ROWS):
        try:
            print(json.dumps(_line(name, ROWS[name])), flush=True)
        except Exception as error:  # noqa: BLE001 - the other rows are still wanted
            traceback.print_exc()
            print(json.dumps({"name": name, "error": repr(error)}), flush=True)
            broken = 1
    return broken


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
