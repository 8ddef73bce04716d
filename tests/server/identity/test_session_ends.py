"""A session ended on one web process is ended on every other within a second: two real ones on one database."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, replace

import aiohttp
import pytest

from server import db
from server.config import Settings
from server.features.identity import service as identity
from server.features.identity.service import _sessions
from server.kit import ids
from tests.clean_state import CleanState
from tests.factories.identity import AsCitizen, AsStaff, SomeStaff
from tests.factories.identity import login as log_in
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk
from tests.server.db.kill_matrix import folder
from tests.smoke.processes import free_port, place, until

PROMISED_SECONDS = 1.0
ME, CASES = "/api/v1/me", "/console/cases"


@pytest.fixture(scope="module")
def addresses(settings: Settings, _clean_state: CleanState) -> Iterator[list[str]]:
    """Two web processes that share nothing but the database, and Redis where there is one."""
    told = {
        "DATABASE_URL": db.address(),
        "REDIS_URL": settings.redis_url or "",
        "SECRETS_FILE": str(settings.secrets_file),
        "WEB_WORKERS": "1",
    }
    with folder() as var, place(var) as here:
        running = [here.start("web", PORT=str(free_port()), **told) for _ in range(2)]
        for web in running:
            until(lambda web=web: web.answers() == 200 or web.process.poll() is not None, 60)  # type: ignore[misc]
            assert web.answers() == 200, web.said()
        yield [web.base for web in running]


@dataclass(frozen=True, slots=True)
class Two:
    """The process where something is ended, and the other one."""

    here: Client
    there: Client

    async def forgets(self, opened: Callable[[Client], Awaitable[bool]], end: Callable[[], Awaitable[object]]) -> bool:
        """Say whether what both let in is refused here at once, and there to whoever asks a second later."""
        assert await opened(self.here)
        assert await opened(self.there), "from now on it is remembered there"
        await end()
        if await opened(self.here):
            return False
        await asyncio.sleep(PROMISED_SECONDS)
        return not await opened(self.there)


@pytest.fixture
def two(addresses: list[str], http_session: aiohttp.ClientSession, database: None) -> Two:
    here, there = (Client(base, http_session, {"accept-language": "zh-CN"}) for base in addresses)
    return Two(here, there)


def phone(token: str) -> Callable[[Client], Awaitable[bool]]:
    async def opened(process: Client) -> bool:
        answer = await process.as_(token).get(ME)
        assert answer.status in {200, 401}, answer.text
        return answer.status == 200

    return opened


def desk(who: SomeStaff) -> Callable[[Client], Awaitable[bool]]:
    async def opened(process: Client) -> bool:
        answer = await process.in_console(who.cookie).get(CASES, headers=HTML)
        led_away = answer.status == 303 and answer.headers["location"].startswith("/console/login")
        assert led_away or answer.status == 200, answer.text
        return not led_away

    return opened


async def sent(client: Client, method: str, path: str) -> None:
    answer = await client.request(method, path, headers={"idempotency-key": ids.token()})
    assert answer.status < 300, answer.text


async def test_logged_out(two: Two, as_citizen: AsCitizen) -> None:
    who = await as_citizen()
    assert await two.forgets(phone(who.token), lambda: sent(two.here.as_(who.token), "POST", "/api/v1/logout"))


async def test_other_devices_signed_out(two: Two, as_citizen: AsCitizen) -> None:
    lost = await as_citizen()
    kept = await log_in(lost.openid)
    mine = two.here.as_(kept)
    assert await two.forgets(phone(lost.token), lambda: sent(mine, "DELETE", "/api/v1/me/sessions"))
    assert await phone(kept)(two.here)
    assert await phone(kept)(two.there)


async def test_one_device_signed_out(two: Two, as_citizen: AsCitizen) -> None:
    lost = await as_citizen()
    mine = two.here.as_(await log_in(lost.openid))
    assert await two.forgets(phone(lost.token), lambda: sent(mine, "DELETE", f"/api/v1/me/sessions/{lost.session_id}"))


@pytest.mark.parametrize("disabled", [True, False], ids=["disabled", "logins released"])
async def test_shut_out_at_a_window(two: Two, as_citizen: AsCitizen, as_staff: AsStaff, *, disabled: bool) -> None:
    officer = (await as_staff("administrator")).actor
    who = await as_citizen()
    assert who.person_id is not None
    for process in (two.here, two.there):
        assert await phone(who.token)(process)
    if disabled:
        await identity.disable_account(officer, who.account_id)
    else:
        await identity.release_logins(officer, who.person_id)
    await asyncio.sleep(PROMISED_SECONDS)
    for process in (two.here, two.there):
        assert not await phone(who.token)(process)


async def test_staff_log_out(two: Two, as_staff: AsStaff) -> None:
    who = await as_staff("clerk")
    theirs = at_desk(two.here, who)
    assert await two.forgets(desk(who), lambda: theirs.does("/console/logout", on=CASES))


@pytest.mark.parametrize("deed", ["disable", "end-sessions"])
async def test_staff_shut_out_by_an_administrator(two: Two, as_staff: AsStaff, deed: str) -> None:
    boss, who = at_desk(two.here, await as_staff("administrator")), await as_staff("clerk")
    page = f"/console/staff/{who.actor.staff_id}"
    assert await two.forgets(desk(who), lambda: boss.does(f"{page}/{deed}", on=page))


async def test_a_longer_memory_would_be_found(
    two: Two, client: Client, as_citizen: AsCitizen, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same question to a process that remembers for a minute: it still lets in who has logged out elsewhere."""
    monkeypatch.setattr(_sessions, "_REMEMBER_SECONDS", 60.0)
    who = await as_citizen()
    long = replace(two, there=client)
    assert not await long.forgets(phone(who.token), lambda: sent(two.here.as_(who.token), "POST", "/api/v1/logout"))
    assert await phone(who.token)(client)
    assert not await phone(who.token)(two.there)
    _sessions.forget_account(who.account_id)
