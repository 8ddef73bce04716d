"""One's own page."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.actor import Citizen
from server.errors import FieldError, InvalidInput
from server.features.identity.models import (
    ELDER_YEARS,
    PRIVACY_VERSION,
    Account,
    Consent,
    Person,
    Session,
)
from server.features.identity.schemas import ConsentOut, MeOut, PersonOut, SessionOut
from server.features.identity.service import _enterprises, _parties, _sessions
from server.kit import clock, masking, texts
from server.kit.ids import is_walked

if TYPE_CHECKING:
    from uuid import UUID

    from server.features.identity.schemas import PreferencesIn

UNKNOWN_DEVICE = "unknown"


async def me(actor: Citizen) -> MeOut:
    """Show what we know about whoever asks, masked."""
    return await me_of(actor.account_id, actor.session_id, actor.locale)


async def me_of(account_id: UUID, session_id: UUID, locale: str) -> MeOut:
    """Show one login."""
    account = await Account.get(id=account_id)
    session = await Session.get(id=session_id)
    person = None if account.person_id is None else await Person.get(id=account.person_id)
    agreed = await Consent.filter(account_id=account.id, withdrawn_at=None).order_by("-created_at").first()
    phone = account.phone or (session.phone if agreed is not None else None)
    return MeOut(
        account_id=account.id,
        phone=None if phone is None else masking.phone(phone),
        consent=None if agreed is None else ConsentOut(version=agreed.version, given_at=agreed.created_at),
        privacy_version=PRIVACY_VERSION,
        person=None if person is None else _masked(person),
        enterprises=[] if person is None else await _enterprises.enterprises_of(person.id),
        represents=[] if person is None else await _parties.represented_by(person.id),
        sessions=await _open_sessions(account.id, session_id, locale),
        walk=person.document if person is not None and is_walked(person.id) else None,
        locale=account.locale,
        elder_mode=account.elder_mode,
    )


async def prefer(actor: Citizen, wish: PreferencesIn) -> MeOut:
    """Set the language of messages, and elder mode. What is not named stays."""
    if wish.locale is not None and wish.locale not in texts.available():
        raise InvalidInput("invalid_input", fields=(FieldError("locale", "not_offered"),))
    async with db.tx():
        account = await Account.locked(actor.account_id)
        account.locale = account.locale if wish.locale is None else wish.locale
        account.elder_mode = account.elder_mode if wish.elder_mode is None else wish.elder_mode
        await account.save(update_fields=["locale", "elder_mode"])
    return await me(actor)


def as_citizen(account: Account, session: Session) -> Citizen:
    """Give the actor a session stands for, before any request has come with it."""
    return Citizen(account_id=account.id, session_id=session.id, person_id=account.person_id)


def _masked(person: Person) -> PersonOut:
    age = person.age
    return PersonOut(
        id=person.id,
        name=masking.name(person.name),
        document_kind=person.document_kind.value,
        document=masking.document(person.document),
        birth_date=person.birth_date,
        age=age,
        is_elder=age is not None and age >= ELDER_YEARS,
    )


async def _open_sessions(account_id: UUID, current: UUID, locale: str) -> list[SessionOut]:
    now = clock.now()
    rows = await Session.filter(
        account_id=account_id, ended_at=None, expires_at__gt=now, seen_at__gt=now - _sessions.IDLE
    ).order_by("-seen_at")
    return [
        SessionOut(id=row.id, device=_told(row.device, locale), last_seen=row.seen_at, current=row.id == current)
        for row in rows
    ]


def _told(device: str, locale: str) -> str:
    system, _, app = device.partition("/")
    if system == UNKNOWN_DEVICE:
        return texts.text(locale, "identity.device.unknown")
    return texts.text(locale, f"identity.device.{app or 'plain'}", system=system)
