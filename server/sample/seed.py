"""`seed-demo`: fills an empty database with the sample county, by the doors everybody uses. Twice is as good as once.

Whoever has more to show adds a step: it is given what the steps before it made, and says in one line what it did.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

from server.config import Settings
from server.errors import Conflict, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, HallView
from server.features.certificates import service as certificates
from server.features.identity import service as identity
from server.features.supervision import service as supervision
from server.ports import Ports
from server.sample import (
    authorised,
    citizens,
    day,
    held,
    items,
    lateness,
    letters,
    lockers,
    matters,
    opening,
    past_queue,
    places,
    standards,
    walls,
)
from server.sample.acting import grant_of
from server.sample.people import PASSWORD, PEOPLE, STAFF
from server.sample.places import ACTOR
from server.sample.sandbox import Sandbox, is_here


@dataclass(slots=True)
class County:
    """What the steps have made so far, by key. `sandbox` is None where the real WeChat is configured."""

    settings: Settings
    ports: Ports
    sandbox: Sandbox | None
    departments: dict[str, DepartmentView] = field(default_factory=dict)
    halls: dict[str, HallView] = field(default_factory=dict)


Step = Callable[[County], Awaitable[str]]


async def seed(ports: Ports, settings: Settings | None = None) -> list[str]:
    """Run every step and give what each did. Raises AppError, SandboxError."""
    settings = settings or Settings.load()
    base = settings.wechat_api_base
    async with Sandbox(base) as sandbox:
        county = County(settings, ports, sandbox if is_here(base) else None)
        return [await step(county) for step in STEPS]


async def _reference(_county: County) -> str:
    regions, words, days = (
        await catalogue.load_regions(),
        await catalogue.load_synonyms(),
        await catalogue.seed_calendar(),
    )
    return f"reference: {regions} regions, {words} synonyms, {days} days of the calendar are new"


async def _certificates(_county: County) -> str:
    return f"certificates: {await certificates.define_standard_types()} kinds"


async def _places(county: County) -> str:
    county.departments = await places.departments()
    county.halls = await places.halls()
    return f"places: {len(county.departments)} departments, {len(county.halls)} halls"


async def _items(county: County) -> str:
    halls = list(county.halls)
    try:
        number = await items.publish(county.departments, halls)
    except InvalidInput:
        # A demo that has stood before holds the difference against a guide that has changed since, unexplained.
        await standards.bring_in(differ=False)
        number = await items.publish(county.departments, halls)
    await standards.bring_in()
    await catalogue.reorder()
    return f"items: {number} with their guides"


async def _opening(county: County) -> str:
    return f"places in time: {await opening.open_halls(county.halls)} new"


async def _past(county: County) -> str:
    return f"past weeks: {await past_queue.remember(county.halls)} numbers taken"


async def _staff(county: County) -> str:
    new = 0
    for one in STAFF:
        try:
            await identity.create_staff(
                ACTOR,
                username=one.username,
                name=one.name,
                password=PASSWORD,
                grants=[grant_of(county.halls, one, scope) for scope in one.scopes],
                totp_secret=_secret(one.username),
            )
            new += 1
        except Conflict:
            pass  # taken on by an earlier demo
    if county.sandbox is not None:
        codes = [{"label": f"{one.username} {one.name}", "secret": _secret(one.username)} for one in STAFF]
        await county.sandbox.tell("authenticator", codes)
    return f"staff: {new} new; all log in with the password {PASSWORD}: {', '.join(one.username for one in STAFF)}"


def _secret(username: str) -> str:
    """Make a secret that is the same in every demo, so that losing the sandbox's memory locks nobody out."""
    return base64.b32encode(hashlib.sha256(f"sample staff {username}".encode()).digest()[:20]).decode()


async def _lockers(county: County) -> str:
    return f"lockers: {await lockers.stand(county.halls, county.sandbox)} cells"


async def _authorised(county: County) -> str:
    return f"authorisations: {await authorised.give(county.departments, county.halls)} new"


async def _walls(county: County) -> str:
    if county.sandbox is None:
        return "posters: none, for there is no sandbox whose phones could scan them"
    await walls.register(county.sandbox, county.settings)
    return f"posters: {await walls.hang(county.sandbox, county.settings, county.halls)} to check in and to rate by"


async def _people(county: County) -> str:
    if county.sandbox is None:
        return "people: none, for there is no sandbox to give them phones"
    await citizens.register(county.sandbox)
    new = await citizens.make_ready(county.sandbox, county.ports)
    return f"people: {len(PEOPLE)} phones, {new} people newly known by their real names"


async def _matters(county: County) -> str:
    if county.sandbox is None:
        return "matters: none, for nobody has a phone"
    return f"matters: {await matters.bring_on(county.halls, county.sandbox, county.ports)} new, each as far as it is"


async def _held(county: County) -> str:
    if county.sandbox is None:
        return "wallets: empty, for nobody has a phone"
    new = await held.issue(county.departments, county.halls, county.sandbox, county.ports)
    return f"wallets: {new} new certificates of people, a child and an enterprise"


async def _day(county: County) -> str:
    if county.sandbox is None:
        return "today: nobody, for nobody has a phone"
    return f"today: {await day.fill(county.halls, county.sandbox, county.ports)} new bookings, and who waits"


async def _letters(county: County) -> str:
    if county.sandbox is None:
        return "letters: none, for nobody has a phone"
    return f"letters: {await letters.write(county.halls, county.sandbox, county.ports)} new"


async def _figures(_county: County) -> str:
    late = await lateness.grow()
    return f"supervision: {late} made late, {await supervision.count_everything()} figures"


STEPS: list[Step] = [
    _reference, _certificates, _places, _items, _opening, _past, _staff, _lockers, _authorised, _walls, _people,
    _matters, _held, _letters, _day, _figures,
]  # fmt: skip
