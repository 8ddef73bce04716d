"""In whose name the sample does what people do: the staff at their desks, the people on their phones."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

from server.actor import Citizen, Grant, ScopeKind, Staff
from server.errors import Conflict
from server.features.catalogue.service import HallView
from server.features.identity import service as identity
from server.kit.ids import new_id
from server.ports import Ports
from server.sample import citizens
from server.sample.people import PEOPLE, STAFF, VISITORS, SampleStaff
from server.sample.sandbox import Sandbox


def grant_of(halls: Mapping[str, HallView], one: SampleStaff, scope: str) -> Grant:
    """Give a sample role its scope: a hall by its key, or a region by its code."""
    if scope in halls:
        return Grant(one.role, ScopeKind.HALL, str(halls[scope].id))
    return Grant(one.role, ScopeKind.REGION, scope)


async def desks(halls: Mapping[str, HallView]) -> dict[str, Staff]:
    """Seat the sample staff, by username. Nobody logs in: a code of the authenticator is theirs to use."""
    seated = {}
    for one in STAFF:
        staff_id = await identity.staff_by_username(one.username)
        if staff_id is not None:
            grants = tuple(grant_of(halls, one, scope) for scope in one.scopes)
            seated[one.username] = Staff(staff_id=staff_id, session_id=new_id(), name=one.name, grants=grants)
    return seated


@asynccontextmanager
async def phones(keys: Iterable[str], sandbox: Sandbox, ports: Ports) -> AsyncIterator[dict[str, Citizen]]:
    """Have people take up their phones, and put them away afterwards."""
    known = {one.key: one for one in (*PEOPLE, *VISITORS)}
    held = {key: (await citizens.named(known[key], sandbox, ports))[0] for key in dict.fromkeys(keys)}
    yield held
    for actor in held.values():
        await identity.logout(actor)


async def unless_done(deed: Awaitable[object]) -> None:
    """Do what an earlier demo, or whoever tries this one, may have done already."""
    with suppress(Conflict):
        await deed


def asked(**fields: object) -> Any:  # noqa: ANN401 - what a phone would send; the shapes of requests are each feature's own
    """Put a request together as a plain object."""
    return SimpleNamespace(**fields)
