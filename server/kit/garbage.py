"""How a process that runs for long looks for garbage."""

from __future__ import annotations

import gc

# Objects made, and rounds of the young and the middle-aged: what a request or a message leaves behind is rarely a
# circle.
_RARELY = (10_000, 20, 20)


def settle() -> None:
    """Call it once everything is loaded.

    What is there now stays: looking through it for garbage again and again would stop every request, and every message
    on its way, for a while.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_RARELY)
