"""What push takes and shows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.push.models import Channel, Reason

Outcome = Literal["accept", "reject", "ban", "filter"]
WayState = Literal["waiting", "sent", "arrived", "not_allowed", "failed"]
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
    """One popup, reported once: the same nonce again changes nothing. `main_switch` is left out where it is unknown."""

    nonce: Annotated[str, Meta(min_length=8, max_length=64)]
    results: Annotated[list[SubscriptionResult], Meta(max_length=5)]
    main_switch: bool | None = None


class SubscribeEvent(Struct, kw_only=True, frozen=True):
    """WeChat tells what a person chose for one template, in the popup or later in their settings.

    `event_key` names the callback; the same key and template again changes nothing.
    """

    openid: str
    template_id: str
    status: Outcome
    event_key: str


class SentEvent(Struct, kw_only=True, frozen=True):
    """WeChat tells how one accepted subscribe message ended. `problem` is None where it arrived."""

    openid: str
    template_id: str
    msgid: str
    problem: str | None
    event_key: str


class TemplateFinished(Struct, kw_only=True, frozen=True):
    """WeChat tells how one template message of the service account ended: `success`, `failed:user block` and so on."""

    openid: str
    msgid: str
    status: str
    event_key: str


class FollowEvent(Struct, kw_only=True, frozen=True):
    """Somebody follows the service account, or no longer. Only with `unionid` is it known who that is."""

    openid: str
    event_key: str
    unionid: str | None = None


class InboxOut(Struct, kw_only=True):
    """One message. `delivery` says how it reached the phone, or that it is on its way, or that it is only here.

    `addressee` names, masked, somebody else whom I act for, or the enterprise; it is left out for what is my own.
    """

    id: UUID
    kind: str
    title: str
    body: str
    addressee: str | None
    page: str
    thread_id: UUID | None
    at: datetime
    read: bool
    delivery: Delivery


class WayOut(Struct, kw_only=True):
    """One way a message went to the phone, and how far it came. `not_allowed`: the person had not agreed to it."""

    channel: Channel
    state: WayState
    at: datetime


class MessageOut(Struct, kw_only=True):
    """One message whole. No ways: it is only in the inbox."""

    message: InboxOut
    ways: list[WayOut]


class Wanted(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which ways a person wants for one kind of news; the inbox has it always."""

    wechat: bool
    sms: bool


class TopicOut(Struct, kw_only=True):
    """One kind of news, called by our name of its template. `carried`: WeChat would take the next one.

    `lasting` says that one yes is for good; `by_sms` that there is an SMS of it at all; `ask` is the template's id.
    """

    topic: str
    title: str
    note: str
    wanted: Wanted
    carried: bool
    lasting: bool
    by_sms: bool
    ask: str


class TopicsOut(Struct, kw_only=True):
    """What the settings show. `wechat` says whether this person has WeChat with us at all."""

    topics: list[TopicOut]
    main_switch: bool
    wechat: bool


class UnreadOut(Struct, kw_only=True):
    """How many messages nobody has opened yet."""

    count: int


class Carried(Struct, kw_only=True, frozen=True):
    """How one of the next messages will reach the phone; `why` says what keeps WeChat from carrying it."""

    kind: str
    title: str
    by: Literal["wechat", "service", "sms", "inbox"]
    why: Reason | None


class WillCarry(Struct, kw_only=True, frozen=True):
    """What will reach the phone how. `ask` are the templates that mend it: at most three, never mixed."""

    messages: list[Carried]
    ask: list[str]
    main_switch: bool
