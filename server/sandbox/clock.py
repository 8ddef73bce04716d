"""The sandbox's own time, so that five minutes or thirty days pass in a test at once."""

import time
from collections.abc import Callable

__all__ = ["Clock"]


class Clock:
    """Unix seconds. `now` can be moved, `wall` cannot: an authenticator app follows the wall."""

    def __init__(self, source: Callable[[], float] = time.time) -> None:
        self._source = source
        self.offset = 0.0

    def now(self) -> float:
        return self._source() + self.offset

    def wall(self) -> float:
        return self._source()

    def advance(self, seconds: float) -> None:
        self.offset += seconds
