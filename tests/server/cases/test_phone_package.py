"""The compiled mini-program's apply pages, run in Node against this very server."""

from __future__ import annotations

import asyncio
import json
import os
from typing import Any

import pytest

from server import db
from server.ports import Ports
from tests.factories.cases import CERTIFICATE, office
from tests.factories.identity import AsCitizen
from tests.fixtures_web import Client
from tests.house.tree import ROOT

RUNNER = ROOT / "tests" / "miniprogram"
FORM: list[dict[str, Any]] = [
    {"key": "name", "label": "申请人", "type": "name", "required": True, "prefill": "person.name"},
    {"key": "manager", "label": "食品安全管理员", "type": "person", "required": True},
]
PAPERS: list[dict[str, Any]] = [
    {
        "key": "id_card",
        "name": "居民身份证",
        "kind": "certificate",
        "source": "government",
        "need": "required",
        "medium": "electronic",
        "originals": 0,
        "copies": 0,
        "standards": [],
        "exempt": "公安部人口库",
    }
]


@pytest.mark.skipif(
    not (ROOT / "miniprogram/dist/build/mp-weixin/app.js").is_file() or not (RUNNER / "node_modules").is_dir(),
    reason="the mini-program is not built (make mp)",
)
@pytest.mark.timeout(120)
async def test_apply_in_the_phone_package(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    assert ports is not None
    at = await office(form=FORM, materials=PAPERS, result=CERTIFICATE)
    someone = await as_citizen(name="张桂兰")
    told = {"BASE": client.base, "TOKEN": someone.token, "ITEM": str(at.item_id), "NUMBER": "E12345678"}
    running = await asyncio.create_subprocess_exec(
        "node", "runner/apply.cjs", cwd=RUNNER, env=os.environ | told, stdout=-1, stderr=-1
    )
    said, complained = await running.communicate()
    assert running.returncode == 0, complained.decode()[-4000:]
    case = json.loads(said)
    assert (case["state"], case["form"]["name"]) == ("submitted", "张桂兰")
    assert json.loads(case["form"]["manager"]) == {"name": "周", "number": "E12345678"}
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == 1
