"""Everybody behind a desk who might look at somebody's things."""

from __future__ import annotations

from uuid import UUID

import pyotp

from server.actor import Grant, Role, ScopeKind, Staff, System
from server.features.catalogue.service import HallView
from server.features.identity import service as identity
from tests.factories import catalogue as make
from tests.factories import identity as people

FRONT = (Role.CLERK, Role.HALL_MANAGER)


async def staff_of(hall: HallView, department_id: UUID) -> dict[str, tuple[str, Staff]]:
    """Everybody behind a desk: the right ones, the same ones elsewhere, each role alone, and who only watches."""
    here, department = str(hall.id), str(department_id)
    next_door = str((await make.hall("next-door")).id)
    other = str((await make.department("taxes")).id)
    front = [Grant(role, ScopeKind.HALL, here) for role in FRONT]
    everywhere = [
        (role, [Grant(role, ScopeKind.REGION, make.COUNTY)])
        for role in (Role.SUPERVISOR, Role.AUDITOR, Role.ADMINISTRATOR)
    ]
    grants = {
        "right": [*front, Grant(Role.REVIEWER, ScopeKind.DEPARTMENT, department)],
        "elsewhere": [
            *(Grant(role, ScopeKind.HALL, next_door) for role in (*FRONT, Role.ADMINISTRATOR)),
            Grant(Role.REVIEWER, ScopeKind.DEPARTMENT, other),
        ],
        "front": front,
        "back": [Grant(Role.REVIEWER, ScopeKind.DEPARTMENT, department)],
        **{role.value: held for role, held in everywhere},
    }
    found = {}
    for name, held in grants.items():
        cookie = await _log_in(name, held)
        actor = await identity.resolve_staff(cookie)
        assert actor is not None
        found[name] = (cookie, actor)
    return found


async def _log_in(name: str, grants: list[Grant]) -> str:
    secret = pyotp.random_base32()
    people._cheap_passwords()
    username = f"rude-{name}"
    await identity.create_staff(
        System(name="tests"), username=username, name="样", password=people.PASSWORD, grants=grants, totp_secret=secret
    )
    pending = await identity.staff_login(username, people.PASSWORD, address="127.0.0.1")
    return await identity.staff_verify_totp(pending, people.totp_now(secret), address="127.0.0.1")
