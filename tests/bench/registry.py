"""What a row of the benchmark is, and which there are."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Ours and the limit, measured in one run on this machine and as durable as each other, in the same unit.

    `more` holds what else the row promises (p99 in ms, oversold, bytes); it is printed after the ratio.
    """

    ours: float
    limit: float
    unit: str
    more: dict[str, float | int | str] = field(default_factory=dict)


Measure = Callable[[], Coroutine[Any, Any, Figure]]
ROWS: dict[str, Measure] = {}


def row(name: str) -> Callable[[Measure], Measure]:
    """Register a measurement under its name in the table of measures."""

    def register(measure: Measure) -> Measure:
        if name in ROWS:
            raise ValueError(f"two rows are called {name}")
        ROWS[name] = measure
        return measure

    return register
