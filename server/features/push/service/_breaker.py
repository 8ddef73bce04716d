"""Stops a channel that does not answer, and tries it gently until it does."""

from __future__ import annotations

from datetime import datetime, timedelta

from server.features.push.models import Channel
from server.features.push.service import _claim as outbox
from server.kit import clock

MOST_IN_A_ROW = 20
PROBE_EVERY = timedelta(seconds=10)


class Breaker:
    """One round's view of a channel. Opens after so many failures in a row, or when the other side asks for a rest.

    While probing, one message at a time is let through; the first that works closes it for every worker.
    """

    def __init__(self, channel: Channel, *, probing: bool) -> None:
        self._channel = channel
        self._probing = probing
        self._in_a_row = 0
        self._reason = ""
        self._unsaved = False
        self._closed_again = False
        self.until: datetime | None = None

    @property
    def unsaved(self) -> bool:
        """Say whether the other workers must hear of something."""
        return self._unsaved or self._closed_again

    @property
    def open(self) -> bool:
        """Say whether nothing more should be sent in this round."""
        return self.until is not None

    def allows(self, limit: int) -> int:
        """Say how many messages may be claimed now."""
        if self.open:
            return 0
        return 1 if self._probing else limit

    def worked(self) -> None:
        """The other side answered sensibly."""
        self._in_a_row = 0
        if self._probing:
            self._probing = False
            self._closed_again = True

    def failed(self, reason: str) -> None:
        """The other side could not be asked, or did not answer."""
        self._in_a_row += 1
        if self._probing or self._in_a_row >= MOST_IN_A_ROW:
            self.rest(PROBE_EVERY, reason)

    def rest(self, pause: timedelta, reason: str) -> None:
        """Leave the other side alone for a while."""
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
