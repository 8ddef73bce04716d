"""Counts for Prometheus, in its text format. Each web process counts for itself and says which one it is."""

from __future__ import annotations

import os
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
_EDGES = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

Measure = Callable[[], Awaitable[float]]


@dataclass(slots=True)
class _Histogram:
    buckets: list[int] = field(default_factory=lambda: [0] * (len(_EDGES) + 1))
    total: float = 0.0
    count: int = 0


_requests: dict[tuple[str, str, int], int] = defaultdict(int)
_seconds: dict[tuple[str, str], _Histogram] = defaultdict(_Histogram)
_gauges: dict[str, tuple[str, Measure]] = {}


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _requests[method, route, status] += 1
    histogram = _seconds[method, route]
    histogram.buckets[bisect_left(_EDGES, seconds)] += 1
    histogram.total += seconds
    histogram.count += 1


def gauge(name: str, says: str, measure: Measure) -> None:
    """Register a number that is measured when somebody looks (`outbox_depth`). Features do this in `routes`."""
    _gauges[name] = (says, measure)


async def exposition() -> str:
    """Write everything down in Prometheus' text format."""
    lines = [
        "# HELP onetrip_requests_total Answered requests.",
        "# TYPE onetrip_requests_total counter",
    ]
    process = f'process="{os.getpid()}"'
    for (method, route, status), number in sorted(_requests.items()):
        lines.append(
            f'onetrip_requests_total{{method="{method}",route="{route}",status="{status}",{process}}} {number}'
        )
    lines += [
        "# HELP onetrip_request_seconds Time from the request's head to its answer.",
        "# TYPE onetrip_request_seconds histogram",
    ]
    for (method, route), histogram in sorted(_seconds.items()):
        lines += _written(f'method="{method}",route="{route}",{process}', histogram)
    for name, (says, measure) in sorted(_gauges.items()):
        lines += [f"# HELP onetrip_{name} {says}", f"# TYPE onetrip_{name} gauge"]
        try:
            lines.append(f"onetrip_{name}{{{process}}} {await measure():g}")
        except Exception as error:  # noqa: BLE001 - what cannot be measured now must not hide the rest
            lines.append(f"# onetrip_{name} cannot be measured: {type(error).__name__}")
    return "\n".join(lines) + "\n"


def _written(labels: str, histogram: _Histogram) -> list[str]:
    lines = []
    below = 0
    for edge, number in zip((*map(str, _EDGES), "+Inf"), histogram.buckets, strict=True):
        below += number
        lines.append(f'onetrip_request_seconds_bucket{{{labels},le="{edge}"}} {below}')
    lines.append(f"onetrip_request_seconds_sum{{{labels}}} {histogram.total:.6f}")
    lines.append(f"onetrip_request_seconds_count{{{labels}}} {histogram.count}")
    return lines
