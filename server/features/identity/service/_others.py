"""Somebody else, whom a logged-in person wants to act for: asked about, before anything is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import Unavailable
from server.features.identity.models import DocumentKind
from server.features.identity.service import _attempts, _ledger, _outside, _people
from server.ports import Checked

if TYPE_CHECKING:
    from server.actor import Citizen
    from server.features.identity.service._people import Claimed
    from server.ports import IdentityCheck


async def check_other(actor: Citizen, *, kind: str, name: str, number: str, checker: IdentityCheck) -> Claimed:
    """Ask the authority about somebody else's name. Raises as `check_real_name`."""
    agent = await _people.require_person(actor)
    claim = _people.claimed(kind, name, number)
    await _ledger.require_consent(actor.account_id)
    async with _attempts.counted(_attempts.REAL_NAME, f"mandate:{agent.id}"):
        await _people.confirm(claim, checker)
    return claim


async def is_kin(actor: Citizen, claim: Claimed, checker: IdentityCheck) -> bool:
    """Ask the authority whether the child is the asker's. Silence is no yes: there is a window for those."""
    agent = await _people.require_person(actor)
    if claim.kind is not DocumentKind.RESIDENT_ID:
        return False
    asking = checker.kinship(
        name=claim.name, number=claim.number, relative_name=agent.name, relative_number=agent.number
    )
    try:
        return await _outside.checked(asking) is Checked.MATCH
    except Unavailable:
        return False
