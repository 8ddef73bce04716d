"""What push shows to staff: messages and their attempts, what nobody got, how sending goes, and broadcasts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

# Why staff send something again; no words of their own, so that nothing personal stands in the audit.
ResendReason = Literal["not_received", "number_changed", "agreed_now", "mended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try on one way. `code` is what the other side answered, `cause` what that means (`push.cause.<cause>`)."""

    at: datetime
    state: str
    code: str | None
    cause: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Way:
    """How a message went on one channel, the first attempt first. `waiting_until` while it is still on its way."""

    channel: str
    state: str
    waiting_until: datetime | None
    provider_id: str | None
    attempts: list[Attempt]


@dataclass(frozen=True, slots=True, kw_only=True)
class LogLine:
    """One message as staff see it. `again` are the channels it may be sent on once more."""

    id: UUID
    kind: str
    title: str
    at: datetime
    read_at: datetime | None
    deleted: bool
    thread_id: UUID | None
    ways: list[Way]
    again: list[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """Messages nobody will send any more, of one answer on one channel. `more` says that there are more than counted.

    `code` is the other side's answer, `cause` what it means and how it is cured.
    """

    code: str
    channel: str
    cause: str
    count: int
    more: bool
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckMessage:
    """One of them."""

    id: UUID
    kind: str
    title: str
    at: datetime
    ended_at: datetime
    thread_id: UUID | None
    number: str | None
    too_late: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastIn:
    """What somebody wants to tell whom: a kind with what its words name, an audience with what chooses it."""

    kind: str
    words: Mapping[str, str]
    audience: str
    chosen: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What people would read, by language, in WeChat's card, and how many they are (`more`: at least).

    `said` is what was chosen of the audience, in words: names for halls and items, codes for states.
    """

    texts: Mapping[str, tuple[str, str]]
    template: str | None
    lines: list[str]
    sms: bool
    expected: int
    more: bool
    said: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class BroadcastView:
    """One broadcast. `twice` counts people who had already been told; `said` is as in the preview."""

    id: UUID
    kind: str
    texts: Mapping[str, tuple[str, str]]
    title: str
    audience: str
    said: Mapping[str, str]
    state: str
    expected: int
    told: int
    twice: int
    at: datetime
    decided_at: datetime | None
    ended_at: datetime | None
    mine: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Share:
    """How messages ended in some time. `in_time` of the `sent` ones were handed over within ten seconds."""

    sent: int
    in_time: int
    not_agreed: int
    refused: int
    dead: int
    too_late: int

    @property
    def percent(self) -> int | None:
        """Give the share handed over in time, rounded down: 100 means all of them."""
        return None if self.sent == 0 else self.in_time * 100 // self.sent


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelHealth:
    """How one channel does. `state`: open, resting (nothing is sent until `paused_until`), probing (one at a time)."""

    name: str
    state: str
    paused_until: datetime | None
    code: str | None
    cause: str | None
    waiting: int
    more: bool
    oldest: datetime | None
    hour: Share
    today: Share
    left: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateHealth:
    """A template that people let through less and less."""

    name: str
    title: str
    long_term: bool
    sent: int
    not_agreed: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Health:
    """How sending goes."""

    channels: list[ChannelHealth]
    templates: list[TemplateHealth]
