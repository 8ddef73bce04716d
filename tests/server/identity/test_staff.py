"""Staff: two factors, waiting instead of locking out, and rights that end at once."""

from __future__ import annotations

import asyncio
import time

import argon2
import pytest

from server import db
from server.actor import Grant, Role, ScopeKind, System
from server.errors import Conflict, InvalidInput, NotFound, TooMany, Unauthenticated
from server.features.identity import service as identity
from server.features.identity.service import _staff
from tests.conftest import Clock
from tests.factories.identity import PASSWORD, AsStaff, SomeStaff, totp_now

ADMIN = System(name="tests")
HERE = "203.0.113.7"
ELSEWHERE = "198.51.100.9"


async def log_in(who: SomeStaff, *, address: str = HERE) -> str:
    pending = await identity.staff_login(who.username, who.password, address=address)
    return await identity.staff_verify_totp(pending, totp_now(who.totp_secret), address=address)


async def fails(username: str, password: str, *, address: str = HERE) -> Exception:
    with pytest.raises((Unauthenticated, TooMany)) as refused:
        await identity.staff_login(username, password, address=address)
    return refused.value


async def test_password_and_authenticator_open_a_session(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk", name="刘工")
    clock.advance(minutes=1)
    found = await identity.resolve_staff(await log_in(who))
    assert found is not None
    assert found.name == "刘工"
    assert found.has(Role.CLERK)


async def test_the_password_alone_opens_nothing(as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    pending = await identity.staff_login(who.username, who.password)
    assert await identity.resolve_staff(pending) is None


async def test_unknown_names_and_wrong_passwords_look_alike(as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    gone = await as_staff("clerk")
    await identity.disable_staff(ADMIN, gone.actor.staff_id)
    refusals = [
        await fails(who.username, "not the password", address="192.0.2.1"),
        await fails("nobody-of-that-name", PASSWORD, address="192.0.2.2"),
        await fails(gone.username, gone.password, address="192.0.2.3"),
    ]
    assert {(type(one), str(one)) for one in refusals} == {(Unauthenticated, "identity.login_failed")}


async def test_they_take_alike_long_too(as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch) -> None:
    who = await as_staff("clerk")
    monkeypatch.setattr(_staff, "hasher", argon2.PasswordHasher())
    slow = await identity.create_staff(
        ADMIN, username="slowly", name="慢", password=PASSWORD, grants=[Grant(Role.CLERK, ScopeKind.REGION, "341226")]
    )
    assert slow.id != who.actor.staff_id
    await fails("warm-up-the-decoy", "x")

    async def spent(username: str) -> float:
        took = []
        for _ in range(3):
            began = time.process_time()
            await fails(username, "wrong password", address=username)
            took.append(time.process_time() - began)
        return min(took)

    known, unknown = await spent("slowly"), await spent("nobody-at-all")
    assert 0.4 < known / unknown < 2.5


async def test_a_code_works_once_also_when_raced(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    clock.advance(minutes=1)
    code = totp_now(who.totp_secret)
    pendings = [await identity.staff_login(who.username, who.password, address="127.0.0.1") for _ in range(4)]
    tried = await asyncio.gather(
        *(identity.staff_verify_totp(pending, code, address="127.0.0.1") for pending in pendings),
        return_exceptions=True,
    )
    assert sum(isinstance(one, str) for one in tried) == 1
    assert {str(one) for one in tried if isinstance(one, Exception)} == {"identity.totp_wrong"}


async def test_a_code_counts_half_a_minute_around_its_own(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    clock.advance(minutes=2)
    old = totp_now(who.totp_secret)
    clock.advance(seconds=91)
    pending = await identity.staff_login(who.username, who.password, address="127.0.0.1")
    with pytest.raises(Unauthenticated):
        await identity.staff_verify_totp(pending, old, address="127.0.0.1")
    late = totp_now(who.totp_secret)
    clock.advance(seconds=30)
    assert await identity.staff_verify_totp(pending, late, address="127.0.0.1")


async def test_an_older_code_than_the_last_is_spent(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    clock.advance(minutes=2)
    before = totp_now(who.totp_secret)
    clock.advance(seconds=30)
    await log_in(who, address="127.0.0.1")
    pending = await identity.staff_login(who.username, who.password, address="127.0.0.1")
    with pytest.raises(Unauthenticated):
        await identity.staff_verify_totp(pending, before, address="127.0.0.1")


async def test_a_pending_login_dies_after_five_tries_or_five_minutes(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    clock.advance(minutes=1)
    pending = await identity.staff_login(who.username, who.password, address="127.0.0.1")
    for _ in range(5):
        with pytest.raises(Unauthenticated, match="totp_wrong"):
            await identity.staff_verify_totp(pending, "abcdef", address="127.0.0.1")
    with pytest.raises(Unauthenticated, match="login_expired"):
        await identity.staff_verify_totp(pending, totp_now(who.totp_secret), address="127.0.0.1")
    pending = await identity.staff_login(who.username, who.password, address="127.0.0.1")
    clock.advance(minutes=5, seconds=1)
    with pytest.raises(Unauthenticated, match="login_expired"):
        await identity.staff_verify_totp(pending, totp_now(who.totp_secret), address="127.0.0.1")


async def test_failures_cost_time_and_never_lock_out(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    refusals = [await fails(who.username, "wrong", address=f"192.0.2.{host}") for host in range(12)]
    waits = [one.retry_after for one in refusals if isinstance(one, TooMany)]
    assert waits
    assert max(wait or 0 for wait in waits) <= 61
    for _ in range(40):
        clock.advance(seconds=61)
        await fails(who.username, "wrong", address=ELSEWHERE)
    clock.advance(seconds=61)
    refused = await fails(who.username, "wrong", address="192.0.2.77")
    assert isinstance(refused, Unauthenticated), "after a minute somebody is let try again, however many failed before"


async def test_strangers_failures_cost_the_usual_place_no_wait(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    clock.advance(minutes=1)
    await log_in(who, address=HERE)
    for host in range(12):
        await fails(who.username, "wrong", address=f"192.0.2.{host}")
    assert isinstance(await fails(who.username, who.password, address=ELSEWHERE), TooMany)
    clock.advance(seconds=31)
    assert await identity.resolve_staff(await log_in(who, address=HERE))


async def test_one_place_that_tries_many_names_waits(as_staff: AsStaff) -> None:
    refusals = [await fails(f"somebody{serial}", "wrong", address=ELSEWHERE) for serial in range(30)]
    assert isinstance(refusals[-1], TooMany)
    who = await as_staff("clerk")
    assert await identity.staff_login(who.username, who.password, address=HERE)


async def test_a_hundred_guesses_at_once_are_a_handful(as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    refusals = await asyncio.gather(
        *(fails(who.username, f"guess{serial}", address=f"192.0.2.{serial}") for serial in range(60))
    )
    assert sum(isinstance(one, Unauthenticated) for one in refusals) <= 8


async def test_sessions_end_by_logout_idleness_and_age(as_staff: AsStaff, clock: Clock) -> None:
    who = await as_staff("clerk")
    await identity.staff_logout(who.cookie)
    assert await identity.resolve_staff(who.cookie) is None
    clock.advance(minutes=1)
    cookie = await log_in(who, address="127.0.0.1")
    for _ in range(14):
        clock.advance(minutes=50)
        assert await identity.resolve_staff(cookie) is not None
    clock.advance(minutes=50)
    assert await identity.resolve_staff(cookie) is None, "twelve hours are over"
    cookie = await log_in(who, address="127.0.0.1")
    clock.advance(minutes=61)
    assert await identity.resolve_staff(cookie) is None, "an hour without a click"


async def test_rights_taken_are_gone_with_the_next_request(as_staff: AsStaff) -> None:
    who = await as_staff("clerk", "reviewer")
    await identity.revoke_grant(ADMIN, who.actor.staff_id, who.actor.grants[0])
    found = await identity.resolve_staff(who.cookie)
    assert found is not None
    assert found.grants == who.actor.grants[1:]
    await identity.grant(ADMIN, who.actor.staff_id, who.actor.grants[0])
    await identity.grant(ADMIN, who.actor.staff_id, who.actor.grants[0])
    found = await identity.resolve_staff(who.cookie)
    assert found is not None
    assert set(found.grants) == set(who.actor.grants)
    await identity.disable_staff(ADMIN, who.actor.staff_id)
    assert await identity.resolve_staff(who.cookie) is None
    with pytest.raises(NotFound):
        await identity.revoke_grant(ADMIN, who.actor.staff_id, Grant(Role.AUDITOR, ScopeKind.REGION, ""))


async def test_logins_are_on_record(as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    await fails(who.username, "wrong")
    await fails("nobody-of-that-name", "wrong")
    rows = await db.fetch(
        "SELECT action, address FROM audit_entry WHERE subject_id = $1 ORDER BY id", who.actor.staff_id
    )
    actions = [row["action"] for row in rows]
    assert actions[-2:] == ["identity.staff_logged_in", "identity.staff_login_failed"]
    assert rows[-2]["address"] == "127.0.0.1"


async def test_nothing_secret_is_kept_in_clear(as_staff: AsStaff) -> None:
    who = await as_staff("clerk", name="刘工")
    row = str(await db.fetchval("SELECT staff::text FROM staff WHERE id = $1", who.actor.staff_id))
    sessions = str(await db.fetch("SELECT staff_session::text FROM staff_session"))
    for secret in (who.password, who.totp_secret, "刘工", who.cookie):
        assert secret not in row + sessions
    assert "$argon2id$" in row


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"username": "Li"}, "identity.username_invalid"),
        ({"username": "刘工"}, "identity.username_invalid"),
        ({"password": "short1!"}, "identity.password_weak"),
        ({"password": "aaaaaaaaaaaa"}, "identity.password_weak"),
        ({"password": "my-newcomer-pw"}, "identity.password_weak"),
        ({"password": "x1y2z3-4" * 20}, "identity.password_weak"),
        ({"name": " "}, "invalid_input"),
        ({"grants": []}, "identity.grant_missing"),
        ({"grants": [Grant(Role.CLERK, ScopeKind.HALL, "341226")]}, "identity.grant_scope"),
        ({"grants": [Grant(Role.CLERK, ScopeKind.REGION, "x")]}, "identity.grant_scope"),
    ],
)
async def test_who_cannot_be_taken_on(database: None, changes: dict[str, object], code: str) -> None:
    given = {
        "username": "newcomer",
        "name": "新来的",
        "password": "lantern-river-42",
        "grants": [Grant(Role.CLERK, ScopeKind.REGION, "341226")],
    }
    with pytest.raises(InvalidInput, match=code):
        await identity.create_staff(ADMIN, **(given | changes))  # type: ignore[arg-type]
    assert await db.fetchval("SELECT count(*) FROM staff") == 0


async def test_a_username_is_taken_once(as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    with pytest.raises(Conflict, match=r"identity\.username_taken"):
        await identity.create_staff(
            ADMIN, username=who.username, name="别人", password=PASSWORD, grants=list(who.actor.grants)
        )
