"""Doors to the outside. Business code sees these Protocols; `wiring` chooses what stands behind each."""

from __future__ import annotations

import enum
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Protocol

from server.ports.lockers import LockerCall, Lockers
from server.ports.messages import (
    Follower,
    OutsideError,
    Quota,
    Quotas,
    SendError,
    ServiceAccount,
    Sms,
    SmsReport,
    SubscribeMessage,
    TemplateMessage,
    Verdict,
    WeChat,
    WeChatAccount,
    WeChatCallbacks,
    WeChatEvent,
    WeChatIdentity,
    WeChatTemplate,
)
from server.ports.parcels import Courier, CourierCall, ParcelEnd, ParcelNews, ParcelState

__all__ = [
    "BUCKETS",
    "HEARTBEAT_NAME",
    "Antivirus",
    "Bucket",
    "Checked",
    "Courier",
    "CourierCall",
    "FileStore",
    "Follower",
    "IdentityCheck",
    "Limits",
    "LockerCall",
    "Lockers",
    "OutsideError",
    "ParcelEnd",
    "ParcelNews",
    "ParcelState",
    "Ports",
    "Quota",
    "Quotas",
    "SendError",
    "ServiceAccount",
    "Signer",
    "SigningKey",
    "Sms",
    "SmsReport",
    "SubscribeMessage",
    "Task",
    "TemplateMessage",
    "Verdict",
    "WeChat",
    "WeChatAccount",
    "WeChatCallbacks",
    "WeChatEvent",
    "WeChatIdentity",
    "WeChatTemplate",
    "Witness",
]


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

    async def kinship(self, *, name: str, number: str, relative_name: str, relative_number: str) -> Checked:
        """Check that a child, by name and citizen's number, has this person as a parent or guardian."""
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


class Antivirus(Protocol):
    """Looks through what people send before anybody opens it."""

    async def infected(self, content: bytes, /) -> str | None:
        """Name what was found in the bytes, None for nothing. Raises OutsideError when nobody can say."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """The public half of a key, and when it signs. From `compromised_from` on its signatures prove nothing."""

    key_id: str
    public: bytes
    signs_from: datetime
    compromised_from: datetime | None
    algorithm: str = "Ed25519"


class Signer(Protocol):
    """The seal of the issuing authority."""

    @property
    def key_id(self) -> str:
        """Name the key that signs now. Raises OutsideError when there is none."""
        ...

    def sign(self, payload: bytes) -> bytes:
        """Sign with the current key."""
        ...

    def verify(self, payload: bytes, signature: bytes, key_id: str) -> bool:
        """Say whether a key of ours, current or former, made the signature."""
        ...

    def every_key(self) -> tuple[SigningKey, ...]:
        """List every key of ours, the oldest first, those to come included."""
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
    # A whole hall logs in through one address; what one number is sent is counted where the codes are.
    "sms": Bucket(150, 600, careful=True),
    "track": Bucket(60, 600, careful=True),
    # The end of a phone number has four digits: whoever guesses it, from however many addresses, needs weeks.
    "track_number": Bucket(10, 3600, careful=True),
    "scan": Bucket(60, 60, careful=True),
    "upload": Bucket(60, 60, careful=True),
    # Ten megabytes in pieces are forty of them.
    "upload_part": Bucket(600, 60, careful=True),
    # WeChat calls for many people from few addresses; its signature is what keeps others out.
    "callback": Bucket(30_000, 60, careful=True),
    "rating": Bucket(20, 60, careful=True),
}


class Limits(Protocol):
    """How often somebody may ask. Buckets and their sizes are known to the store."""

    async def take(self, bucket: str, subject: str) -> int:
        """Count one attempt. 0 lets it pass; otherwise it is refused for so many seconds."""
        ...


class Live(Protocol):
    """Wake-ups for those who look at something that changes. They may be lost: whoever waits looks again anyhow."""

    async def publish(self, channel: str, payload: str) -> None:
        """Wake everybody on a channel once the current transaction has committed; RuntimeError outside of one."""
        ...

    async def subscribe(self, channel: str, callback: Callable[[str], None]) -> Callable[[], None]:
        """Call `callback(payload)` for each wake-up, with "" where some may have been lost; gives what ends it."""
        ...

    async def close(self) -> None:
        """Close what was opened."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything outside, bundled: handlers and tasks ask for `ports: Ports`.

    `stopping` says whether this process is to end: a round of work that can end early asks it.
    """

    wechat: WeChat
    service_account: ServiceAccount
    wechat_callbacks: WeChatCallbacks
    sms: Sms
    courier: Courier
    lockers: Lockers
    identity_check: IdentityCheck
    files: FileStore
    antivirus: Antivirus
    signer: Signer
    witness: Witness
    limits: Limits
    live: Live
    closers: tuple[Callable[[], Awaitable[None]], ...] = field(default=())
    stopping: Callable[[], bool] = field(default=lambda: False)


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
