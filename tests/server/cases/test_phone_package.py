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
from tests.factories.identity import AsCitizen, SomeCitizen
from tests.fixtures_web import Client
from tests.house.tree import ROOT

RUNNER = ROOT / "tests" / "miniprogram"
FORM: list[dict[str, Any]] = [
    {"key": "name", "label": "申请人", "type": "name", "required": True, "prefill": "person.name"},
    {"key": "manager", "label": "食品安全管理员", "type": "person", "required": True},
    {
        "key": "equipment",
        "label": "经营设备",
        "type": "table",
        "required": True,
        "columns": [
            {"key": "what", "label": "设备名称", "type": "text", "required": True},
            {"key": "many", "label": "台数", "type": "number", "required": True},
        ],
    },
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
NUMBER = "E12345678"
pytestmark = [
    pytest.mark.skipif(
        not (ROOT / "miniprogram/dist/build/mp-weixin/app.js").is_file() or not (RUNNER / "node_modules").is_dir(),
        reason="the mini-program is not built (make mp)",
    ),
    pytest.mark.timeout(120),
]


async def run(script: str, client: Client, someone: SomeCitizen) -> str:
    """What a script of the runner prints, which walks through an item of an office of its own as this citizen."""
    at = await office(form=FORM, materials=PAPERS, result=CERTIFICATE)
    told = {"BASE": client.base, "TOKEN": someone.token, "ITEM": str(at.item_id), "NUMBER": NUMBER}
    running = await asyncio.create_subprocess_exec(
        "node", f"runner/{script}", cwd=RUNNER, env=os.environ | told, stdout=-1, stderr=-1
    )
    said, complained = await running.communicate()
    assert running.returncode == 0, complained.decode()[-4000:]
    return said.decode()


async def test_apply_in_the_phone_package(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    assert ports is not None
    case = json.loads(await run("apply.cjs", client, await as_citizen(name="张桂兰")))
    assert (case["state"], case["form"]["name"]) == ("submitted", "张桂兰")
    assert json.loads(case["form"]["manager"]) == {"name": "周", "number": NUMBER}
    assert json.loads(case["form"]["equipment"]) == [
        {"what": "冷藏柜", "many": "2"},
        {"what": "消毒柜", "many": "1"},
    ]
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == 1


async def test_applying_takes_five_steps_at_most(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    assert ports is not None
    steps = json.loads(await run("steps.cjs", client, await as_citizen(name="张桂兰")))
    assert (steps[0], steps[-1]) == ("在线申请", "提交申请")
    assert len(steps) <= 5
    assert await db.fetchval("SELECT count(*) FROM step WHERE name = 'cases.submitted'") == 1
