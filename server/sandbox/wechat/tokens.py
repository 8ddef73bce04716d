"""Access tokens: the classic kind that is replaced by each call and the stable kind that is not."""

import secrets
from collections import deque
from typing import Literal

import msgspec

from server.sandbox.clock import Clock
from server.sandbox.wechat.wire import WeChatError

__all__ = ["Issued", "Tokens"]

LIFE = 7_200
OVERLAP = 300  # the old token lives on so long beside the new one
FORCE_PER_DAY = 20
FORCE_GAP = 30
SHORTEST_TOKEN = 40  # shorter ones are garbage, not stale tokens


class Token(msgspec.Struct):
    value: str
    expires_at: float
    superseded: bool = False


class Issued(msgspec.Struct):
    access_token: str
    expires_in: int


class Tokens:
    """The two kinds do not touch each other. Dead tokens are remembered, because they are refused by cause."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._known: deque[Token] = deque(maxlen=1_000)
        self._current: dict[Literal["classic", "stable"], Token] = {}
        self._forced: list[float] = []

    def classic(self) -> Issued:
        """A new token; the one before lives five minutes more."""
        now = self._clock.now()
        before = self._current.get("classic")
        if before is not None:
            before.superseded = True
            before.expires_at = min(before.expires_at, now + OVERLAP)
        return self._issue("classic")

    def stable(self, *, force: bool) -> Issued:
        """The same token with what is left of its life, until less than five minutes are; `force` kills it at once."""
        now = self._clock.now()
        current = self._current.get("stable")
        if current is None or current.expires_at <= now:
            return self._issue("stable")
        if force and self._may_force(now):
            self._forced.append(now)
            current.superseded = True
            current.expires_at = now
            return self._issue("stable")
        left = current.expires_at - now
        if left < OVERLAP:
            # Superseded, yet good for the rest of its own life: old and new are both valid meanwhile.
            current.superseded = True
            return self._issue("stable")
        return Issued(current.value, int(left))

    def check(self, value: str | None) -> None:
        """Refuses a token that is missing (41001), garbage (40014), overwritten or unknown (40001), aged (42001)."""
        if not value:
            raise WeChatError(41001)
        token = next((known for known in self._known if known.value == value), None)
        if token is None:
            raise WeChatError(40001 if len(value) >= SHORTEST_TOKEN else 40014)
        if token.expires_at <= self._clock.now():
            raise WeChatError(40001 if token.superseded else 42001)

    def knows(self, value: str | None) -> bool:
        return any(known.value == value for known in self._known)

    def revoke(self) -> None:
        """Every live token is overwritten at once, as when somebody else forces a refresh."""
        for token in self._current.values():
            token.superseded = True
            token.expires_at = min(token.expires_at, self._clock.now())

    def expire(self) -> None:
        """Every live token ages to death at once."""
        for token in self._current.values():
            token.expires_at = min(token.expires_at, self._clock.now())

    def _issue(self, kind: Literal["classic", "stable"]) -> Issued:
        token = Token(f"98_{secrets.token_urlsafe(96)}", self._clock.now() + LIFE)
        self._known.appendleft(token)
        self._current[kind] = token
        return Issued(token.value, LIFE)

    def _may_force(self, now: float) -> bool:
        self._forced = [at for at in self._forced if now - at < 86_400]
        return len(self._forced) < FORCE_PER_DAY and not any(now - at < FORCE_GAP for at in self._forced)
