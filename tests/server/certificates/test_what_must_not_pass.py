"""The whole list of what a scan must refuse: each has its reason code and its words, leaves its row, changes nothing.

What is refused on the way of a result: tests/server/delivery/test_bad_input.py.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import pytest

from server import db
from server.actor import Anonymous
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateScan
from server.kit import texts
from server.kit.ids import token
from server.ports import Ports
from tests.conftest import Clock
from tests.fixtures_web import Client
from tests.server.certificates.test_bad_input import everything
from tests.server.certificates.test_certificates import check, holder, says_nothing_more
from tests.server.certificates.test_showing import presented
from tests.server.certificates.test_vectors import ALL, NOW, SIGNER, first, listed

ASKER = Anonymous(locale="zh-CN", address="192.0.2.7", request_id="bad")
BY_TEXT = ("forged", "altered", "cut", "unknown_key", "wrong_type", "future", "expired")


@dataclass(frozen=True, slots=True)
class Scene:
    """Where it happens."""

    client: Client
    ports: Ports
    clock: Clock


Bad = Callable[[Scene], Awaitable[str]]


async def used_before(scene: Scene) -> str:
    code = await valid(scene)
    assert (await check(scene.client, code))["result"] == "valid"
    scene.clock.advance(seconds=15)
    return code


async def taken_as_a_screenshot(scene: Scene) -> str:
    code = await valid(scene)
    scene.clock.advance(seconds=95)
    return code


async def of_another_device(scene: Scene) -> str:
    who, card = await holder(scene.client, scene.ports)
    code = (await presented(who, card))[0]
    await db.execute("UPDATE certificate_showing SET session_id = gen_random_uuid()")
    await presented(who, card)
    return code


async def guessed(_scene: Scene) -> str:
    return token()


async def of_one_revoked(scene: Scene) -> str:
    return await of_one("revoked", scene)


async def of_one_suspended(scene: Scene) -> str:
    return await of_one("suspended", scene)


async def of_one_expired(scene: Scene) -> str:
    code = await valid(scene)
    await db.execute("UPDATE certificate SET state = 'expired'")
    return code


async def of_one_replaced(scene: Scene) -> str:
    return await of_one("superseded", scene)


async def valid(scene: Scene) -> str:
    who, card = await holder(scene.client, scene.ports)
    return (await presented(who, card))[0]


async def of_one(state: str, scene: Scene) -> str:
    code = await valid(scene)
    await Certificate.all().update(state=state)
    return code


LIVE: dict[str, tuple[Bad, str]] = {
    "re-used": (used_before, "reused"),
    "screenshot": (taken_as_a_screenshot, "code_expired"),
    "other device's code": (of_another_device, "other_device"),
    "guessed token": (guessed, "unknown"),
    "revoked": (of_one_revoked, "revoked"),
    "suspended": (of_one_suspended, "suspended"),
    "expired": (of_one_expired, "expired"),
    "replaced": (of_one_replaced, "superseded"),
}


@pytest.mark.parametrize("name", LIVE)
async def test_a_code(client: Client, ports: Ports, clock: Clock, name: str) -> None:
    make, reason = LIVE[name]
    code = await make(Scene(client, ports, clock))
    before, rows = await everything(), await CertificateScan.all().count()
    for locale in ("zh-CN", "en"):
        said = await check(client.with_(**{"accept-language": locale}), code)
        assert says_nothing_more(said, reason)
        assert said["result_text"] == texts.text(locale, f"certificates.check.{reason}")
    kept = await CertificateScan.all().order_by("-created_at").limit(2)
    assert [row.result for row in kept] == [reason, reason]
    assert (await CertificateScan.all().count() - rows, await everything()) == (2, before)


@pytest.mark.parametrize("reason", BY_TEXT)
async def test_a_text(database: None, clock: Clock, reason: str) -> None:
    clock.set(NOW)
    text = next(one["text"] for one in ALL["vectors"] if one["reason"] == reason)
    before = await everything()
    for locale in ("zh-CN", "en"):
        asker = Anonymous(locale=locale, address=ASKER.address, request_id=ASKER.request_id)
        said = await certificates.check(asker, SIGNER, f"#{text}", "example.test")
        assert (said.result, said.holder, said.fields) == (reason, None, [])
        assert said.result_text == texts.text(locale, f"certificates.check.{reason}")
    assert [row.result for row in await CertificateScan.all()] == [reason, reason]
    assert await everything() == before


def test_a_list_that_is_stale() -> None:
    """Without network: whoever checks has nobody to tell, and is never told yes."""
    vector = next(one for one in ALL["vectors"] if one["reason"] == "stale_list")
    assert first(vector["text"], listed(vector)) == "stale_list"
    assert texts.find("zh-CN", "certificates.check.stale_list") != texts.find("en", "certificates.check.stale_list")
