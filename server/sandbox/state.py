"""Everything the sandbox remembers, as plain structures that can be written to a file and read back."""

from typing import Literal

import msgspec

__all__ = [
    "Account",
    "AuthenticatorEntry",
    "Cell",
    "Choice",
    "CreditChange",
    "CreditReason",
    "FaceCheck",
    "Link",
    "LinkRule",
    "Message",
    "MessageField",
    "Parcel",
    "ParcelEvent",
    "ParcelState",
    "Person",
    "Phone",
    "Sms",
    "State",
    "Subscription",
    "Told",
]

Choice = Literal["accept", "reject"]
ParcelState = Literal["picked_up", "in_transit", "out_for_delivery", "signed", "returned", "lost"]
CreditReason = Literal["accepted", "rejected", "sent", "granted", "turned_off"]


class LinkRule(msgspec.Struct, forbid_unknown_fields=True):
    """An ordinary HTTPS link whose QR opens a page of the mini-program, with the link in `q`."""

    prefix: str
    page: str


class Account(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """What a mini-program's owner or WeChat's staff can turn, all of it by the control plane."""

    pages: list[str] = []  # released pages; empty means that any well-formed path is taken for one
    home_page: str = "pages/home"  # what a code without a page opens
    link_rules: list[LinkRule] = []
    send_latency: float = 0.02
    return_msgid: bool = True
    session_key_seconds: float = 259_200
    sensitive_words: list[str] = []
    doubtful_words: list[str] = []  # content check: for a person to look at
    risk_rank: int = 0
    face_result: int = 10_000  # 10300 not finished, 10003 and 10004 another person, 90002 cancelled …
    blocked_openids: list[str] = []  # a login of theirs is 40226
    subscribe_banned: bool = False
    banned_templates: list[str] = []
    secret_frozen: bool = False
    ip_allowlist: list[str] = []
    sent_event_error: int = 0  # accepted subscribe messages get lost on the way; the sent event says so
    sent_event_status: str = "system error"
    job_status: str = "success"  # or "failed:user block", "failed: system failed": TEMPLATESENDJOBFINISH says it
    service_per_minute: int = 0  # template messages one person may get a minute (43117); 0: any number
    refuse_duplicates: bool = False  # the same words to the same person within 60 s are 40241
    sms_limit: bool = False  # one number gets 1 SMS in 30 s, 5 an hour, 10 a day, as is Tencent Cloud's own policy
    sms_failure: str = ""  # accepted SMS do not arrive, and the report gives this reason, such as UNDELIV


class Phone(msgspec.Struct, kw_only=True):
    key: str
    name: str
    phone_number: str
    openid: str
    unionid: str
    caption: str = ""
    hidden: bool = False  # takes part, but is not drawn: the people of a load test
    sample: bool = False  # one of the set the sandbox invents when nobody gave it phones
    session_key: str = ""
    session_key_at: float = 0
    visited_at: float = 0
    service_openid: str = ""  # the person at the service account
    follows: bool = False
    followed_at: float = 0


class Subscription(msgspec.Struct, kw_only=True):
    """One person's side of subscribe messages: switches, remembered choices, credits and long-term consents."""

    main_switch: bool = True
    kept: dict[str, Choice] = {}
    credits: dict[str, int] = {}
    long_term: dict[str, bool] = {}


class CreditChange(msgspec.Struct, kw_only=True):
    at: float
    openid: str
    template_id: str
    change: int
    balance: int
    reason: CreditReason


class MessageField(msgspec.Struct):
    key: str
    label: str
    value: str


class Message(msgspec.Struct, kw_only=True):
    msgid: str  # a 64-bit number, kept as text because JavaScript would round it
    at: float
    template_id: str
    title: str
    fields: list[MessageField]
    page: str | None
    miniprogram_state: str
    lang: str
    read: bool = False


class Sms(msgspec.Struct, kw_only=True):
    serial: str
    at: float
    number: str
    sign: str
    text: str
    template_id: str
    params: list[str]
    read: bool = False
    failed: str = ""
    reported: bool = False


class Link(msgspec.Struct):
    """A link into the mini-program."""

    page: str
    expires_at: float | None


class FaceCheck(msgspec.Struct):
    openid: str
    out_seq_no: str
    cert_hash: str
    at: float


class Person(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Of kind `enterprise` it is a company: its code as number, and who represents it. A child has `guardians`."""

    kind: str
    name: str
    number: str
    legal_name: str = ""
    legal_number: str = ""
    guardians: list[str] = []


class AuthenticatorEntry(msgspec.Struct, kw_only=True):
    label: str
    secret: str


class ParcelEvent(msgspec.Struct, kw_only=True):
    state: ParcelState
    at: str
    place: str = ""


class Told(msgspec.Struct, kw_only=True):
    """One thing said to whoever ordered, and what was answered; no status: nobody did."""

    state: ParcelState
    at: str
    status: int | None
    answer: str


class Parcel(msgspec.Struct, kw_only=True):
    order: str
    waybill: str
    sender: dict[str, str]
    to: dict[str, str]
    at: str
    state: str = "ordered"
    events: list[ParcelEvent] = []
    told: list[Told] = []


class Cell(msgspec.Struct, kw_only=True):
    """One door of a bank of lockers."""

    open: bool = False
    jammed: bool = False


class State(msgspec.Struct, kw_only=True):
    version: int = 1
    account: Account = msgspec.field(default_factory=Account)
    phones: dict[str, Phone] = {}
    subscriptions: dict[str, Subscription] = {}
    ledger: list[CreditChange] = []
    inbox: dict[str, list[Message]] = {}
    service_inbox: dict[str, list[Message]] = {}
    sms: list[Sms] = []
    people: list[Person] = []
    parcels: list[Parcel] = []
    lockers: dict[str, dict[str, Cell]] = {}
    authenticator: list[AuthenticatorEntry] = []
    next_msgid: int = 3_248_682_510_344_192_008

    @classmethod
    def read(cls, raw: bytes) -> "State":
        return msgspec.json.decode(raw, type=cls)

    def written(self) -> bytes:
        return msgspec.json.encode(self)
