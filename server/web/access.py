"""Who may call a route. Every route names one of these; there is no default."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.actor import Actor, Citizen, Role
from server.errors import Forbidden, Unauthenticated
from server.kit.ids import is_walked
from server.web import asking, csrf

if TYPE_CHECKING:
    from sanic import Request


@dataclass(frozen=True, slots=True)
class Policy:
    """`name` is what OpenAPI's `x-access` says; `admit` gives the actor or raises Unauthenticated or Forbidden."""

    name: str
    admit: Callable[[Request], Awaitable[Actor]]
    secured_by: tuple[str, ...] = ()


async def _nobody(request: Request) -> Actor:
    return asking.nobody(request)


async def _anyone(request: Request) -> Actor:
    return await asking.citizen(request) or asking.nobody(request)


async def _citizen(request: Request) -> Citizen:
    found = await asking.citizen(request)
    if found is None:
        raise Unauthenticated("unauthenticated")
    return found


async def _verified(request: Request) -> Citizen:
    found = await _citizen(request)
    if found.person_id is None:
        raise Forbidden("identity.real_name_required")
    return found


def _in_earnest(policy: Policy) -> Policy:
    """Admit whom a policy admits, unless a test person: what binds people outside the walk is done by real ones."""

    async def admit(request: Request) -> Actor:
        found = await policy.admit(request)
        if isinstance(found, Citizen) and is_walked(found.person_id):
            raise Forbidden("identity.test_person")
        return found

    return Policy(policy.name, admit, policy.secured_by)


public = Policy("public", _nobody)
anyone = Policy("anyone", _anyone, ("", "bearer"))
citizen = Policy("citizen", _citizen, ("bearer",))
verified = Policy("verified", _verified, ("bearer",))
citizen_in_earnest = _in_earnest(citizen)
verified_in_earnest = _in_earnest(verified)


def staff(*roles: str) -> Policy:
    """Admit staff holding any of the roles, whatever their scope: the use case checks the scope by its rows."""
    wanted = tuple(Role(role) for role in roles)
    if not wanted:
        msg = "access.staff() needs at least one role"
        raise ValueError(msg)

    async def admit(request: Request) -> Actor:
        found = await asking.staff(request)
        if found is None:
            raise Unauthenticated("unauthenticated")
        if not found.has(*wanted):
            raise Forbidden("forbidden")
        csrf.check(request)
        return found

    return Policy(f"staff:{','.join(sorted(wanted))}", admit, ("console",))
