"""At the window: people without a telephone are people too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.actor import Actor, Staff
from server.errors import FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity.models import (
    PRIVACY_VERSION,
    Account,
    Consent,
    DocumentKind,
    Person,
    Session,
    document_index,
    name_index,
    phone_index,
)
from server.features.identity.service import _people
from server.features.identity.service._people import PersonView
from server.features.identity.service._sessions import forget_account
from server.kit import checks, clock

if TYPE_CHECKING:
    from uuid import UUID

    from server.ports import IdentityCheck

_MOST_FOUND = 20


async def register_person(
    staff: Staff,
    *,
    kind: str,
    name: str,
    number: str,
    checker: IdentityCheck,
    phone: str | None = None,
) -> PersonView:
    """Write down somebody who stands at the window, told and agreeing. Raises as `give_real_name`.

    Their later login, once it has given the same name and number, belongs to the same person.
    """
    claim = _people.claimed(kind, name, number)
    mobile = None if phone is None else _mobile(phone)
    await _people.confirm(claim, checker)
    async with db.tx():
        person = await _people.write_down(claim)
        if mobile is not None:
            person.phone = mobile
            person.phone_index = phone_index(mobile)
            await person.save(update_fields=["phone_sealed", "phone_index"])
        if not await Consent.filter(person_id=person.id, version=PRIVACY_VERSION, withdrawn_at=None).exists():
            await Consent(person_id=person.id, version=PRIVACY_VERSION, channel="window").save()
        await audit.record(staff, "identity.registered", "person", person.id, person_id=person.id)
    return await _people.person(person.id)


async def find_person(
    staff: Staff, *, number: str | None = None, phone: str | None = None, name: str | None = None, reason: str = ""
) -> list[PersonView]:
    """Find people by document number, telephone number or exact name; all that are given must fit.

    Everybody shown is told in their access log that staff found them. `reason` is a word of a list, for the trail.
    """
    rows = await _found(number, phone, name)
    async with db.tx():
        for row in rows:
            await audit.record(staff, "identity.found", "person", row.id, person_id=row.id, why=reason)
    people = await _people.people([row.id for row in rows])
    return [people[row.id] for row in rows]


async def person_by_document(operator: Actor, number: str) -> UUID | None:
    """Find whose document a number is, for an operator at the machine; on record as a look."""
    found = await Person.filter(document_index__in=_document_indexes(number)).first()
    if found is None:
        return None
    await audit.record(operator, "identity.found", "person", found.id, person_id=found.id)
    return found.id


async def release_logins(staff: Staff, person_id: UUID) -> int:
    """Part a person who has lost telephone and WeChat from all logins, so a new one can be theirs. Gives how many."""
    async with db.tx():
        accounts = await Account.filter(person_id=person_id).select_for_update()
        if not accounts and not await Person.filter(id=person_id).exists():
            raise NotFound
        ids = [account.id for account in accounts]
        await Account.filter(id__in=ids).update(person_id=None)
        await Session.filter(account_id__in=ids, ended_at=None).update(ended_at=clock.now())
        await audit.record(staff, "identity.logins_released", "person", person_id, person_id=person_id)
    for account in accounts:
        forget_account(account.id)
    return len(accounts)


async def disable_account(staff: Staff, account_id: UUID) -> None:
    """Shut a login out: its sessions end within a second. Raises NotFound."""
    async with db.tx():
        if not await Account.filter(id=account_id, disabled_at=None).update(disabled_at=clock.now()):
            raise NotFound
        await Session.filter(account_id=account_id, ended_at=None).update(ended_at=clock.now())
        await audit.record(staff, "identity.account_disabled", "account", account_id)
    forget_account(account_id)


async def _found(number: str | None, phone: str | None, name: str | None) -> list[Person]:
    if number is None and phone is None and name is None:
        raise InvalidInput("identity.nothing_to_find")
    rows = Person.all()
    if number is not None:
        rows = rows.filter(document_index__in=_document_indexes(number))
    if phone is not None:
        index = phone_index(_mobile(phone))
        by_login = await Account.filter(phone_index=index, person_id__isnull=False).values_list("person_id", flat=True)
        by_window = await Person.filter(phone_index=index).values_list("id", flat=True)
        rows = rows.filter(id__in=[*by_login, *by_window])
    if name is not None:
        rows = rows.filter(name_index=name_index(_people.plain_name(name)))
    return await rows.order_by("created_at").limit(_MOST_FOUND)


def _document_indexes(number: str) -> list[bytes]:
    """Whoever reads a number off a card need not say which kind of card it is."""
    readings = [(kind, kind.canonical(number)) for kind in DocumentKind]
    return [document_index(kind, canonical) for kind, canonical in readings if canonical is not None]


def _mobile(typed: str) -> str:
    number = checks.mobile(typed)
    if number is None:
        raise InvalidInput("invalid_input", fields=(FieldError("phone", "phone_invalid"),))
    return number
