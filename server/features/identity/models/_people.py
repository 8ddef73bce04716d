"""People, and the logins through which they come."""

from __future__ import annotations

import enum
from datetime import date, datetime, timedelta
from typing import Self
from uuid import UUID

from tortoise import Model, fields

from server.db import Sealed, blind_index
from server.kit import checks, clock
from server.kit.ids import new_id

PRIVACY_VERSION = "2026-11-21"
ADULT_YEARS = 18
OWN_ACCOUNT_YEARS = 14  # below, the law asks for a guardian's consent (PIPL art. 31), so a guardian acts
ELDER_YEARS = 60
PHONE_SILENCE = timedelta(days=90)  # carriers hand a number on after about this long


class DocumentKind(enum.StrEnum):
    """What a person proves who they are with."""

    RESIDENT_ID = "resident_id"
    PASSPORT = "passport"
    HK_MACAU_PERMIT = "hk_macau_permit"
    TAIWAN_PERMIT = "taiwan_permit"
    # Of a test person (走流程): no office has ever given one, so it is nobody's, and nobody can claim it.
    WALK = "walk"

    def canonical(self, typed: str) -> str | None:
        """Give the number as it is kept, or None when it cannot be one of this kind."""
        match self:
            case DocumentKind.RESIDENT_ID:
                return checks.resident_id(typed, clock.today())
            case DocumentKind.PASSPORT:
                return checks.passport(typed)
            case DocumentKind.HK_MACAU_PERMIT:
                return checks.hk_macau_permit(typed)
            case DocumentKind.TAIWAN_PERMIT:
                return checks.taiwan_permit(typed)
            case DocumentKind.WALK:
                return None


class Channel(enum.StrEnum):
    """How a session began."""

    WECHAT = "wechat"
    SMS = "sms"
    WALK = "walk"


def document_index(kind: DocumentKind, number: str) -> bytes:
    """Find a person by document; `number` is canonical."""
    return blind_index("person.document", f"{kind.value}:{number}")


def name_index(name: str) -> bytes:
    """Find people by their exact name."""
    return blind_index("person.name", name)


def phone_index(phone: str) -> bytes:
    """Find an account, a clerk or a person by telephone number; `phone` is canonical."""
    return blind_index("phone", phone)


class Person(Model):
    """A human being whose name and document an authority has confirmed; with or without a login.

    Or a test person (`DocumentKind.WALK`), whose id is `ids.walked_id`, as the ids of what they do.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    document_kind = fields.CharEnumField(DocumentKind)
    document_sealed: bytes = fields.BinaryField()
    document_index: bytes = fields.BinaryField()
    name_sealed: bytes = fields.BinaryField()
    name_index: bytes = fields.BinaryField()
    phone_sealed: bytes | None = fields.BinaryField(null=True)
    phone_index: bytes | None = fields.BinaryField(null=True)
    verified_at: datetime = fields.DatetimeField()
    forgotten_at: datetime | None = fields.DatetimeField(null=True)

    document = Sealed("document_sealed")
    name = Sealed("name_sealed")
    phone = Sealed("phone_sealed", nullable=True)

    class Meta:
        table = "person"

    @property
    def birth_date(self) -> date | None:
        """Tell the birth date, which only a citizen's number holds."""
        return checks.birth_date(self.document) if self.document_kind is DocumentKind.RESIDENT_ID else None

    @property
    def age(self) -> int | None:
        """Tell the age in whole years today, in Shanghai."""
        born = self.birth_date
        return None if born is None else years_between(born, clock.today())


class Account(Model):
    """One login: a WeChat account, a telephone number, or both. Several may belong to one person.

    `phone_at` is when the number was last proven; `phone_index` alone, without `phone`, is a number that consent does
    not yet allow to be kept.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    person_id: UUID | None = fields.UUIDField(null=True)
    openid_sealed: bytes | None = fields.BinaryField(null=True)
    openid_index: bytes | None = fields.BinaryField(null=True)
    unionid_sealed: bytes | None = fields.BinaryField(null=True)
    phone_sealed: bytes | None = fields.BinaryField(null=True)
    phone_index: bytes | None = fields.BinaryField(null=True)
    locale: str = fields.TextField()
    elder_mode = fields.BooleanField(default=False)
    phone_at: datetime | None = fields.DatetimeField(null=True)
    disabled_at: datetime | None = fields.DatetimeField(null=True)
    merged_into: UUID | None = fields.UUIDField(null=True)

    openid = Sealed("openid_sealed", nullable=True)
    unionid = Sealed("unionid_sealed", nullable=True)
    phone = Sealed("phone_sealed", nullable=True)

    class Meta:
        table = "account"

    @classmethod
    async def locked(cls, account_id: UUID) -> Self:
        """Read a row and hold it until the transaction ends."""
        return await cls.filter(id=account_id).select_for_update().get()

    @property
    def phone_is_fresh(self) -> bool:
        """Say whether the number was proven lately enough that it cannot have been handed to somebody else."""
        return self.phone_at is not None and clock.now() - self.phone_at < PHONE_SILENCE


class Consent(Model):
    """One line of the ledger: who agreed to which privacy text, how, and whether they took it back."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    account_id: UUID | None = fields.UUIDField(null=True)
    person_id: UUID | None = fields.UUIDField(null=True)
    version: str = fields.TextField()
    channel: str = fields.TextField()
    withdrawn_at: datetime | None = fields.DatetimeField(null=True)

    class Meta:
        table = "consent"


class Session(Model):
    """One device's login. Of its token only a hash is kept.

    `phone` is a proven number that waits: for consent, or for the person to name themselves when the number's account
    belongs to a person and this one to nobody yet.
    """

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField(default=clock.now)
    account_id: UUID = fields.UUIDField()
    token_hash: bytes = fields.BinaryField()
    channel = fields.CharEnumField(Channel)
    device: str = fields.TextField()
    phone_sealed: bytes | None = fields.BinaryField(null=True)
    seen_at: datetime = fields.DatetimeField(default=clock.now)
    expires_at: datetime = fields.DatetimeField()
    ended_at: datetime | None = fields.DatetimeField(null=True)

    phone = Sealed("phone_sealed", nullable=True)

    class Meta:
        table = "session"


def years_between(born: date, day: date) -> int:
    """Count whole years of age on a day. Born on 29 February, one is a year older on 1 March of common years."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def birthday(born: date, age: int) -> date:
    """Tell the day somebody reaches an age."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return born.replace(year=born.year + age, month=3, day=1)
