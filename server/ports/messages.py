"""Doors to people's phones: WeChat, from the mini-program and from the service account, and text messages."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Literal, Protocol


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

    `pause` says for how long nothing more should be sent to anybody, `rest` for how long nothing to this one person,
    `alarm` that somebody must mend something (a template, a secret, an allowlist).
    """

    def __init__(
        self,
        code: str,
        verdict: Verdict,
        *,
        pause: timedelta | None = None,
        rest: timedelta | None = None,
        alarm: bool = False,
    ) -> None:
        super().__init__(code, final=verdict is Verdict.FINAL)
        self.verdict = verdict
        self.pause = pause
        self.rest = rest
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


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatTemplate:
    """A message template as WeChat has it: labels by the keys of its fields (`thing1`), and the values of those that
    take only some. `long_term` is None for one of the service account's.
    """

    id: str
    title: str
    fields: Mapping[str, str]
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    long_term: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How often WeChat lets an account call one of its addresses in a day, and how often it says that it has been."""

    path: str
    daily: int
    used: int
    left: int


class Quotas(Protocol):
    """What WeChat itself has counted of one account's calls. Everything raises OutsideError."""

    async def quota(self, path: str) -> Quota:
        """Ask for one address (`/cgi-bin/…`)."""
        ...

    async def clear_quota(self, path: str | None) -> None:
        """Begin the day's count of one address anew (50 times a month), or of all (10 times)."""
        ...


class WeChat(Quotas, Protocol):
    """The mini-program's side of WeChat's server API, as far as we use it. Everything raises OutsideError."""

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

    async def templates(self) -> list[WeChatTemplate]:
        """List the mini-program's subscribe templates. WeChat allows few of these calls a day: keep the answer."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class TemplateMessage:
    """One template message of the service account. `openid` is the follower's there, not the mini-program's.

    `client_msg_id` (at most 32 characters): the same again to the same person within ten minutes is sent once.
    """

    openid: str
    template_id: str
    page: str
    data: Mapping[str, str]
    client_msg_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Follower:
    """Whom an openid of the service account is; nothing is told of one who does not follow (any more)."""

    openid: str
    follows: bool
    unionid: str | None = None


class ServiceAccount(Quotas, Protocol):
    """The service account's side of WeChat's server API. Everything raises OutsideError."""

    @property
    def configured(self) -> bool:
        """Say whether there is a service account at all."""
        ...

    async def send_template(self, message: TemplateMessage) -> str:
        """Send one template message and give WeChat's message id. Raises SendError; 43004 says that the person does
        not follow the account, `no_service_account` that there is none.
        """
        ...

    async def follower(self, openid: str) -> Follower:
        """Say whose openid this is."""
        ...

    async def templates(self) -> list[WeChatTemplate]:
        """List the account's templates."""
        ...


WeChatAccount = Literal["program", "service"]


@dataclass(frozen=True, slots=True, kw_only=True)
class WeChatEvent:
    """Something WeChat told of by itself. `key` names it: each of its tries has the same, no other event has.

    `rows` is its List; `values` are the other words, by WeChat's own names.
    """

    account: WeChatAccount
    name: str
    openid: str
    at: datetime
    key: str
    values: Mapping[str, str]
    rows: tuple[Mapping[str, str], ...] = ()


class WeChatCallbacks(Protocol):
    """What WeChat sends to our own address, proven to be from it."""

    def echo(self, query: Mapping[str, str]) -> str:
        """Answer the question whether the address is ours. Raises Forbidden."""
        ...

    def read(self, query: Mapping[str, str], body: bytes) -> WeChatEvent | None:
        """Check, open and read one push; None for what is no event. Raises Forbidden, Malformed."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsReport:
    """How one sent message ended; `problem` is None where it arrived on the phone."""

    serial: str
    problem: str | None


class Sms(Protocol):
    """Text messages. `template` names one of our own templates; the provider's number for it is configuration."""

    async def send(self, phone: str, template: str, params: Mapping[str, str]) -> str:
        """Send one message and give the provider's id for it. Raises SendError."""
        ...

    async def reports(self) -> list[SmsReport]:
        """Fetch what is newly known of sent messages, each thing once; an empty list says that this is all."""
        ...

    async def reports_of(self, phone: str, since: datetime) -> list[SmsReport]:
        """Ask what became of the messages sent to one number since then, whether or not it has been told before."""
        ...
