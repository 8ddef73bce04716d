"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec
from msgspec import Meta

Name = Annotated[str, Meta(min_length=1, max_length=60)]
Number = Annotated[str, Meta(min_length=1, max_length=40)]
PhoneText = Annotated[str, Meta(min_length=1, max_length=25)]
Version = Annotated[str, Meta(min_length=1, max_length=20)]
OutsideCode = Annotated[str, Meta(min_length=1, max_length=200)]


class _In(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    pass


class WeChatLoginIn(_In):
    code: OutsideCode


class SendCodeIn(_In):
    phone: PhoneText


class PhoneLoginIn(_In):
    """`consent` is the version of the privacy text the person has just agreed to, if they have."""

    phone: PhoneText
    code: Annotated[str, Meta(min_length=1, max_length=10)]
    consent: Version | None = None


class ConsentIn(_In):
    version: Version


class PhoneIn(_In):
    code: OutsideCode


class PhoneProofIn(_In):
    """A number, and the code that was sent to it."""

    phone: PhoneText
    code: Annotated[str, Meta(min_length=1, max_length=10)]


class RealNameIn(_In):
    document_kind: Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit"]
    name: Name
    number: Number


class PreferencesIn(_In):
    locale: Annotated[str, Meta(max_length=20)] | None = None
    elder_mode: bool | None = None


class EnterpriseIn(_In):
    uscc: Number
    name: Annotated[str, Meta(min_length=1, max_length=120)]


class ClerkIn(_In):
    phone: PhoneText


class AddressIn(_In):
    """An address as it is typed. The first of a book is `usual` whatever it says; one that is stays so."""

    name: Annotated[str, Meta(max_length=60)]
    phone: Annotated[str, Meta(max_length=25)]
    province: Annotated[str, Meta(max_length=20)]
    city: Annotated[str, Meta(max_length=60)]
    county: Annotated[str, Meta(max_length=60)]
    street: Annotated[str, Meta(max_length=200)]
    usual: bool = False


class Postal(msgspec.Struct, kw_only=True, frozen=True):
    """Who receives it, where, and the telephone the post calls: as it is written on a label."""

    name: str
    phone: str
    province: str
    city: str
    county: str
    street: str


class AddressOut(msgspec.Struct, kw_only=True):
    """One entry of one's own address book."""

    id: UUID
    usual: bool
    name: str
    phone: str
    province: str
    city: str
    county: str
    street: str


class AddressesOut(msgspec.Struct, kw_only=True):
    """The book, the usual address first, and the provinces the post goes to."""

    items: list[AddressOut]
    provinces: list[str]


class PrivacyOut(msgspec.Struct, kw_only=True):
    version: str
    title: str
    paragraphs: list[str]


class ConsentOut(msgspec.Struct, kw_only=True):
    version: str
    given_at: datetime


class PersonOut(msgspec.Struct, kw_only=True):
    """Oneself, masked: a phone lies on tables."""

    id: UUID
    name: str
    document_kind: str
    document: str
    birth_date: date | None
    age: int | None
    is_elder: bool


class MyEnterpriseOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    uscc: str
    role: str


class RepresentedOut(msgspec.Struct, kw_only=True):
    mandate_id: UUID
    person_id: UUID
    name: str
    age: int | None
    relation: str
    scope: str
    last_day: date


class SessionOut(msgspec.Struct, kw_only=True):
    id: UUID
    device: str
    last_seen: datetime
    current: bool


class MeOut(msgspec.Struct, kw_only=True):
    """Whoever is logged in. `walk` is the number of the walk of a test person; null for everybody else."""

    account_id: UUID
    phone: str | None
    consent: ConsentOut | None
    privacy_version: str
    person: PersonOut | None
    enterprises: list[MyEnterpriseOut]
    represents: list[RepresentedOut]
    sessions: list[SessionOut]
    walk: str | None
    locale: str
    elder_mode: bool


class LoginOut(msgspec.Struct, kw_only=True):
    token: str
    me: MeOut


class EnterpriseOut(msgspec.Struct, kw_only=True):
    id: UUID
    name: str
    uscc: str
    role: str


class ClerkOut(msgspec.Struct, kw_only=True):
    """`name` once the number's holder has verified theirs; until then the clerk is `waiting`."""

    id: UUID
    phone: str
    name: str | None
    state: Literal["waiting", "active"]
    since: datetime


class ClerksOut(msgspec.Struct, kw_only=True):
    items: list[ClerkOut]
