"""Who may do what to whose: every operation of the register, asked by everybody about theirs, others' and nothing."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence

import pytest

from server import db
from server.actor import ScopeKind
from server.web import csrf
from server.web.routing import Operation
from tests.fixtures_web import Client
from tests.server.rude.asks import ask, owned
from tests.server.rude.policy import ABSENT, Caller, expected, fault, likeness, shown
from tests.server.rude.world import Holder, World

# Not the rows of a request but of its sender: when somebody was last seen, how often they have asked.
# That somebody was refused at the counter or a locker is on record.
_KEPT = {"audit_entry": " WHERE action <> 'delivery.refused'"}
_OF_THE_SENDER = {"session", "staff_session", "attempt", "search_miss", "delivery_attempt"}


@pytest.fixture(scope="module")
def callers(world: World, stranger: Client) -> dict[str, Caller]:
    def citizen(name: str, token: str, reaches: str = "", *, verified: bool = True) -> Caller:
        return Caller(
            name=name, client=stranger.as_(token), citizen=True, verified=verified, reaches=frozenset(reaches)
        )

    def staff(name: str, reaches: str = "") -> Caller:
        cookie, actor = world.staff[name]
        client = stranger.in_console(cookie).with_(x_csrf_token=csrf._derive(cookie))
        return Caller(
            name=name,
            client=client,
            roles=frozenset(grant.role for grant in actor.grants),
            reaches=frozenset(reaches),
            county=all(grant.kind is ScopeKind.REGION for grant in actor.grants),
        )

    cookie = world.staff["right"][0]
    everybody = [
        Caller(name="nobody", client=stranger),
        Caller(name="staff's cookie as a phone's token", client=stranger.as_(cookie)),
        Caller(name="phone's token as staff's cookie", client=stranger.in_console(world.a.citizen.token)),
        citizen("unverified", world.unverified.token, verified=False),
        citizen("a", world.a.citizen.token, "a"),
        citizen("b", world.b.citizen.token, "b"),
        staff("elsewhere"),
        staff("supervisor", "ab"),
        staff("auditor", "ab"),
        staff("administrator", "ab"),
        staff("front", "ab"),
        staff("back", "ab"),
        staff("right", "ab"),
    ]
    return {caller.name: caller for caller in everybody}


# The scanned code says which booking is meant; the hall in the form only says which screen to go back to.
# In a broadcast a hall is a word of the message: to whom it goes is tried in test_desk_forms.py.
_NOT_ABOUT_IDS = {
    "console_bookings.scan",
    "console_broadcasts.preview",
    "console_broadcasts.propose",
    "console_reception.scan",
}

# An address is looked at where the result is posted, which test_choice.py tries.
_ONLY_BY_POST = {"cases.submit": {"address_id"}, "delivery.choose": {"address_id"}}

# Whoever stands at the wrong hall with the right code is told where to go.
_SAYS_WHERE = {"console_results.check", "console_results.find", "console_results.wrong"}

# Halls and windows are on the signs; the code somebody holds out is asked for by itself.
_EVERYBODYS = {"bank", "CodeForm.code", "CheckForm.code", "hall", "hall_id", "window", "window_id"}


def subjects(operation: Operation, world: World) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Whose things an operation is asked about."""
    if owned(operation) and operation.name not in _NOT_ABOUT_IDS:
        at_desk = operation.access.name.startswith("staff:")
        yield "a", world.a.at_desk if at_desk else world.a.ids
        yield "b", world.b.at_desk if at_desk else world.b.ids
        yield "absent", world.absent
    else:
        yield "nothing", world.a.ids


def mixed(operation: Operation, mine: Holder, others: Mapping[str, str]) -> Iterator[tuple[str, dict[str, str]]]:
    """Mine in everything but one: the usual way past a check that only looks at the path."""
    names = owned(operation)
    if len(names) > 1 and operation.access.name in {"citizen", "verified"}:
        for name in set(names) - _ONLY_BY_POST.get(operation.name, set()):
            yield name, {**mine.ids, name: others[name]}


def admitted(operation: Operation, callers: Mapping[str, Caller], among: Iterable[str]) -> str:
    """Name the first who may do it to what is a's."""
    subject = "a" if owned(operation) else "nothing"
    return next(name for name in among if expected(operation, callers[name], subject) is None)


def none(faults: Sequence[str | None]) -> None:
    """Nothing is wrong."""
    found = list(dict.fromkeys(filter(None, faults)))
    assert not found, "\n" + "\n".join(found)


async def written() -> dict[str, tuple[int, int]]:
    """Count the rows of every table, and how new the newest is."""
    names = [
        row[0]
        for row in await db.fetch("SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        if row[0] not in _OF_THE_SENDER
    ]
    asks = (
        f"SELECT '{name}', count(*), coalesce(max(xmin::text::bigint), 0) FROM {name}{_KEPT.get(name, '')}"
        for name in names
    )
    return {row[0]: (row[1], row[2]) for row in await db.fetch(" UNION ALL ".join(asks))}


def test_every_thing_of_somebody_is_known_here(register: list[Operation], world: World) -> None:
    """A route with a new kind of id has to be told whose it is."""
    unknown = [
        f"{operation.method} {operation.template}: {name}"
        for operation in register
        for name in operation.binding.path_types
        if name not in {*world.a.ids, *world.given}
    ]
    assert not unknown
    assert sum(bool(owned(operation)) for operation in register) > 40


async def test_nobody_reaches_what_is_not_theirs(
    register: list[Operation], world: World, callers: dict[str, Caller]
) -> None:
    before = await written()
    faults: list[str | None] = []
    cells = 0
    for operation in register:
        for caller in callers.values():
            for subject, ids in subjects(operation, world):
                wanted = expected(operation, caller, subject)
                if wanted is not None:
                    answer = await ask(operation, ids, world.given).by(caller.client)
                    faults.append(fault(f"{operation.name} by {caller.name} on {subject}", answer, wanted))
                    cells += 1
    none(faults)
    assert cells > 800
    after = await written()
    assert {name for name in before if before[name] != after[name]} == set(), "a refused request has left something"


async def test_others_and_nothing_look_the_same(
    register: list[Operation], world: World, callers: dict[str, Caller]
) -> None:
    told: list[str] = []
    for operation in filter(owned, register):
        if operation.name in _SAYS_WHERE:
            continue
        ids = next(subjects(operation, world))[1]
        nothing = ask(operation, world.absent, world.given)
        theirs = ask(operation, ids, world.given)
        for name in ("b", "elsewhere", "unverified"):
            client = callers[name].client
            if likeness(await theirs.by(client)) != likeness(await nothing.by(client)):
                told.append(f"{operation.name} tells {name} that it is there")
    none(told)


async def test_one_foreign_id_among_ones_own_is_refused(
    register: list[Operation], world: World, callers: dict[str, Caller]
) -> None:
    told: list[str | None] = []
    for operation in register:
        for name, ids in mixed(operation, world.a, world.b.ids):
            cell = f"{operation.name} with another's {name}"
            theirs = await ask(operation, ids, world.given).by(callers["a"].client)
            told.append(fault(cell, theirs, ABSENT))
            nothing = ask(operation, {**world.a.ids, name: world.absent[name]}, world.given)
            if likeness(theirs) != likeness(await nothing.by(callers["a"].client)):
                told.append(f"{cell} is answered differently from an absent one")
    assert len(told) > 5
    none(told)


async def test_answers_to_others_hold_nothing_of_a_person(
    register: list[Operation], world: World, callers: dict[str, Caller]
) -> None:
    """Lists, searches and screens without an id leak as well as those with one."""
    secrets = {value for name, value in world.a.ids.items() if name not in _EVERYBODYS}
    secrets |= {world.a.citizen.name, world.a.citizen.number, world.a.citizen.phone}
    leaks = []
    for operation in register:
        if operation.method != "GET":
            continue
        for name in ("nobody", "unverified", "b", "elsewhere"):
            asked = ask(operation, world.b.ids, world.given)
            answer = await asked.by(callers[name].client)
            sent = f"{asked.path}?{asked.query}"
            found = [secret for secret in secrets if secret.encode() in answer.body and secret not in sent]
            if found:
                leaks.append(f"{operation.name} shows {name} {found}")
    none(leaks)


async def test_a_deed_at_the_desk_needs_proof_of_the_desk(
    register: list[Operation], world: World, callers: dict[str, Caller], stranger: Client
) -> None:
    loose = []
    for operation in register:
        if operation.page and operation.method == "POST":
            cookie = world.staff[admitted(operation, callers, among=world.staff)][0]
            forged = stranger.in_console(cookie)
            wrong = forged.with_(x_csrf_token=hashlib.sha256(b"guess").hexdigest())
            foreign = forged.with_(x_csrf_token=csrf._derive(cookie), sec_fetch_site="cross-site")
            for client in (forged, wrong, foreign):
                answer = await ask(operation, world.a.ids, world.given).by(client)
                if (answer.status, answer.json["code"]) != (403, "csrf"):
                    loose.append(f"{operation.name}: {answer.status}")
    none(loose)


async def test_wrong_methods(register: list[Operation], world: World, callers: dict[str, Caller]) -> None:
    known: dict[str, set[str]] = {}
    for operation in register:
        known.setdefault(operation.template, set()).add(operation.method)
    wrong = []
    for operation in register:
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - known[operation.template]:
            answer = await callers["a"].client.request(method, ask(operation, world.a.ids, world.given).path)
            allowed = {one.strip() for one in answer.headers.get("allow", "").split(",")} - {"HEAD", "OPTIONS"}
            if (answer.status, answer.json["code"], allowed) != (
                405,
                "method_not_allowed",
                known[operation.template],
            ):
                wrong.append(f"{method} {operation.template}: {answer.status} {allowed}")
    none(wrong)


async def test_the_right_ones_get_in(register: list[Operation], world: World, callers: dict[str, Caller]) -> None:
    """Last: it uses the world up. Without it, all refusals above could be those of broken requests."""
    order = {"GET": 0, "PUT": 1, "POST": 2, "DELETE": 3}
    last = ["push.restore", "identity.end_others", "console_privacy.answer", "identity.withdraw_consent"]
    # Whoever has changed a certificate has worked on the matter, and may not judge its rating.
    last += ["console_certificates.agree", "console_certificates.change", "console_certificates.refuse"]
    last += ["identity.logout"]
    # Their whole requests are signed, by WeChat and the courier: tests/server/phone and delivery have them.
    elsewhere = {"wechat_callback.echo", "wechat_callback.told", "courier_callback.told"}
    elsewhere |= {"locker_callback.told"}
    # What is collected has neither label nor waybill: tests/server/delivery has both.
    elsewhere |= {"console_parcels.heard", "console_parcels.label"}
    # A walk, a bulletin and what is asked of a department are theirs who began them: tests/server/supervision.
    elsewhere |= {f"console_assignments.{deed}" for deed in ("walk", "begin", "step", "answer", "close")}
    elsewhere |= {"console_assignments.show_code", "console_assignments.end", "supervision.login_walk"}
    elsewhere |= {f"console_samples.{deed}" for deed in ("sample", "export", "check")}
    elsewhere |= {"console_bulletins.fetch"}
    faults: list[str | None] = []
    for operation in sorted(
        register, key=lambda one: (one.name in last and 1 + last.index(one.name), order[one.method])
    ):
        if operation.name in elsewhere or operation.name.startswith("console_login."):
            continue  # logging in to the desk: the desk's own tests
        desk = ("right", "auditor", "supervisor", "administrator")
        name = admitted(operation, callers, among=(*desk, "a") if operation.page else ("a", *desk))
        asked = ask(operation, next(subjects(operation, world))[1], world.given)
        answer = await asked.by(callers[name].client)
        cell = f"{operation.name} by its owner"
        faults.append(fault(cell, answer, None))
        if operation.method == "GET" and answer.status >= 400:
            faults.append(f"{cell}: {answer.status} {shown(answer)}")
    none(faults)
