"""`python -m server wechat-quota`: what WeChat itself has counted, and sending again once it begins anew."""

from __future__ import annotations

import asyncio
import sys

import pytest

from server.config import ROOT
from server.features.push import service as push
from server.ports import Ports
from server.sandbox.quotas import Quota
from server.sandbox.wechat import upkeep
from server.sandbox.wechat.quotas import QUOTAS
from tests.factories.push import HelloOnlyWeChat, Sandbox, reached, say, states
from tests.server.push.storm import SEND, environment

WECHAT = push.Channel.WECHAT


async def command(sandbox: Sandbox, *words: str, service: bool = False) -> tuple[int, list[str]]:
    """The exit code, and the lines of both outputs."""
    told = environment(sandbox)
    if service:
        told["SERVICE_ACCOUNT_APPID"] = sandbox.settings.service_account_appid
        told["SERVICE_ACCOUNT_SECRET"] = sandbox.settings.service_account_secret
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "server", "wechat-quota", *words,
        cwd=ROOT, env=told, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    assert process.returncode is not None
    assert sandbox.settings.wechat_secret.encode() not in out + err
    return process.returncode, (out + err).decode().splitlines()


async def test_it_shows_what_wechat_has_counted_of_both_accounts(sandbox: Sandbox, outside: Ports) -> None:
    await say(await reached(sandbox))
    await push.deliver(outside, WECHAT)
    code, lines = await command(sandbox, service=True)
    assert code == 0
    assert [line.split()[0] for line in lines] == ["program"] * 4 + ["service"] * 2
    assert lines[0].endswith(f"{SEND}  1 of 10,000,000 used today, 9,999,999 left")
    assert "0 of 100,000 used today" in lines[4]
    assert lines[3].endswith("no limit of a day")


@pytest.mark.parametrize("what", ["program", SEND])
async def test_a_quota_that_begins_anew_ends_the_rest(
    sandbox: Sandbox, outside: Ports, monkeypatch: pytest.MonkeyPatch, what: str
) -> None:
    monkeypatch.setitem(QUOTAS, SEND, Quota(per_day=2))
    for _ in range(6):
        await say(await reached(sandbox), HelloOnlyWeChat())
    while await push.deliver(outside, WECHAT):
        pass
    assert sorted(await states()) == ["pending"] * 4 + ["sent"] * 2
    monkeypatch.setitem(QUOTAS, SEND, Quota(per_day=4))
    assert await push.deliver(outside, WECHAT) == 0, "it rests until the day ends"
    code, lines = await command(sandbox, "--clear", what)
    assert (code, lines[:2]) == (
        0,
        [
            f"program  {'everything' if what == 'program' else SEND} begins anew",
            "program  rested for its quota; it sends again",
        ],
    )
    while await push.deliver(outside, WECHAT):
        pass
    assert await states() == ["sent"] * 6
    assert not await push.end_rest(WECHAT, "quota")


async def test_a_rest_for_another_reason_is_not_ended(sandbox: Sandbox, outside: Ports) -> None:
    sandbox.fault("errcode", errcode=40164)
    await say(await reached(sandbox))
    await push.deliver(outside, WECHAT)
    code, lines = await command(sandbox, "--clear", "program")
    assert (code, [line for line in lines if "rested" in line]) == (0, [])
    assert await push.deliver(outside, WECHAT) == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--clear", "program"), "WeChat answers 48006: this month's clearings are used up"),
        (("--clear", "/cgi-bin/user/info"), "wechat-quota: --clear: /cgi-bin/user/info is none of ours."),
    ],
)
async def test_what_cannot_be_cleared_says_why(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.setattr(upkeep, "CLEAR_A_MONTH", 0)
    code, lines = await command(sandbox, *words)
    assert code == 1
    assert any(line.startswith(said) for line in lines), lines
    assert "Traceback" not in "\n".join(lines)
