"""The first day of a member of staff: a password shown once, their own password, and an authenticator of their own."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import pyotp

from server import db
from server.actor import Grant, Staff
from server.errors import Conflict, FieldError, InvalidInput, Unauthenticated
from server.features.audit import service as audit
from server.features.identity.models import StaffMember
from server.features.identity.service import _attempts, _desk, _reaching, _staff
from server.features.identity.service._sessions import hashed
from server.kit import clock

if TYPE_CHECKING:
    from server.actor import Actor

FIRST_DAYS = timedelta(days=7)
# Without what looks alike on paper; twelve of them are as good as 59 random bits.
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"

_PENDING = """
SELECT staff_id FROM staff_session WHERE token_hash = $1 AND stage = 'password' AND ended_at IS NULL
    AND expires_at > $2 AND tries < $3
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class FirstPassword:
    """What an administrator hands over, once; nobody can read it back."""

    id: UUID
    username: str
    password: str
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolment:
    """What a newcomer puts into their authenticator."""

    username: str
    secret: str
    uri: str


async def take_on(actor: Actor, *, username: str, name: str, given: Grant) -> FirstPassword:
    """Take somebody on with a password shown once. Raises as `create_staff`."""
    password, until = _password(), clock.now() + FIRST_DAYS
    new = await _staff.create_staff(
        actor, username=username, name=name, password=password, grants=(given,), enrol_until=until
    )
    return FirstPassword(id=new.id, username=username, password=password, until=until)


async def reset_staff(actor: Actor, staff_id: UUID) -> FirstPassword:
    """Give somebody a new first password, forget their authenticator, end their sessions. Raises NotFound, Conflict."""
    if isinstance(actor, Staff) and actor.staff_id == staff_id:
        raise Conflict("identity.not_oneself")
    password, until = _password(), clock.now() + FIRST_DAYS
    password_hash = await _staff.hashed_password(password)
    async with db.tx():
        await _reaching.hold_administrators()
        member = await _reaching.managed(actor, staff_id)
        member.password_hash = password_hash
        member.totp = pyotp.random_base32()
        member.totp_step = 0
        member.enrol_until = until
        await member.save(update_fields=["password_hash", "totp_sealed", "totp_step", "enrol_until"])
        await _staff.end_all(staff_id)
        if isinstance(actor, Staff):
            await _reaching.keep_one()
        await audit.record(actor, "identity.staff_reset", "staff", staff_id)
    return FirstPassword(id=staff_id, username=member.username, password=password, until=until)


async def enrolment(pending: str) -> Enrolment | None:
    """Tell what the bearer of a first password must set up, or None when they have done it."""
    member = await _newcomer(pending)
    if member is None:
        return None
    return Enrolment(username=member.username, secret=member.totp, uri=_staff.uri_of(member.username, member.totp))


async def enrol(pending: str, code: str, password: str, *, address: str = "") -> str:
    """Take a newcomer's own password and the first code of their authenticator; gives the session's token.

    Raises as `staff_verify_totp`, and InvalidInput for a password that is weak or the one they were given.
    """
    member = await _newcomer(pending)
    if member is None:
        raise Unauthenticated("identity.login_expired")
    _staff.check_password(member.username, password)
    if await _desk.matches(member.password_hash, password):
        raise InvalidInput("identity.password_same", fields=(FieldError("password", "password_weak"),))
    password_hash = await _staff.hashed_password(password)
    session_id = await _desk.count_try(pending)
    await _desk.charge(member, member.username, address)
    async with db.tx():
        await _desk.use_code(member, code)
        await StaffMember.filter(id=member.id).update(password_hash=password_hash, enrol_until=None)
        await _staff.end_all(member.id)
        token = await _desk.begin(member.id, address)
        actor = Staff(staff_id=member.id, session_id=session_id, address=address)
        await audit.record(actor, "identity.staff_enrolled", "staff", member.id)
    await _attempts.clear(_attempts.STAFF_ACCOUNT, member.username)
    await _attempts.refund(_attempts.STAFF_SOURCE, address)
    return token


async def _newcomer(pending: str) -> StaffMember | None:
    staff_id = await db.fetchval(_PENDING, hashed(pending), clock.now(), _desk.TOTP_TRIES)
    if staff_id is None:
        return None
    return await StaffMember.get_or_none(id=staff_id, disabled_at=None, enrol_until__gt=clock.now())


def _password() -> str:
    while True:
        made = "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
        if len(set(made)) > 7:
            return made
