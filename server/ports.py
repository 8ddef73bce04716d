"""Doors to the outside. Business code sees these Protocols; `wiring` chooses what stands behind each."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import time, timedelta
from typing import Protocol


class OutsideError(Exception):
    """Something outside did not do what was asked.

    `code` is the other side's own word for it (never a secret, never a URL). `final` says that asking again with the
    same words is pointless.
    """

    def __init__(self, code: str, *, final: bool) -> None:
        super().__init__(code)
        self.code = code
        self.final = final


class Verdict(enum.StrEnum):
    """What a failed send means to whoever asked for it."""

    FINAL = "final"  # the same words will never be taken
    RETRY = "retry"  # nothing was sent; the same words may be taken later
    UNKNOWN = "unknown"  # it may have been sent: the answer was lost
    PAUSE = "pause"  # nothing was sent, and nothing will be for a while


class SendError(OutsideError):
    """A message was not accepted, or nobody knows whether it was.

    `pause` says for how long nothing more should be sent, `alarm` that a person must mend something (a template, a
    secret, an allowlist).
    """

    def __init__(self, code: str, verdict: Verdict, *, pause: timedelta | None = None, alarm: bool = False) -> None:
        super().__init__(code, final=verdict is Verdict.FINAL)
        self.verdict = verdict
        self.pause = pause
        self.alarm = alarm


@dataclass(frozen=True, slots=True)
class WeChatIdentity:
    """Whom a login code belongs to. `unionid` only exists when the mini-program is bound to an open platform."""

    openid: str
    unionid: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SubscribeMessage:
    """One subscribe message. `page` is a mini-program path with query; `data` holds template values by their names."""

    openid: str
    template_id: str
    page: str
    data: Mapping[str, str]
    locale: str = "zh-CN"


class WeChat(Protocol):
    """WeChat's server API, as far as we use it. Everything raises OutsideError."""

    async def code_to_session(self, code: str) -> WeChatIdentity:
        """Exchange the code of `wx.login`; a code works once and for five minutes."""
        ...

    async def phone_number(self, code: str, openid: str | None = None) -> str:
        """Exchange the code of the phone-number button for the number, digits only, without country code.

        With `openid` WeChat also checks that the code is that person's.
        """
        ...

    async def send_subscribe(self, message: SubscribeMessage) -> str:
        """Send one subscribe message and give WeChat's message id, empty when it names none.

        Raises SendError; 43101 says that the person has not agreed.
        """
        ...

    async def wxacode(self, *, scene: str, page: str) -> bytes:
        """Draw a mini-program code (PNG) that opens `page` with `scene` (at most 32 characters)."""
        ...


class Sms(Protocol):
    """Text messages. `template` names one of our own templates; the provider's number for it is configuration."""

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> str:
        """Send one message and give the provider's id for it. Raises SendError."""
        ...


class Checked(enum.StrEnum):
    """What the authority says. `UNKNOWN`: it has no record of the number, so it can neither confirm nor deny."""

    MATCH = "match"
    MISMATCH = "mismatch"
    UNKNOWN = "unknown"


class IdentityCheck(Protocol):
    """The authority that knows whether a name and a number belong together. Raises OutsideError if not reached."""

    async def person(self, *, kind: str, name: str, number: str) -> Checked:
        """Check one person. `kind`: resident_id, passport, hk_macau_permit or taiwan_permit."""
        ...

    async def enterprise(self, *, uscc: str, name: str, legal_name: str, legal_number: str) -> Checked:
        """Check that an enterprise has this code and name, and this person as its legal representative."""
        ...


class Witness(Protocol):
    """Keeps the audit chain's key and its checkpoints away from whoever can change rows."""

    def mac(self, purpose: str, payload: bytes) -> bytes:
        """Make 32 bytes that only the holder of the key can make."""
        ...

    def same(self, one: bytes, other: bytes) -> bool:
        """Compare two of them in constant time."""
        ...

    async def append(self, line: bytes) -> None:
        """Add a line to the checkpoints, durably."""
        ...

    def last(self) -> bytes | None:
        """Give the last line."""
        ...

    def lines(self) -> Iterator[bytes]:
        """Give every line, oldest first."""
        ...


class FileStore(Protocol):
    """Bytes by key. What is stored is already encrypted by whoever stores it."""

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store all chunks under a key, whole or not at all, and give the number of bytes."""
        ...

    def read(self, key: str) -> AsyncIterator[bytes]:
        """Give the bytes of a key. Raises OutsideError `not_found`."""
        ...

    async def delete(self, key: str) -> None:
        """Remove a key; removing nothing is fine."""
        ...


class Signer(Protocol):
    """The seal of the issuing authority."""

    @property
    def key_id(self) -> str:
        """Name the key that signs now."""
        ...

    def sign(self, payload: bytes) -> bytes:
        """Sign with the current key."""
        ...

    def verify(self, payload: bytes, signature: bytes, key_id: str) -> bool:
        """Say whether a key of ours, current or former, made the signature."""
        ...


@dataclass(frozen=True, slots=True)
class Bucket:
    """`most` attempts within `seconds`. A `careful` one becomes stricter, never open, when its shared store is gone."""

    most: int
    seconds: int
    careful: bool = False


# Reading is generous, since a whole office may sit behind one address; guessing and flooding are not.
BUCKETS: Mapping[str, Bucket] = {
    "default": Bucket(600, 60),
    "login": Bucket(60, 60, careful=True),
    "code": Bucket(10, 600, careful=True),
    "scan": Bucket(60, 60, careful=True),
    "upload": Bucket(60, 60, careful=True),
    "rating": Bucket(20, 60, careful=True),
}


class Limits(Protocol):
    """How often somebody may ask. Buckets and their sizes are known to the store."""

    async def take(self, bucket: str, subject: str) -> int:
        """Count one attempt. 0 lets it pass; otherwise it is refused for so many seconds."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside, bundled: handlers and tasks ask for `ports: Ports`."""

    wechat: WeChat
    sms: Sms
    identity_check: IdentityCheck
    files: FileStore
    signer: Signer
    witness: Witness
    limits: Limits
    closers: tuple[Callable[[], Awaitable[None]], ...] = field(default=())


# What a worker process calls its own database connection; the web process counts them.
HEARTBEAT_NAME = "onetrip worker"


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """Work of the worker process.

    `run` does one round and gives the number of rows it dealt with: more than 0 means it is called again at once.
    It is called `every` so often, or daily `at` a minute in Shanghai, and whenever somebody notifies channel `wake`.
    A daily one also runs when a worker starts later that day, so it must be harmless to repeat. A `singleton` runs in
    one worker process at a time, as long as that one can reach the database.
    """

    name: str
    run: Callable[[Ports], Awaitable[int]]
    every: timedelta | None = None
    at: time | None = None
    singleton: bool = False
    wake: str | None = None

    def __post_init__(self) -> None:
        if (self.every is None) == (self.at is None):
            msg = f"task {self.name}: give exactly one of every= and at="
            raise ValueError(msg)
