"""Forgetting somebody: their logins go, and their name where no law keeps it."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from server import db
from server.features.identity.models import Account, Address, Consent, Person, Session
from server.features.identity.service._sessions import forget_account
from server.kit import clock

if TYPE_CHECKING:
    from uuid import UUID

_NOBODY = "\N{EM DASH}"
_INDEX_BYTES = 32


async def forget_person(person_id: UUID, *, unnamed: bool) -> int:
    """Take a person's logins, numbers and consent away, and with `unnamed` name and document; gives how many logins.

    Call it in a transaction. The row itself stays, for what refers to it.
    """
    accounts = [row.id for row in await Account.filter(person_id=person_id).select_for_update()]
    now = clock.now()
    await Session.filter(account_id__in=accounts).delete()
    await Consent.filter(account_id__in=accounts, withdrawn_at=None).update(withdrawn_at=now)
    await Consent.filter(person_id=person_id, withdrawn_at=None).update(withdrawn_at=now)
    await Account.filter(id__in=accounts).update(
        person_id=None,
        openid_sealed=None,
        openid_index=None,
        unionid_sealed=None,
        phone_sealed=None,
        phone_index=None,
        phone_at=None,
        disabled_at=now,
    )
    await Address.filter(person_id=person_id).delete()
    person = await Person.get(id=person_id)
    person.phone = None
    person.phone_index = None
    person.forgotten_at = now
    if unnamed:
        person.name = _NOBODY
        person.document = _NOBODY
        # Found by nothing: whoever comes again with the same document is somebody new.
        person.name_index = secrets.token_bytes(_INDEX_BYTES)
        person.document_index = secrets.token_bytes(_INDEX_BYTES)
    await person.save()

    async def look_again() -> None:
        for account_id in accounts:
            forget_account(account_id)

    db.after_commit(look_again)
    return len(accounts)
