"""The ledger of consent. Nothing personal is kept before it says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict
from server.features.audit import service as audit
from server.features.identity.models import PRIVACY_VERSION, Consent
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from datetime import datetime
    from uuid import UUID

    from server.actor import Actor

_GIVE = """
INSERT INTO consent (id, created_at, account_id, version, channel) VALUES ($1, $2, $3, $4, 'phone')
ON CONFLICT (account_id, version) WHERE withdrawn_at IS NULL DO NOTHING RETURNING id
"""
_TAKEN_BACK = """
SELECT greatest(person.forgotten_at, (
    SELECT max(withdrawn_at) FROM consent
    WHERE consent.person_id = person.id OR account_id IN (SELECT id FROM account WHERE account.person_id = person.id)))
FROM person WHERE id = $1
"""


async def agree(account_id: UUID, version: str, actor: Actor) -> None:
    """Write consent down in the caller's transaction; once given, giving it again changes nothing."""
    if version != PRIVACY_VERSION:
        raise Conflict("identity.consent_outdated")
    if await db.fetchval(_GIVE, new_id(), clock.now(), account_id, version) is not None:
        await audit.record(actor, "identity.consented", "account", account_id, version=version)


async def has_consented(account_id: UUID) -> bool:
    """Say whether the account has agreed to the text in force."""
    return await Consent.filter(account_id=account_id, version=PRIVACY_VERSION, withdrawn_at=None).exists()


async def require_consent(account_id: UUID) -> None:
    """Raise Conflict unless the account has agreed to the text in force."""
    if not await has_consented(account_id):
        raise Conflict("identity.consent_required")


async def taken_back_at(person_id: UUID) -> datetime | None:
    """Say when a person last took their consent back, or was forgotten: what they gave before is not used anew."""
    taken: datetime | None = await db.fetchval(_TAKEN_BACK, person_id)
    return taken
