"""Each kind of answer: the vectors that the phone is held to as well, and how persons and tables are kept."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.features.cases import service as cases
from server.features.cases.service._kinds import checked
from server.features.catalogue.service import FormField
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import CASES, begun, office
from tests.fixtures_web import Client

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "answers.json").read_text("utf-8"))
NAME: dict[str, Any] = {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"}
MANAGER: dict[str, Any] = {"key": "manager", "label": "管理员", "type": "person", "required": True}
HOLDERS: dict[str, Any] = {
    "key": "holders",
    "label": "股东",
    "type": "table",
    "required": True,
    "rows": 2,
    "columns": [
        {"key": "who", "label": "姓名", "type": "name", "required": True},
        {
            "key": "means",
            "label": "方式",
            "type": "choice",
            "required": True,
            "choices": [{"value": "cash", "label": "货币"}, {"value": "kind", "label": "实物"}],
        },
    ],
}


@pytest.mark.parametrize("vector", VECTORS, ids=lambda one: f"{one['field']['type']} {one['answer'][:20]!r}")
def test_a_vector(vector: dict[str, Any]) -> None:
    field = msgspec.convert(vector["field"], FormField)
    assert dict(checked(field, vector["answer"].strip())[1]) == vector["faults"]


async def test_a_day_is_held_against_today_in_shanghai(client: Client, ports: Ports, clock: Clock) -> None:
    lost = {"key": "lost_on", "label": "丢失日期", "type": "date", "required": True, "not_after": "today"}
    # Half past midnight in Shanghai is still the day before in UTC.
    clock.set(datetime(2031, 3, 2, 0, 30, tzinfo=clocks.SHANGHAI))
    who = await begun(client, ports, await office(form=[lost]))
    for said in ("2031-03-03", "20310303"):
        refused = await who.post("submit", await who.application(form={"lost_on": said}))
        assert (refused.status, [(one["path"], one["code"]) for one in refused.json["fields"]]) == (
            422,
            [("form.lost_on", "after_today")],
        )
        assert refused.json["fields"][0]["text"] == "不能晚于今天。"
    taken = await who.post("submit", await who.application(form={"lost_on": "2031-03-02"}))
    assert (taken.status, taken.json["form"]["lost_on"]) == (200, "2031-03-02")


async def test_persons_and_tables_are_refused_at_their_cell_and_kept_whole(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office(form=[NAME, MANAGER, HOLDERS]))

    def form(manager: dict[str, str], *holders: dict[str, str]) -> dict[str, str]:
        return {"name": who.someone.name, "manager": json.dumps(manager), "holders": json.dumps(holders)}

    wrong = form({"name": "周洁"}, {"who": "甲", "means": "gold"}, {"means": "cash"})
    refused = await who.post("submit", await who.application(form=wrong))
    assert {one["path"]: one["code"] for one in refused.json["fields"]} == {
        "form.manager.number": "missing",
        "form.holders.0.means": "bad_format",
        "form.holders.1.who": "missing",
    }
    nobody = await who.post("submit", await who.application(form=form({"name": "周洁", "number": "E12345678"})))
    assert {one["path"]: one["code"] for one in nobody.json["fields"]} == {"form.holders": "missing"}
    right = form(
        {"name": " 周洁 ", "number": "e12345678"}, {"who": "甲", "means": "cash"}, {"who": "乙", "means": "kind"}
    )
    taken = await who.post("submit", await who.application(form=right))
    assert taken.status == 200, taken.text
    assert json.loads(taken.json["form"]["manager"]) == {"name": "周洁", "number": "E12345678"}
    fields = {one.key: one for one in who.office.guide.content.form}
    assert cases.in_words(fields["holders"], taken.json["form"]["holders"]) == "甲 货币\n乙 实物"
    assert (await who.phone.get(f"{CASES}/{who.id}")).json["form"] == taken.json["form"]


def test_a_sheet_has_a_row_to_write_on() -> None:
    table = msgspec.convert(HOLDERS, FormField)
    held = cases.sheet(table, '[{"who":"甲"}]')
    assert held is not None
    assert held.rows == [{"who": "甲"}, {}]
    person = cases.sheet(msgspec.convert(MANAGER, FormField), "")
    assert person is not None
    assert ([column.key for column in person.columns], person.rows) == (["name", "number", "phone"], [{}])
    assert cases.sheet(msgspec.convert(NAME, FormField), "甲") is None
