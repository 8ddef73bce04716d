"""Test persons (走流程): who walks a flow to try it has a person of their own for it, which is nobody's.

The document is of a kind no office gives, and its number is that of the walk: nobody has it, and nobody can type it in.
Everything they do carries the mark of their id, and so stands in no figure (decision 0097).
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import UUID

from server.actor import Citizen
from server.features.identity.models import (
    Account,
    Channel,
    DocumentKind,
    Person,
    Session,
    document_index,
    name_index,
)
from server.features.identity.schemas import LoginOut
from server.features.identity.service import _me, _sessions
from server.kit import clock, texts
from server.kit.ids import walked_id

if TYPE_CHECKING:
    from server.actor import Actor

# A walk waits for others to decide; who has not come back for so long asks for another code.
LIFE = timedelta(days=7)


async def make_test_person(number: str, locale: str) -> UUID:
    """Make the person of a walk, with a login, in the caller's transaction; gives who it is."""
    person = Person(
        id=walked_id(),
        document_kind=DocumentKind.WALK,
        document_index=document_index(DocumentKind.WALK, number),
        verified_at=clock.now(),
    )
    person.document = number
    person.name = texts.text(locale, "identity.walk.name")
    person.name_index = name_index(person.name)
    await person.save(force_create=True)
    await Account(id=walked_id(), person_id=person.id, locale=locale).save(force_create=True)
    return person.id


async def login_walk(actor: Actor, person_id: UUID, device: str) -> LoginOut:
    """Log a phone in as a test person, in the caller's transaction."""
    account = await Account.get(person_id=person_id)
    token, session = await _sessions.begin(account.id, Channel.WALK, device, life=LIFE)
    return LoginOut(token=token, me=await _me.me_of(account.id, session.id, actor.locale))


async def as_test_person(person_id: UUID, locale: str) -> Citizen | None:
    """Give a test person as they ask on the phone, for deeds in their name; None where no phone was ever theirs."""
    account = await Account.get(person_id=person_id)
    session = await Session.filter(account_id=account.id).order_by("-created_at").first()
    if session is None:
        return None
    return Citizen(account_id=account.id, session_id=session.id, person_id=person_id, locale=locale)


async def end_test_person(person_id: UUID) -> None:
    """End every phone's session as a test person, and let nobody in again, in the caller's transaction."""
    account = await Account.get(person_id=person_id)
    now = clock.now()
    await Account.filter(id=account.id).update(disabled_at=now)
    await Session.filter(account_id=account.id, ended_at=None).update(ended_at=now)
    _sessions.forget_account(account.id)
