"""Takes the sample people through what everybody goes through: log in, agree, give a number, give a real name."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from server.actor import Anonymous, Citizen
from server.features.identity import service as identity
from server.features.mandates import service as mandates
from server.ports import Ports
from server.sample.people import (
    CHILD,
    ENTERPRISES,
    GRANDCHILD,
    GUARDIAN,
    PEOPLE,
    VISITORS,
    SampleEnterprise,
    SamplePerson,
)
from server.sample.sandbox import Sandbox

_NOBODY = Anonymous(address="127.0.0.1")
_DEVICE = "seed-demo"


async def register(sandbox: Sandbox) -> None:
    """Give everybody a phone, and let the identity check know them and their enterprises. Visitors' are hidden."""
    await sandbox.tell(
        "phones",
        [
            {"key": one.key, "name": one.name, "caption": one.caption, "phone_number": one.phone, "hidden": hidden}
            for people, hidden in ((PEOPLE, False), (VISITORS, True))
            for one in people
        ],
    )
    known = [{"kind": one.kind, "name": one.name, "number": one.number} for one in (*PEOPLE, *VISITORS, GRANDCHILD)]
    await sandbox.tell("people", [*known, _child(), *map(_registered, ENTERPRISES)])


async def make_ready(sandbox: Sandbox, ports: Ports) -> int:
    """Bring those who are `ready` there, with the child and the enterprises; gives how many were not yet."""
    actors: dict[str, Citizen] = {}
    new = 0
    for one in PEOPLE:
        if one.ready:
            actors[one.key], fresh = await named(one, sandbox, ports)
            new += fresh
    if new:
        await _acting_for_others(actors, ports)
    for actor in actors.values():
        await identity.logout(actor)
    return new


async def named(one: SamplePerson, sandbox: Sandbox, ports: Ports) -> tuple[Citizen, bool]:
    """Log somebody in on their phone, known by their real name; say whether they were not before."""
    code = (await sandbox.tell(f"phones/{one.key}/login", {}))["code"]
    login = await identity.login_wechat(_NOBODY, code, ports.wechat, _DEVICE)
    actor = await _resolved(login.token)
    if actor.person_id is not None:
        return actor, False
    await identity.consent(actor, identity.privacy(_NOBODY).version)
    code = (await sandbox.tell(f"phones/{one.key}/phone-number", {}))["code"]
    await identity.take_phone(actor, await identity.ask_phone(actor, code, ports.wechat))
    # What the phone would send; a plain object, because the shapes of requests are identity's own.
    given: Any = SimpleNamespace(document_kind=one.kind, name=one.name, number=one.number)
    await identity.take_real_name(actor, await identity.check_real_name(actor, given, ports.identity_check))
    if one.elder_mode:
        wish: Any = SimpleNamespace(locale=None, elder_mode=True)
        await identity.prefer(actor, wish)
    return await _resolved(login.token), True


async def _acting_for_others(actors: dict[str, Citizen], ports: Ports) -> None:
    guardian = actors[GUARDIAN]
    child: Any = SimpleNamespace(
        relation="guardian",
        name=CHILD.name,
        number=CHILD.number,
        document_kind=CHILD.kind,
        scope="everything",
        last_day=None,
    )
    await mandates.ask(guardian, await mandates.check(guardian, child, ports.identity_check))
    phones = {one.key: one.phone for one in PEOPLE}
    for one in ENTERPRISES:
        owner = actors[one.legal_person]
        given: Any = SimpleNamespace(uscc=one.uscc, name=one.name)
        bound = await identity.bind_enterprise(
            owner, await identity.check_enterprise(owner, given, ports.identity_check)
        )
        for clerk in one.clerks:
            await identity.authorise_clerk(owner, bound.id, phones[clerk])


async def _resolved(token: str) -> Citizen:
    actor = await identity.resolve_bearer(token)
    assert actor is not None  # noqa: S101 - the login was a moment ago
    return actor


def _child() -> dict[str, object]:
    guardian = next(person for person in PEOPLE if person.key == GUARDIAN)
    return {"kind": CHILD.kind, "name": CHILD.name, "number": CHILD.number, "guardians": [guardian.number]}


def _registered(one: SampleEnterprise) -> dict[str, str]:
    legal = next(person for person in PEOPLE if person.key == one.legal_person)
    return {
        "kind": "enterprise",
        "name": one.name,
        "number": one.uscc,
        "legal_name": legal.name,
        "legal_number": legal.number,
    }
