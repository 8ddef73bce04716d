"""Stops a channel that does not answer, and tries it gently until it does."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import datetime, timedelta

from server.features.push.models import Channel
from server.features.push.service import _claim as outbox
from server.kit import clock

MOST_IN_A_ROW = 20
# Or half of the last so many: a channel may fail often without failing always.
WINDOW = 50
PROBE_EVERY = timedelta(seconds=10)


class Streak:
    """How the last sends of a process went, from round to round: few at a time fail as surely as many at once."""

    def __init__(self) -> None:
        self._in_a_row = 0
        self._last: deque[bool] = deque(maxlen=WINDOW)

    @property
    def bad(self) -> bool:
        """Say whether so much has failed that the channel is better left alone."""
        half = len(self._last) == WINDOW and self._last.count(False) * 2 >= WINDOW
        return half or self._in_a_row >= MOST_IN_A_ROW

    def note(self, *, worked: bool) -> None:
        """Count one more."""
        self._in_a_row = 0 if worked else self._in_a_row + 1
        self._last.append(worked)

    def begin_anew(self) -> None:
        """Forget it: what was counted has had its effect."""
        self._in_a_row = 0
        self._last.clear()


class Breaker:
    """One round's view of a channel. Opens after so many failures, or when the other side asks for a rest.

    While probing, one worker lets one message at a time through and waits for what comes of it: of several at once the
    quick failures would keep shut what is about to answer. The first that works closes it for every worker.
    """

    def __init__(self, channel: Channel, streak: Streak, *, probing: bool) -> None:
        self._channel = channel
        self._probing = probing
        self._streak = streak
        self._reason = ""
        self._unsaved = False
        self._closed_again = False
        self._told = asyncio.Event()
        self._told.set()
        self.until: datetime | None = None

    @property
    def unsaved(self) -> bool:
        """Say whether the other workers must hear of something."""
        return self._unsaved or self._closed_again

    @property
    def open(self) -> bool:
        """Say whether nothing more should be sent in this round."""
        return self.until is not None

    async def allows(self, limit: int) -> int:
        """Say how many messages may be claimed now, once nothing that was let through as a probe is still out."""
        await self._told.wait()
        if self.open:
            return 0
        return 1 if self._probing else limit

    def lets(self) -> None:
        """A claim has messages to send: while probing, the next waits until this one is `tried`."""
        if self._probing:
            self._told.clear()

    def tried(self) -> None:
        """A message has been dealt with, whether or not the other side was asked for its sake."""
        self._told.set()

    def worked(self) -> None:
        """The other side answered sensibly."""
        self._streak.note(worked=True)
        if self._probing:
            self._probing = False
            self._closed_again = True

    def failed(self, reason: str) -> None:
        """The other side could not be asked, or did not answer."""
        self._streak.note(worked=False)
        if self._probing or self._streak.bad:
            self.rest(PROBE_EVERY, reason)

    def rest(self, pause: timedelta, reason: str) -> None:
        """Leave the other side alone for a while."""
        self._streak.begin_anew()
        until = clock.now() + pause
        if self.until is None or until > self.until:
            self.until = until
            self._reason = reason
            self._unsaved = True

    async def save(self) -> None:
        """Tell the other workers, in the caller's transaction."""
        if self._unsaved and self.until is not None:
            await outbox.pause(self._channel, self.until, self._reason, probing=True)
        elif self._closed_again:
            await outbox.resume(self._channel)
        self._unsaved = self._closed_again = False
