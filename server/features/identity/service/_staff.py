"""Staff: who they are, what they were granted, and the end of it."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

import argon2
import pyotp

from server import db
from server.actor import Grant, Role, ScopeKind, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity.models import StaffGrant, StaffMember
from server.features.identity.service import _people, _reaching
from server.kit import clock

if TYPE_CHECKING:
    from datetime import datetime

    from server.actor import Actor

ISSUER = "OneTrip"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{2,39}")
_LEAST_PASSWORD, _MOST_PASSWORD = 8, 128
_REGION = re.compile(r"\d{0,12}", re.ASCII)

hasher = argon2.PasswordHasher()


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStaff:
    """`secret` and `uri` are shown once, to be put into an authenticator; nobody can read them back."""

    id: UUID
    secret: str
    uri: str


async def create_staff(
    actor: Actor,
    *,
    username: str,
    name: str,
    password: str,
    grants: Iterable[Grant],
    totp_secret: str | None = None,
    enrol_until: datetime | None = None,
) -> NewStaff:
    """Take somebody on. Raises InvalidInput for what cannot be used, Conflict when the username is taken, Forbidden."""
    check_username(username)
    check_password(username, password)
    wanted = [_checked_grant(grant) for grant in grants]
    if not wanted:
        raise InvalidInput("identity.grant_missing")
    for one in wanted:
        await _reaching.may_grant(actor, one)
    if await StaffMember.filter(username=username).exists():
        raise Conflict("identity.username_taken")  # before the hash, which is made to take long
    secret = totp_secret or pyotp.random_base32()
    member = StaffMember(username=username, enrol_until=enrol_until, password_hash=await hashed_password(password))
    member.name = _plain_name(name)
    member.totp = secret
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 6))", username)
        if await StaffMember.filter(username=username).exists():
            raise Conflict("identity.username_taken")
        await member.save()
        for grant in wanted:
            await _grant(actor, member.id, grant)
        await audit.record(actor, "identity.staff_created", "staff", member.id)
    return NewStaff(id=member.id, secret=secret, uri=uri_of(username, secret))


async def hashed_password(password: str) -> str:
    """Hash a password, beside the loop: it is made to take long."""
    return await asyncio.to_thread(hasher.hash, password)


def uri_of(username: str, secret: str) -> str:
    """Write what an authenticator scans."""
    return pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)


async def grant(actor: Actor, staff_id: UUID, given: Grant) -> None:
    """Give one role within one scope; given twice, it is given once. Raises NotFound, Forbidden, InvalidInput."""
    wanted = _checked_grant(given)
    async with db.tx():
        await _reaching.managed(actor, staff_id)
        await _reaching.may_grant(actor, wanted)
        await _grant(actor, staff_id, wanted)


async def revoke_grant(actor: Actor, staff_id: UUID, given: Grant) -> None:
    """Take one role away: the next request is without it. Raises NotFound, Conflict for the last administrator."""
    async with db.tx():
        await _reaching.hold_administrators()
        await _reaching.managed(actor, staff_id)
        if given.role is Role.ADMINISTRATOR:
            _not_oneself(actor, staff_id)
        ended = await StaffGrant.filter(
            staff_id=staff_id, role=given.role.value, kind=given.kind.value, scope=given.scope, ended_at=None
        ).update(ended_at=clock.now())
        if not ended:
            raise NotFound
        await _left(actor)
        await audit.record(
            actor, "identity.grant_revoked", "staff", staff_id, role=given.role.value, kind=given.kind.value,
            scope=given.scope,
        )  # fmt: skip


async def disable_staff(actor: Actor, staff_id: UUID) -> None:
    """End somebody's access and their sessions. Raises NotFound, Conflict for oneself or the last administrator."""
    async with db.tx():
        await _reaching.hold_administrators()
        await _reaching.managed(actor, staff_id)
        _not_oneself(actor, staff_id)
        if not await StaffMember.filter(id=staff_id, disabled_at=None).update(disabled_at=clock.now()):
            raise NotFound
        await end_all(staff_id)
        await _left(actor)
        await audit.record(actor, "identity.staff_disabled", "staff", staff_id)


async def enable_staff(actor: Actor, staff_id: UUID) -> None:
    """Let somebody back in; they log in anew. Raises NotFound."""
    async with db.tx():
        await _reaching.managed(actor, staff_id)
        if not await StaffMember.filter(id=staff_id, disabled_at__not_isnull=True).update(disabled_at=None):
            raise NotFound
        await audit.record(actor, "identity.staff_enabled", "staff", staff_id)


async def end_staff_sessions(actor: Actor, staff_id: UUID) -> int:
    """End every session somebody has open; gives how many. Raises NotFound."""
    async with db.tx():
        await _reaching.managed(actor, staff_id)
        ended = await end_all(staff_id)
        await audit.record(actor, "identity.staff_sessions_ended", "staff", staff_id, sessions=ended)
    return ended


async def end_all(staff_id: UUID) -> int:
    """End all sessions in the caller's transaction; the next request of any is refused on every process."""
    tag = await db.execute(
        "UPDATE staff_session SET ended_at = $2 WHERE staff_id = $1 AND ended_at IS NULL", staff_id, clock.now()
    )
    return int(tag.rpartition(" ")[2])


async def _left(actor: Actor) -> None:
    if isinstance(actor, Staff):  # whoever holds the machine can always take on another
        await _reaching.keep_one()


def _not_oneself(actor: Actor, staff_id: UUID) -> None:
    if isinstance(actor, Staff) and actor.staff_id == staff_id:
        raise Conflict("identity.not_oneself")


async def _grant(actor: Actor, staff_id: UUID, wanted: Grant) -> None:
    role, kind = wanted.role.value, wanted.kind.value
    live = StaffGrant.filter(staff_id=staff_id, role=role, kind=kind, scope=wanted.scope, ended_at=None)
    if await live.exists():
        return
    await StaffGrant(staff_id=staff_id, role=role, kind=kind, scope=wanted.scope).save()
    await audit.record(actor, "identity.grant_given", "staff", staff_id, role=role, kind=kind, scope=wanted.scope)


def _checked_grant(given: Grant) -> Grant:
    if given.kind is ScopeKind.REGION:
        if not _REGION.fullmatch(given.scope):
            raise InvalidInput("identity.grant_scope", fields=(FieldError("scope", "bad_format"),))
        return given
    try:
        return Grant(Role(given.role), given.kind, str(UUID(given.scope)))
    except ValueError:
        raise InvalidInput("identity.grant_scope", fields=(FieldError("scope", "bad_format"),)) from None


def check_username(username: str) -> None:
    """Raise InvalidInput for what cannot be a username."""
    if not _USERNAME.fullmatch(username):
        raise InvalidInput("identity.username_invalid", fields=(FieldError("username", "bad_format"),))


def check_password(username: str, password: str) -> None:
    """Raise InvalidInput for a password that is guessed too easily."""
    weak = username in password.lower() or len(set(password)) < 5
    if weak or not _LEAST_PASSWORD <= len(password) <= _MOST_PASSWORD:
        raise InvalidInput(
            "identity.password_weak", fields=(FieldError("password", "password_weak"),), least=_LEAST_PASSWORD
        )


def _plain_name(name: str) -> str:
    if not name.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("name", "name_invalid"),))
    return _people.plain_name(name)
