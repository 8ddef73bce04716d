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
from server.actor import Grant, Role, ScopeKind
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity.models import StaffGrant, StaffMember
from server.features.identity.service import _people
from server.kit import clock

if TYPE_CHECKING:
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
) -> NewStaff:
    """Take somebody on. Raises InvalidInput for what cannot be used, Conflict when the username is taken."""
    _check(username, name, password)
    wanted = [_checked_grant(grant) for grant in grants]
    if not wanted:
        raise InvalidInput("identity.grant_missing")
    if await StaffMember.filter(username=username).exists():
        raise Conflict("identity.username_taken")  # before the hash, which is made to take long
    secret = totp_secret or pyotp.random_base32()
    password_hash = await asyncio.to_thread(hasher.hash, password)
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 6))", username)
        if await StaffMember.filter(username=username).exists():
            raise Conflict("identity.username_taken")
        member = StaffMember(username=username, password_hash=password_hash)
        member.name = _people.plain_name(name)
        member.totp = secret
        await member.save()
        for grant in wanted:
            await _grant(actor, member.id, grant)
        await audit.record(actor, "identity.staff_created", "staff", member.id)
    uri = pyotp.TOTP(secret).provisioning_uri(name=username, issuer_name=ISSUER)
    return NewStaff(id=member.id, secret=secret, uri=uri)


async def grant(actor: Actor, staff_id: UUID, given: Grant) -> None:
    """Give one role within one scope; given twice, it is given once. Raises NotFound."""
    wanted = _checked_grant(given)
    async with db.tx():
        if await StaffMember.filter(id=staff_id).select_for_update().get_or_none() is None:
            raise NotFound
        await _grant(actor, staff_id, wanted)


async def revoke_grant(actor: Actor, staff_id: UUID, given: Grant) -> None:
    """Take one role away: the next request is without it. Raises NotFound."""
    async with db.tx():
        ended = await StaffGrant.filter(
            staff_id=staff_id, role=given.role.value, kind=given.kind.value, scope=given.scope, ended_at=None
        ).update(ended_at=clock.now())
        if not ended:
            raise NotFound
        await audit.record(actor, "identity.grant_revoked", "staff", staff_id, role=given.role.value)


async def disable_staff(actor: Actor, staff_id: UUID) -> None:
    """End somebody's access, open sessions included. Raises NotFound."""
    async with db.tx():
        if not await StaffMember.filter(id=staff_id, disabled_at=None).update(disabled_at=clock.now()):
            raise NotFound
        await audit.record(actor, "identity.staff_disabled", "staff", staff_id)


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


def _check(username: str, name: str, password: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise InvalidInput("identity.username_invalid", fields=(FieldError("username", "bad_format"),))
    if not name.strip():
        raise InvalidInput("invalid_input", fields=(FieldError("name", "name_invalid"),))
    weak = username in password.lower() or len(set(password)) < 5
    if weak or not _LEAST_PASSWORD <= len(password) <= _MOST_PASSWORD:
        raise InvalidInput(
            "identity.password_weak", fields=(FieldError("password", "password_weak"),), least=_LEAST_PASSWORD
        )
