"""Telephone numbers: one account each, and never a way into somebody else's papers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.errors import Conflict, InvalidInput
from server.features.audit import service as audit
from server.features.identity.models import Account, Session, phone_index
from server.features.identity.service import _ledger, _me, _members, _outside
from server.features.identity.service._sessions import forget_account
from server.kit import checks, clock

if TYPE_CHECKING:
    from server.actor import Citizen
    from server.features.identity.schemas import MeOut
    from server.ports import WeChat

_COPY_CONSENT = """
UPDATE consent SET account_id = $2 WHERE account_id = $1 AND withdrawn_at IS NULL AND version NOT IN
    (SELECT version FROM consent WHERE account_id = $2 AND withdrawn_at IS NULL)
"""


async def ask_phone(actor: Citizen, code: str, wechat: WeChat) -> str:
    """Ask WeChat for the number it has proven for this login.

    Raises InvalidInput `identity.phone_unsupported`; Conflict `identity.consent_required`, `.not_wechat` (no WeChat
    account); and what WeChat refuses.
    """
    await _ledger.require_consent(actor.account_id)
    openid = (await Account.get(id=actor.account_id)).openid
    if openid is None:
        raise Conflict("identity.not_wechat")
    number = checks.mobile(await _outside.phone_number(wechat, code, openid))
    if number is None:
        raise InvalidInput("identity.phone_unsupported")
    return number


async def take_phone(actor: Citizen, number: str) -> MeOut:
    """Keep the number WeChat has just given. Raises Conflict `identity.phone_taken` when it is another person's."""
    async with db.tx():
        account, session = await hold(actor, number)
        account = await settle(actor, account, session, strict=True)
    return await _me.me_of(account.id, session.id, actor.locale)


async def give_back_phone(actor: Citizen) -> MeOut:
    """Keep my number no longer. Raises Conflict `identity.only_way_in` while nothing else opens the account."""
    async with db.tx():
        account, session = await hold(actor)
        if account.openid_index is None:
            raise Conflict("identity.only_way_in")
        if account.phone_index is not None:
            account.phone = None
            account.phone_index = None
            account.phone_at = None
            await account.save(update_fields=["phone_sealed", "phone_index", "phone_at"])
            await audit.record(actor, "identity.phone_given_back", "account", account.id, person_id=account.person_id)
        session.phone = None
        await session.save(update_fields=["phone_sealed"])
    return await _me.me_of(account.id, session.id, actor.locale)


async def hold(actor: Citizen, number: str | None = None) -> tuple[Account, Session]:
    """Hold a login and its session for the rest of the transaction; `number`, if given, has just been proven.

    The number first, then the account: everybody in this order, so nobody waits for somebody who waits for them.
    """
    session = await Session.get(id=actor.session_id)
    if number is not None:
        session.phone = number
        await session.save(update_fields=["phone_sealed"])
    if session.phone is not None:
        await take_turns(session.phone)
    return await Account.locked(actor.account_id), session


async def settle(actor: Citizen, account: Account, session: Session, *, strict: bool = False) -> Account:
    """Give the session's proven number a home; gives the account the session then belongs to.

    The number stays with the session while there is no consent, and while its account belongs to a person and this one
    to nobody yet: who that is shows when they give their real name. A fresh number of another person stays theirs
    (`strict` then raises Conflict); one that has been silent for long goes to whoever has just proven it.
    Call it in a transaction that holds the account.
    """
    number = session.phone
    if number is None or not await _ledger.has_consented(account.id):
        return account
    await take_turns(number)
    holder = await Account.filter(phone_index=phone_index(number)).select_for_update().get_or_none()
    if holder is None or holder.id == account.id:
        await _keep(actor, account, number)
    elif holder.person_id is not None and account.person_id is None:
        return account
    elif holder.person_id is not None and holder.person_id != account.person_id and holder.phone_is_fresh:
        if strict:
            raise Conflict("identity.phone_taken")
    else:
        account = await _join(actor, account, holder, number)
    session.phone = None
    session.account_id = account.id
    await session.save(update_fields=["phone_sealed", "account_id"])
    return account


async def take_turns(number: str) -> None:
    """Let nobody else find, move or give this number a home until the transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended(encode($1, 'hex'), 3))", phone_index(number))


async def _keep(actor: Citizen, account: Account, number: str) -> None:
    fresh = account.phone_sealed is None or account.phone != number
    account.phone = number
    account.phone_index = phone_index(number)
    account.phone_at = clock.now()
    await account.save(update_fields=["phone_sealed", "phone_index", "phone_at"])
    if fresh:
        await audit.record(actor, "identity.phone_given", "account", account.id, person_id=account.person_id)
    await _members.welcome(account)


async def _join(actor: Citizen, account: Account, holder: Account, number: str) -> Account:
    """Move the number; and when one of the two accounts has no WeChat of its own, make one account of both."""
    same_person = holder.person_id is None or holder.person_id == account.person_id
    holder.phone = None
    holder.phone_index = None
    await holder.save(update_fields=["phone_sealed", "phone_index"])
    stays, goes = (account, holder) if holder.openid_index is None else (holder, account)
    if same_person and goes.openid_index is None:
        await _merge(stays, goes)
        await audit.record(actor, "identity.accounts_joined", "account", stays.id, person_id=stays.person_id)
        account = stays
    await _keep(actor, account, number)
    return account


async def _merge(stays: Account, goes: Account) -> None:
    if stays.person_id is None and goes.person_id is not None:
        stays.person_id = goes.person_id
        await stays.save(update_fields=["person_id"])
    goes.phone = None
    goes.phone_index = None
    goes.merged_into = stays.id
    await goes.save(update_fields=["phone_sealed", "phone_index", "merged_into"])
    await Session.filter(account_id=goes.id).update(account_id=stays.id)
    await db.execute(_COPY_CONSENT, goes.id, stays.id)
    forget_account(goes.id)
    forget_account(stays.id)
