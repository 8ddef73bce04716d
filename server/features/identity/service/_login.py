"""Logging in: by WeChat, or by a code sent to a telephone number."""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Literal
from uuid import UUID

from server import db
from server.db import blind_index
from server.errors import FieldError, Forbidden, Gone, InvalidInput, TooMany, Unauthenticated, Unavailable
from server.features.audit import service as audit
from server.features.identity.models import Account, Channel, phone_index
from server.features.identity.schemas import LoginOut
from server.features.identity.service import _ledger, _me, _outside, _phone, _sessions
from server.kit import checks, clock
from server.kit.ids import new_id
from server.ports import OutsideError

if TYPE_CHECKING:
    from datetime import datetime

    from server.actor import Actor, Citizen
    from server.features.identity.schemas import MeOut
    from server.ports import Sms, WeChat, WeChatIdentity

SMS_TEMPLATE = "login_code"
CODE_LIFE = timedelta(minutes=5)
CODE_TRIES = 5
_PER_NUMBER = ((timedelta(minutes=1), 1), (timedelta(hours=1), 5), (timedelta(days=1), 10))
# A hall full of people shares one address; each number has a count of its own besides.
_PER_SOURCE = ((timedelta(hours=1), 300),)
KEEP_CODES = timedelta(days=1)

_SPEND = "INSERT INTO wechat_code (code_index, created_at) VALUES ($1, $2) ON CONFLICT DO NOTHING RETURNING true"
_SENT = """
SELECT created_at FROM login_code WHERE {column} = $1 AND created_at > $2 ORDER BY created_at DESC OFFSET $3 LIMIT 1
"""
_NEW_CODE = """
INSERT INTO login_code (id, created_at, phone_index, source_index, code_index) VALUES ($1, $2, $3, $4, $5)
"""
_TRY = """
UPDATE login_code SET tries = tries + 1
WHERE id = (SELECT id FROM login_code WHERE phone_index = $1 ORDER BY created_at DESC, id DESC LIMIT 1)
    AND used_at IS NULL AND tries < $2 AND created_at > $3
RETURNING id, code_index
"""
_USE = "UPDATE login_code SET used_at = $2 WHERE id = $1 AND used_at IS NULL RETURNING true"
_NEW_BY_WECHAT = """
INSERT INTO account (id, created_at, openid_sealed, openid_index, unionid_sealed, locale)
VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (openid_index) DO NOTHING
"""


async def login_wechat(actor: Actor, code: str, wechat: WeChat, device: str) -> LoginOut:
    """Log in with the code of `wx.login`. A code is exchanged once, whatever comes of it."""
    if await db.fetchval(_SPEND, blind_index("wechat.code", code), clock.now()) is None:
        raise Unauthenticated("identity.wechat_code_spent")
    found = await _outside.wechat_identity(wechat, code)
    async with db.tx():
        account = await _account_of(found, actor.locale)
        _refuse_disabled(account)
        token, session = await _sessions.begin(account.id, Channel.WECHAT, device)
        await audit.record(actor, "identity.logged_in", "account", account.id, channel=Channel.WECHAT.value)
    return LoginOut(token=token, me=await _me.me_of(account.id, session.id, actor.locale))


async def send_code(actor: Actor, phone: str, sms: Sms) -> None:
    """Send a login code. The answer is the same for every number, known or not."""
    number = _number(phone)
    code = f"{secrets.randbelow(1_000_000):06d}"
    row_id = new_id()
    async with db.tx():
        await _phone.take_turns(number)
        source = blind_index("login.source", actor.address)
        await _limit("phone_index", phone_index(number), _PER_NUMBER)
        await _limit("source_index", source, _PER_SOURCE)
        await db.execute(_NEW_CODE, row_id, clock.now(), phone_index(number), source, _code_index(row_id, code))
    minutes = int(CODE_LIFE.total_seconds()) // 60
    try:
        await sms.send(number, SMS_TEMPLATE, {"code": code, "minutes": str(minutes)})
    except OutsideError as refused:
        # Whoever got no code may ask again at once.
        await db.execute("DELETE FROM login_code WHERE id = $1", row_id)
        raise Unavailable("identity.sms_unavailable", retry_after=30) from refused


async def login_phone(actor: Actor, phone: str, code: str, device: str, consent: str | None = None) -> LoginOut:
    """Log in with a code. Raises Gone when there is none that still counts, InvalidInput when it is another."""
    number = _number(phone)
    row_id = await _try(number, code)
    async with db.tx():
        await _phone.take_turns(number)
        if await db.fetchval(_USE, row_id, clock.now()) is None:
            raise Gone("identity.code_expired")
        account = await _account_by(number, actor.locale)
        _refuse_disabled(account)
        if consent is not None:
            await _ledger.agree(account.id, consent, actor)
        token, session = await _sessions.begin(account.id, Channel.SMS, device, phone=number)
        await audit.record(actor, "identity.logged_in", "account", account.id, channel=Channel.SMS.value)
        citizen = _me.as_citizen(account, session)
        account = await _phone.settle(citizen, account, session)
    return LoginOut(token=token, me=await _me.me_of(account.id, session.id, actor.locale))


async def prove_phone(actor: Citizen, phone: str, code: str) -> MeOut:
    """Take a number whose code somebody logged in has just read off it. Raises as `login_phone`, `take_phone`."""
    number = _number(phone)
    await _ledger.require_consent(actor.account_id)
    row_id = await _try(number, code)
    if await db.fetchval(_USE, row_id, clock.now()) is None:
        raise Gone("identity.code_expired")
    return await _phone.take_phone(actor, number)


async def forget_codes() -> int:
    """Drop codes nobody can use any more; gives how many."""
    before = clock.now() - KEEP_CODES
    tags = [
        await db.execute("DELETE FROM login_code WHERE created_at < $1", before),
        await db.execute("DELETE FROM wechat_code WHERE created_at < $1", before),
    ]
    return sum(int(tag.rpartition(" ")[2]) for tag in tags)


async def _account_of(found: WeChatIdentity, locale: str) -> Account:
    index = blind_index("account.openid", found.openid)
    account = await Account.get_or_none(openid_index=index)
    if account is None:
        new = new_id()
        openid = db.seal("account", "openid_sealed", new, found.openid)
        unionid = db.seal("account", "unionid_sealed", new, found.unionid) if found.unionid else None
        await db.execute(_NEW_BY_WECHAT, new, clock.now(), openid, index, unionid, locale)
        account = await Account.get(openid_index=index)
    elif found.unionid and account.unionid != found.unionid:
        account.unionid = found.unionid
        await account.save(update_fields=["unionid_sealed"])
    return account


async def _account_by(number: str, locale: str) -> Account:
    """Find the number's account, or begin one.

    A number long silent may have been given to somebody else: its person's account is not opened by it any more. Whose
    the new account is shows when they give their real name.
    """
    known = await Account.filter(phone_index=phone_index(number)).select_for_update().get_or_none()
    if known is not None and (known.person_id is None or known.phone_is_fresh):
        return known
    account = Account(locale=locale)
    if known is None:
        account.phone_index = phone_index(number)
        account.phone_at = clock.now()
    await account.save()
    return account


def _refuse_disabled(account: Account) -> None:
    if account.disabled_at is not None:
        raise Forbidden("identity.account_disabled")


def _number(typed: str) -> str:
    number = checks.mobile(typed)
    if number is None:
        raise InvalidInput("invalid_input", fields=(FieldError("phone", "phone_invalid"),))
    return number


async def _limit(
    column: Literal["phone_index", "source_index"], index: bytes, rules: tuple[tuple[timedelta, int], ...]
) -> None:
    for within, most in rules:
        # The code that would have to leave the window before another may be sent.
        oldest: datetime | None = await db.fetchval(_SENT.format(column=column), index, clock.now() - within, most - 1)
        if oldest is not None:
            wait = int((oldest + within - clock.now()).total_seconds()) + 1
            raise TooMany("too_many", retry_after=max(1, wait))


async def _try(number: str, code: str) -> UUID:
    """Count a try in a statement of its own, then compare; a refusal must not undo the count."""
    row = await db.fetchrow(_TRY, phone_index(number), CODE_TRIES, clock.now() - CODE_LIFE)
    if row is None:
        raise Gone("identity.code_expired")
    if not hmac.compare_digest(row["code_index"], _code_index(row["id"], code.strip())):
        raise InvalidInput("identity.code_wrong", fields=(FieldError("code", "code_wrong"),))
    found: UUID = row["id"]
    return found


def _code_index(row_id: UUID, code: str) -> bytes:
    # Six digits are guessed in no time from a plain hash; without the key this one says nothing.
    return blind_index("login.code", f"{row_id}:{code}")
