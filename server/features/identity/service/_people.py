"""People: found, shown to other features, and written down once an authority has confirmed them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.errors import Conflict, FieldError, Forbidden, InvalidInput, NotFound
from server.features.identity.models import (
    ADULT_YEARS,
    Account,
    DocumentKind,
    Person,
    birthday,
    document_index,
    name_index,
    years_between,
)
from server.features.identity.service import _outside
from server.kit import clock, masking
from server.ports import Checked

if TYPE_CHECKING:
    from server.actor import Citizen
    from server.ports import IdentityCheck

# Keyboards offer many dots; documents print U+00B7 between the parts of a name.
_DOTS = re.compile(r"\s*[\u00b7\u2022\u2027\u2219\u22c5\u30fb\uff65]\s*")
_WECHAT_LOGINS = """
    SELECT asked.id AS asked, login.id, login.openid_sealed, login.locale
    FROM account AS asked JOIN account AS login ON login.id = coalesce(asked.merged_into, asked.id)
    WHERE asked.id = ANY($1) AND login.openid_sealed IS NOT NULL AND login.disabled_at IS NULL
"""
_LATIN = re.compile(r"[A-Za-z]")


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    """A person, in clear: for forms, checks and notices. Mask before it leaves."""

    id: UUID
    name: str
    document_kind: str
    number: str
    phone: str | None
    birth_date: date | None

    @property
    def grown_on(self) -> date | None:
        """Tell the day they are or were of age; a passport does not say."""
        return None if self.birth_date is None else birthday(self.birth_date, ADULT_YEARS)

    @property
    def age(self) -> int | None:
        """Tell the age in whole years today, in Shanghai."""
        return self.age_on(clock.today())

    def age_on(self, day: date) -> int | None:
        """Tell the age in whole years on a day."""
        return None if self.birth_date is None else years_between(self.birth_date, day)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountView:
    """One login of a person: where messages can go. Nobody's yet, until the real name is verified."""

    id: UUID
    person_id: UUID | None
    openid: str | None
    unionid: str | None
    phone: str | None
    locale: str


@dataclass(frozen=True, slots=True)
class WeChatLogin:
    """Where a WeChat message for an account goes."""

    openid: str
    locale: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Claimed:
    """A name and a document as somebody typed them, in their kept form."""

    kind: DocumentKind
    name: str
    number: str


async def person(person_id: UUID) -> PersonView:
    """Give one person. Raises NotFound."""
    found = (await people([person_id])).get(person_id)
    if found is None:
        raise NotFound
    return found


async def people(person_ids: Iterable[UUID]) -> dict[UUID, PersonView]:
    """Give many people by id; unknown ids are left out."""
    wanted = list(set(person_ids))
    if not wanted:
        return {}
    rows = await Person.filter(id__in=wanted)
    phones = await _phones([row.id for row in rows])
    return {row.id: _view(row, phones.get(row.id)) for row in rows}


async def require_person(actor: Citizen) -> PersonView:
    """Give the verified person behind an actor. Raises Forbidden `identity.real_name_required`."""
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    return await person(actor.person_id)


async def phone_of(person_id: UUID) -> str | None:
    """Give the number a person is reached by: of their login, else the one they left at a window."""
    found = (await people([person_id])).get(person_id)
    return None if found is None else found.phone


async def account_phone(account_id: UUID) -> str | None:
    """Give the number of one login."""
    account = await Account.get_or_none(id=account_id)
    if account is not None and account.merged_into is not None:
        account = await Account.get_or_none(id=account.merged_into)
    return None if account is None else account.phone


async def phone_to_text(account_id: UUID | None, person_id: UUID | None) -> str | None:
    """Give the number to reach somebody at: of this login, else whatever is known of the person."""
    own = None if account_id is None else await account_phone(account_id)
    return own if own or person_id is None else await phone_of(person_id)


async def accounts_of(person_id: UUID) -> list[AccountView]:
    """List a person's logins that still work, the newest first."""
    rows = await Account.filter(person_id=person_id, disabled_at=None, merged_into=None).order_by("-created_at")
    return [_login(row) for row in rows]


async def account(account_id: UUID) -> AccountView:
    """Give one login; one that was joined with another gives that one. Raises NotFound."""
    row = await Account.get_or_none(id=account_id)
    if row is not None and row.merged_into is not None:
        row = await Account.get_or_none(id=row.merged_into)
    if row is None:
        raise NotFound
    return _login(row)


async def holder_of(account_id: UUID) -> PersonView | None:
    """Give the person behind one login, if that is known."""
    row = await Account.get_or_none(id=account_id)
    if row is not None and row.merged_into is not None:
        row = await Account.get_or_none(id=row.merged_into)
    return None if row is None or row.person_id is None else await person(row.person_id)


async def wechat_logins(account_ids: Iterable[UUID]) -> dict[UUID, WeChatLogin]:
    """Give where messages for many accounts go, by the id asked for; those WeChat cannot reach are left out.

    One statement and one unsealing each: the worker asks for hundreds at a time.
    """
    return {
        row["asked"]: WeChatLogin(db.unseal("account", "openid_sealed", row["id"], row["openid_sealed"]), row["locale"])
        for row in await db.fetch(_WECHAT_LOGINS, list(account_ids))
    }


async def holder_label(person_id: UUID) -> str:
    """Give a person's name as a stranger may see it."""
    return masking.name((await person(person_id)).name)


def claimed(kind: str, name: str, number: str) -> Claimed:
    """Bring what was typed into its kept form. Raises InvalidInput for what cannot be a document or a name."""
    document_kind = DocumentKind(kind)
    canonical = document_kind.canonical(number)
    if canonical is None:
        raise InvalidInput("identity.document_invalid", fields=(FieldError("number", "document_invalid"),))
    plain = plain_name(name)
    if not any(char.isalpha() for char in plain):
        raise InvalidInput("invalid_input", fields=(FieldError("name", "name_invalid"),))
    return Claimed(kind=document_kind, name=plain, number=canonical)


def plain_name(typed: str) -> str:
    """Spell a name as documents do: one kind of middle dot, blanks only between Latin words."""
    dotted = _DOTS.sub("\N{MIDDLE DOT}", typed)
    joined = " " if _LATIN.search(dotted) else ""
    return joined.join(dotted.split())


async def confirm(claim: Claimed, checker: IdentityCheck) -> None:
    """Ask the authority. Raises Conflict `identity.not_matched`, Unavailable `identity.check_unavailable`."""
    said = await _outside.checked(checker.person(kind=claim.kind.value, name=claim.name, number=claim.number))
    if said is not Checked.MATCH:
        # Whether the number exists is not for the asker to learn: "unknown" and "mismatch" sound the same.
        raise Conflict("identity.not_matched")


async def write_down(claim: Claimed) -> Person:
    """Find or add a confirmed person, in the caller's transaction; a changed name is taken over."""
    index = document_index(claim.kind, claim.number)
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 4))", index)
    known = await Person.get_or_none(document_index=index)
    found = known or Person(document_kind=claim.kind, document_index=index)
    found.document = claim.number
    found.name = claim.name
    found.name_index = name_index(claim.name)
    found.verified_at = clock.now()
    await found.save()
    return found


async def keep_person(claim: Claimed) -> PersonView:
    """Find or add a confirmed person as other features see them, in the caller's transaction."""
    return await person((await write_down(claim)).id)


async def _phones(person_ids: list[UUID]) -> dict[UUID, str]:
    rows = await Account.filter(
        person_id__in=person_ids, disabled_at=None, merged_into=None, phone_sealed__isnull=False
    ).order_by("phone_at")
    return {row.person_id: row.phone for row in rows if row.person_id is not None and row.phone is not None}


def _view(row: Person, phone: str | None) -> PersonView:
    return PersonView(
        id=row.id,
        name=row.name,
        document_kind=row.document_kind.value,
        number=row.document,
        phone=phone or row.phone,
        birth_date=row.birth_date,
    )


def _login(row: Account) -> AccountView:
    return AccountView(
        id=row.id, person_id=row.person_id, openid=row.openid, unionid=row.unionid, phone=row.phone, locale=row.locale
    )
