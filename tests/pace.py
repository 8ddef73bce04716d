"""How fast this machine is just now: limits in seconds are set for a plain one and hold as they are on any faster."""

from __future__ import annotations

import time

# Processor seconds the loop below takes on the plain machine the limits of the tests are meant for: one that draws a
# certificate in 33 ms. What draws it in 17 takes 0.03, and what draws it in 61 takes 0.113.
_PLAIN = 0.06
_TURNS = 1_000_000


def slowness() -> float:
    """Give by how much a limit in seconds grows here: 1 on a plain machine and on all faster ones."""
    return max(1.0, min(_took() for _ in range(3)) / _PLAIN)


def _took() -> float:
    began, total = time.process_time(), 0
    for turn in range(_TURNS):
        total += turn * turn
    return time.process_time() - began
