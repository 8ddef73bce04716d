"""Real names: given once per login, confirmed by the authority, one person however many logins they have."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict, Forbidden
from server.features.audit import service as audit
from server.features.identity.models import OWN_ACCOUNT_YEARS, Account, Person, Session, phone_index
from server.features.identity.service import _attempts, _ledger, _me, _members, _people, _phone
from server.features.identity.service._sessions import forget_account

if TYPE_CHECKING:
    from server.actor import Citizen
    from server.features.identity.schemas import MeOut, RealNameIn
    from server.features.identity.service._people import Claimed
    from server.ports import IdentityCheck


async def check_real_name(actor: Citizen, given: RealNameIn, checker: IdentityCheck) -> Claimed:
    """Ask the authority about a name, before anything is kept.

    Raises InvalidInput; Conflict `identity.consent_required`, `.not_matched`; Unavailable `identity.check_unavailable`.
    """
    claim = _people.claimed(given.document_kind, given.name, given.number)
    await _ledger.require_consent(actor.account_id)
    async with _attempts.counted(_attempts.REAL_NAME, str(actor.account_id)):
        await _people.confirm(claim, checker)
    return claim


async def take_real_name(actor: Citizen, claim: Claimed) -> MeOut:
    """Bind a login to the person whose name has just been confirmed. Giving the same name again is harmless.

    Raises Conflict `identity.already_named` (this login is somebody else's), `.person_taken` (the person has another
    login, whose number this one has not proven); Forbidden `identity.too_young`.
    """
    async with db.tx():
        await _ledger.require_consent(actor.account_id)
        person = await _people.write_down(claim)
        account = await _bind(actor, person)
    return await _me.me_of(account.id, actor.session_id, actor.locale)


async def _bind(actor: Citizen, person: Person) -> Account:
    if person.age is not None and person.age < OWN_ACCOUNT_YEARS:
        raise Forbidden("identity.too_young", age=OWN_ACCOUNT_YEARS)
    account, session = await _phone.hold(actor)
    if account.person_id is not None and account.person_id != person.id:
        raise Conflict("identity.already_named")
    if account.person_id is None:
        await _refuse_taken(person, account, session)
        account.person_id = person.id
        await account.save(update_fields=["person_id"])
        await audit.record(actor, "identity.named", "account", account.id, person_id=person.id)
    account = await _phone.settle(actor, account, session)
    await _members.welcome(account)
    forget_account(account.id)
    return account


async def _refuse_taken(person: Person, account: Account, session: Session) -> None:
    """Refuse a second login of a person unless it has proven the number of one they have.

    Name and number alone are no secret; the telephone is. Whoever has lost theirs is helped at a window.
    """
    others = Account.filter(person_id=person.id, disabled_at=None, merged_into=None).exclude(id=account.id)
    if not await others.exists():
        return
    number = session.phone or account.phone
    if number is None or not await others.filter(phone_index=phone_index(number)).exists():
        raise Conflict("identity.person_taken")
