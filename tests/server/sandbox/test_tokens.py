"""Access tokens: what each kind of call gives, how long it lives, and how a dead one is refused."""

from typing import Any

import pytest

from server.sandbox.quotas import Quota
from tests.server.sandbox.conftest import APPID, SECRET, Json, Sandbox

CLASSIC = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
PROBE = "/wxaapi/newtmpl/gettemplate"


async def probe(sandbox: Sandbox, token: str) -> int:
    return int((await sandbox.get(PROBE, access_token=token)).json["errcode"])


async def stable(sandbox: Sandbox, **changes: Any) -> Json:
    return (await sandbox.post("/cgi-bin/stable_token", CLASSIC | changes)).json


async def test_stable_token_stays_the_same_and_tells_what_is_left(sandbox: Sandbox) -> None:
    first = await stable(sandbox)
    assert set(first) == {"access_token", "expires_in"}
    assert first["expires_in"] == 7200
    sandbox.world.clock.advance(1000)
    assert await stable(sandbox) == {"access_token": first["access_token"], "expires_in": 6200}


async def test_stable_token_is_renewed_in_its_last_five_minutes_and_both_are_good_meanwhile(sandbox: Sandbox) -> None:
    old = (await stable(sandbox))["access_token"]
    sandbox.world.clock.advance(7200 - 299)
    new = (await stable(sandbox))["access_token"]
    assert new != old
    assert [await probe(sandbox, old), await probe(sandbox, new)] == [0, 0]
    sandbox.world.clock.advance(300)
    assert [await probe(sandbox, old), await probe(sandbox, new)] == [40001, 0]


async def test_force_refresh_kills_the_old_token_but_not_twice_in_half_a_minute(sandbox: Sandbox) -> None:
    old = (await stable(sandbox))["access_token"]
    new = (await stable(sandbox, force_refresh=True))["access_token"]
    assert await probe(sandbox, old) == 40001
    assert (await stable(sandbox, force_refresh=True))["access_token"] == new
    sandbox.world.clock.advance(31)
    assert (await stable(sandbox, force_refresh=True))["access_token"] != new


async def test_force_refresh_works_twenty_times_a_day(sandbox: Sandbox) -> None:
    seen = {(await stable(sandbox))["access_token"]}
    for _ in range(25):
        sandbox.world.clock.advance(31)
        seen.add((await stable(sandbox, force_refresh=True))["access_token"])
    assert len(seen) == 21


async def test_classic_call_replaces_the_token_which_lives_five_minutes_more(sandbox: Sandbox) -> None:
    old = (await sandbox.get("/cgi-bin/token", **CLASSIC)).json["access_token"]
    new = (await sandbox.get("/cgi-bin/token", **CLASSIC)).json["access_token"]
    assert old != new
    sandbox.world.clock.advance(299)
    assert await probe(sandbox, old) == 0
    sandbox.world.clock.advance(2)
    assert [await probe(sandbox, old), await probe(sandbox, new)] == [40001, 0]


async def test_the_two_kinds_do_not_touch_each_other(sandbox: Sandbox) -> None:
    kept = (await stable(sandbox))["access_token"]
    await sandbox.get("/cgi-bin/token", **CLASSIC)
    await sandbox.get("/cgi-bin/token", **CLASSIC)
    sandbox.world.clock.advance(600)
    assert await probe(sandbox, kept) == 0


async def test_an_aged_token_is_expired_and_not_invalid(sandbox: Sandbox) -> None:
    token = (await stable(sandbox))["access_token"]
    sandbox.world.clock.advance(7201)
    assert await probe(sandbox, token) == 42001


@pytest.mark.parametrize(
    ("token", "errcode", "words"),
    [("", 41001, "access_token missing"), ("short", 40014, "invalid access_token"), ("x" * 136, 40001, "not latest")],
)
async def test_tokens_nobody_issued(sandbox: Sandbox, token: str, errcode: int, words: str) -> None:
    answer = await sandbox.get(PROBE, access_token=token)
    assert answer.status == 200
    assert answer.json["errcode"] == errcode
    assert words in answer.json["errmsg"]


@pytest.mark.parametrize(
    ("changes", "errcode"),
    [
        ({"grant_type": "password"}, 40002),
        ({"appid": ""}, 41002),
        ({"appid": "wx0000000000000000"}, 40013),
        ({"secret": ""}, 41004),
        ({"secret": "wrong"}, 40125),
    ],
)
async def test_token_calls_refuse_what_is_wrong(sandbox: Sandbox, changes: dict[str, str], errcode: int) -> None:
    assert (await stable(sandbox, **changes))["errcode"] == errcode
    assert (await sandbox.get("/cgi-bin/token", **(CLASSIC | changes))).json["errcode"] == errcode


async def test_stable_token_wants_a_json_post(sandbox: Sandbox) -> None:
    assert (await sandbox.get("/cgi-bin/stable_token", **CLASSIC)).json["errcode"] == 43002
    assert (await sandbox.call("POST", "/cgi-bin/stable_token")).json["errcode"] == 44002
    assert (await sandbox.call("POST", "/cgi-bin/stable_token", data=b"{nonsense")).json["errcode"] == 47001
    assert (await sandbox.call("POST", "/cgi-bin/stable_token", data=b"[" * 100_000)).json["errcode"] == 47001


async def test_allowlist_and_frozen_secret(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"ip_allowlist": ["203.0.113.9"]})
    refused = await stable(sandbox)
    assert refused["errcode"] == 40164
    assert refused["errmsg"].startswith("invalid ip 127.0.0.1 ipv6 ::ffff:127.0.0.1, not in whitelist")
    await sandbox.call("PATCH", "/_sandbox/account", json={"ip_allowlist": [], "secret_frozen": True})
    assert (await stable(sandbox))["errcode"] == 40243


async def test_classic_tokens_run_out_for_the_day(sandbox: Sandbox) -> None:
    for _ in range(2000):
        sandbox.world.quotas.spend("/cgi-bin/token", Quota(per_day=2000))
    assert (await sandbox.get("/cgi-bin/token", **CLASSIC)).json["errcode"] == 45009
    sandbox.world.clock.advance(86_400)
    assert "access_token" in (await sandbox.get("/cgi-bin/token", **CLASSIC)).json


async def test_expire_ages_every_token(sandbox: Sandbox) -> None:
    token = (await stable(sandbox))["access_token"]
    await sandbox.post("/_sandbox/tokens/expire")
    assert await probe(sandbox, token) == 42001
    assert (await stable(sandbox))["access_token"] != token
