"""Whoever steals the database, the files, the logs and the checkpoints, but not the keys, reads nothing of anybody."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from aiohttp import FormData

from server import db
from server.cli import HUSHED
from server.config import Settings
from server.db import embedded
from server.kit import checks
from server.ports import Ports
from server.web import csrf, finishing
from tests.factories.audit import seal
from tests.factories.booking import key
from tests.factories.identity import sample_number
from tests.fixtures_web import Answer, Client
from tests.server.rude.spilled import disguises, spilled
from tests.server.rude.test_fuzz import Ear
from tests.server.rude.world import APPEAL, OPINION, Holder, World, picture

ADDRESS = "颍上县慎城镇柳林巷七号三单元"
WORDS = "排队两小时无人理会我"
FILE_NAME = "我的身份证正面照片.jpg"
REASON = "证件照片已模糊请重新拍摄"
TYPED = sample_number()


@pytest.fixture(scope="module")
def heard() -> Iterator[Ear]:
    ear, root = Ear(), logging.getLogger()
    level = root.level
    root.addHandler(ear)
    root.setLevel(logging.DEBUG)
    for name, quiet in HUSHED.items():
        logging.getLogger(name).setLevel(quiet)
    yield ear
    root.removeHandler(ear)
    root.setLevel(level)


def said(answer: Answer) -> Any:  # noqa: ANN401 - any JSON
    assert answer.status < 300, answer.text
    return answer.json if answer.body else None


async def live(world: World, stranger: Client) -> dict[str, str]:
    """Write everything a person can write, over HTTP, so that stored replies and logs are there too. Gives secrets."""
    me, mine = stranger.as_(world.a.citizen.token), world.a
    case = f"/api/v1/cases/{mine.ids['case_id']}"
    file = said(await me.post("/api/v1/files", data=_form(FILE_NAME)))
    begun = said(await me.get(case))
    draft = {
        "form": {"name": mine.citizen.name, "reason": ADDRESS},
        "materials": [{"key": "id_card", "file_id": file["id"]}],
        "version": begun["version"],
    }
    saved = said(await me.put(f"{case}/draft", json=draft, headers=key()))
    assert saved["form"]["reason"] == ADDRESS
    handed_in = {**draft, "version": saved["version"], "delivery": {"method": "counter"}}
    said(await me.post(f"{case}/submit", json=handed_in, headers=key()))
    await _look_and_refuse(world, stranger, mine.ids["case_id"])
    rating = {"token": world.given["token"], "level": "very_dissatisfied", "tags": [], "words": WORDS}
    said(await stranger.post("/api/v1/ratings", json=rating))
    said(await stranger.get("/api/v1/items", params={"q": TYPED}))
    said(await stranger.post("/api/v1/login/code", json={"phone": mine.citizen.phone}))
    child = {
        "relation": "guardian",
        "name": "陈小苗样",
        "number": checks.sample_resident_id("341226", date(2020, 2, 29)),
    }
    said(await me.post("/api/v1/mandates", json=child, headers=key()))
    messages = said(await me.get("/api/v1/inbox"))["items"]
    assert len(messages) > 3
    return {
        "a child's name": child["name"],
        "a child's number": child["number"],
        **{f"message {message['kind']}": message["body"] for message in messages},
    }


async def _look_and_refuse(world: World, stranger: Client, case_id: str) -> None:
    cookie = world.staff["right"][0]
    desk = stranger.in_console(cookie).with_(x_csrf_token=csrf._derive(cookie))
    assert (await desk.get(f"/console/cases/{case_id}")).status == 200
    asked = {"keys": ["id_card"], "reasons": [REASON]}
    assert (await desk.post(f"/console/cases/{case_id}/ask-correction", data=asked)).status == 303
    elsewhere = f"/console/cases/{world.b.handed_in}"
    assert (await desk.get(elsewhere)).status == 200


def _form(name: str) -> FormData:
    form = FormData()
    form.add_field("file", picture(), filename=name, content_type="image/jpeg")
    return form


def secrets_of(holder: Holder, world: World) -> dict[str, str]:
    """What must not be readable, by what it is."""
    one = holder.citizen
    return {
        "name": one.name,
        "number": one.number,
        "phone": one.phone,
        "openid": one.openid,
        "session token": one.token,
        "pickup code": holder.ids["CheckForm.code"],
        "clerk's session": world.staff["right"][0],
    }


async def dump(tmp: Path) -> dict[str, bytes]:
    """Steal the database: as statements, and as the archive a backup would keep."""
    tool = embedded.binaries() / "bin" / "pg_dump"
    stolen = {}
    for form, more in (("statements", ["--inserts"]), ("archive", ["--format=custom", "--compress=0"])):
        path = tmp / form
        process = await asyncio.create_subprocess_exec(tool, *more, f"--file={path}", db.address())
        assert await process.wait() == 0
        stolen[f"the dump ({form})"] = path.read_bytes()
    return stolen


def files(settings: Settings) -> dict[str, bytes]:
    """Steal everything beside the database but the keys; the server's own log is among it."""
    found = {}
    for path in settings.var_dir.rglob("*"):
        inside = path.relative_to(settings.var_dir)
        if path.is_file() and path != settings.secrets_file and inside.parts[:2] != ("pg", "data"):
            found[str(inside)] = path.read_bytes()
    return found


async def test_nothing_can_be_read(
    heard: Ear, world: World, stranger: Client, settings: Settings, open_ports: Ports, tmp_path: Path
) -> None:
    secrets = await live(world, stranger)
    secrets |= {f"a's {what}": secret for what, secret in secrets_of(world.a, world).items()}
    secrets |= {f"b's {what}": secret for what, secret in secrets_of(world.b, world).items()}
    secrets |= {"form answer": ADDRESS, "file name": FILE_NAME, "officer's reason": REASON, "words of a rating": WORDS}
    secrets |= {"number typed into the search": TYPED, "officer's opinion": OPINION, "appeal": APPEAL}
    assert await seal(open_ports.witness) > 0
    finishing.write_lines()
    heaps: dict[str, bytes] = {**await dump(tmp_path), **files(settings), "the log": "\n".join(heard.lines).encode()}
    assert b"CREATE TABLE public.person" in heaps["the dump (statements)"]
    assert str(world.a.handed_in).encode() in heaps["the dump (statements)"], "this is not the database that was used"
    assert any("checkpoints" in name for name in heaps)
    assert sum(name.startswith("files/") for name in heaps) >= 4
    assert b"/api/v1/cases/{case_id}/draft" in heaps["the log"]
    leaks = spilled(heaps, secrets)
    assert not leaks, "\n" + "\n".join(leaks)


async def test_the_search_finds_what_lies_open(world: World, tmp_path: Path) -> None:
    """The drill is worth nothing if it would not see a leak: one is made, and undone."""
    name = world.a.citizen.name
    for written in (name, name.encode().hex(), name.encode("unicode_escape").decode()):
        await db.execute("UPDATE delivery SET shelf = $1", written)
        leaks = spilled(await dump(tmp_path), {"name": name})
        assert len(leaks) == 2, written
    await db.execute("UPDATE delivery SET shelf = 'A-03'")


@pytest.mark.parametrize("secret", ["陈甲样", "341226199001010003", "柳林巷 7 号"], ids=["name", "number", "address"])
@pytest.mark.parametrize("before", range(3))
def test_every_disguise_is_known(secret: str, before: int) -> None:
    for how, written in disguises(secret):
        assert spilled({"heap": b"x" * before + written + b"y"}, {"it": secret}), how
    assert not spilled({"heap": secret[:-1].encode()}, {"it": secret})
