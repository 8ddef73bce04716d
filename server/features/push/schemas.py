"""What push takes and shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Outcome = Literal["accept", "reject", "ban", "filter"]
Delivery = Literal["wechat", "sms", "inbox", "waiting", "failed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class To:
    """Whom a message is for: an enterprise, a person or an account; the first given decides whose inbox it is.

    `account_id` beside a person or an enterprise says whose phone is told. Left out, it is the person's own phone, or
    else the one that began the thread.
    """

    person_id: UUID | None = None
    enterprise_id: UUID | None = None
    account_id: UUID | None = None

    def __post_init__(self) -> None:
        if self.person_id is None and self.enterprise_id is None and self.account_id is None:
            msg = "a message is for somebody"
            raise ValueError(msg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What staff see of a message: that it was said and how it went, not what it says."""

    kind: str
    title: str
    at: datetime
    read: bool
    channel: str | None
    state: str | None
    reason: str | None
    ended_at: datetime | None


class SubscriptionResult(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the person chose for one template in WeChat's popup."""

    template_id: Annotated[str, Meta(min_length=1, max_length=64)]
    outcome: Outcome


class Subscriptions(Struct, kw_only=True, forbid_unknown_fields=True):
    """One popup, reported once: the same nonce again changes nothing."""

    nonce: Annotated[str, Meta(min_length=8, max_length=64)]
    results: Annotated[list[SubscriptionResult], Meta(max_length=5)]


class InboxOut(Struct, kw_only=True):
    """One message. `delivery` says how it reached the phone, or that it is on its way, or that it is only here."""

    id: UUID
    kind: str
    title: str
    body: str
    page: str
    thread_id: UUID | None
    at: datetime
    read: bool
    delivery: Delivery


class UnreadOut(Struct, kw_only=True):
    """How many messages nobody has opened yet."""

    count: int
