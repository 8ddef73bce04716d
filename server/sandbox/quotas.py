"""Call counters of a minute and of a day, in the sandbox's own time."""

from typing import NamedTuple

from server.sandbox.clock import Clock

__all__ = ["Quota", "Quotas"]

DAY = 86_400
SHANGHAI = 8 * 3_600


class Quota(NamedTuple):
    per_minute: int | None = None
    per_day: int | None = None


class Quotas:
    """Minutes and days are calendar ones of Shanghai, as WeChat resets them."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._used: dict[tuple[str, str, int], int] = {}

    def spend(self, name: str, quota: Quota) -> str | None:
        """Counts one call; says which limit (`minute`, `day`) forbids it, if one does."""
        now = self._clock.now() + SHANGHAI
        spans = (("minute", int(now // 60), quota.per_minute), ("day", int(now // DAY), quota.per_day))
        for span, number, limit in spans:
            if limit is not None and self._used.get((name, span, number), 0) >= limit:
                return span
        for span, number, limit in spans:
            if limit is not None:
                self._used[name, span, number] = self._used.get((name, span, number), 0) + 1
        self._forget_old(int(now // 60), int(now // DAY))
        return None

    def clear(self, name: str) -> None:
        self._used = {key: count for key, count in self._used.items() if key[0] != name}

    def used(self) -> dict[str, dict[str, int]]:
        """Name → span → calls in the present minute and day."""
        now = self._clock.now() + SHANGHAI
        present = {"minute": int(now // 60), "day": int(now // DAY)}
        shown: dict[str, dict[str, int]] = {}
        for (name, span, number), count in self._used.items():
            if number == present[span]:
                shown.setdefault(name, {})[span] = count
        return shown

    def _forget_old(self, minute: int, day: int) -> None:
        if len(self._used) > 10_000:  # only keeps a long run from growing
            present = {"minute": minute, "day": day}
            self._used = {key: count for key, count in self._used.items() if key[2] == present[key[1]]}
