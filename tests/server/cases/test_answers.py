"""An application is asked for what its guide names and for nothing else, and everything wrong is told at once."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from server import db
from server.ports import Ports
from tests.factories.cases import CASES, Applicant, begun, office, submitted
from tests.fixtures_web import Answer, Client

QUESTIONS: list[dict[str, Any]] = [
    {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"},
    {"key": "words", "label": "一句话", "type": "text", "required": False, "max_length": 10},
    {"key": "story", "label": "经过", "type": "long_text", "required": False, "max_length": 100},
    {"key": "amount", "label": "数额", "type": "number", "required": False},
    {"key": "born", "label": "生日", "type": "date", "required": False},
    {"key": "place", "label": "住址", "type": "address", "required": False},
    {"key": "phone", "label": "电话", "type": "phone", "required": False},
    {"key": "number", "label": "证件", "type": "document_number", "required": False},
    {
        "key": "kind",
        "label": "类型",
        "type": "choice",
        "required": True,
        "choices": [{"value": "new", "label": "新办"}, {"value": "renew", "label": "换发"}],
    },
    {
        "key": "old_number",
        "label": "原证号",
        "type": "text",
        "required": True,
        "when": {"field": "kind", "equals": "renew"},
    },
]
PAPER: dict[str, Any] = {
    "kind": "certificate",
    "source": "applicant",
    "need": "required",
    "medium": "electronic",
    "originals": 0,
    "copies": 0,
    "standards": ["清楚完整。"],
}
PAPERS: list[dict[str, Any]] = [
    PAPER | {"key": "id_card", "name": "居民身份证"},
    PAPER | {"key": "register", "name": "户口簿", "exempt": "公安部人口库"},
    PAPER | {"key": "photo", "name": "照片", "need": "optional"},
    PAPER | {"key": "old_one", "name": "原证", "when": {"field": "kind", "equals": "renew"}},
]


def codes(answer: Answer) -> dict[str, str]:
    assert answer.status == 422, answer.text
    return {field["path"]: field["code"] for field in answer.json["fields"]}


async def asked(client: Client, ports: Ports) -> Applicant:
    return await begun(client, ports, await office(form=QUESTIONS, materials=PAPERS))


async def form(who: Applicant, **answers: str) -> Answer:
    return await who.post("submit", await who.application(form={"name": "张桂兰", "kind": "new"} | answers))


@pytest.mark.parametrize(
    ("field", "answer"),
    [
        ("words", "两行\n文字"),
        ("words", "看不见\u0007"),
        ("words", "反着读\u202e"),
        ("amount", "很多"),
        ("amount", "1e999999"),
        ("amount", "NaN"),
        ("amount", "1_000"),
        ("born", "2026-02-30"),
        ("born", "昨天"),
        ("place", "一街\n二街"),
        ("phone", "12345"),
        ("number", "110105194912310021"),
        ("kind", "other"),
    ],
)
async def test_an_answer_of_the_wrong_kind(client: Client, ports: Ports, field: str, answer: str) -> None:
    who = await asked(client, ports)
    assert codes(await form(who, **{field: answer})) == {f"form.{field}": "bad_format"}


async def test_answers_are_kept_as_papers_need_them(client: Client, ports: Ports) -> None:
    who = await asked(client, ports)
    written = {
        "words": " 全角\u3000空格 ",
        "story": "第一行\r\n第二行\t完",
        "amount": "１２，３４５.50".replace("，", ","),
        "born": "20260220",
        "phone": "+86 138 0000 0001",
        "number": "11010519491231002x",
    }
    answer = await form(who, **written)
    assert answer.status == 200, answer.text
    assert {name: answer.json["form"][name] for name in written} == {
        "words": "全角 空格",
        "story": "第一行\n第二行 完",
        "amount": "12345.50",
        "born": "2026-02-20",
        "phone": "13800000001",
        "number": "11010519491231002X",
    }


async def test_everything_wrong_is_told_at_once_and_nothing_is_lost(client: Client, ports: Ports) -> None:
    who = await asked(client, ports)
    application = await who.application(form={"kind": "renew", "amount": "x"})
    assert codes(await who.post("submit", application)) == {
        "form.name": "missing",
        "form.amount": "bad_format",
        "form.old_number": "missing",
    }
    seen = (await who.phone.get(f"{CASES}/{who.id}")).json
    assert (seen["state"], seen["version"]) == ("draft", who.case["version"])


async def test_foreign_questions_and_long_answers_are_refused_even_in_a_draft(client: Client, ports: Ports) -> None:
    who = await asked(client, ports)
    draft = {"form": {"salary": "1", "words": "长" * 11}, "materials": [], "version": 1}
    answer = await who.post("draft", draft)
    assert codes(answer) == {"form.salary": "unknown_field", "form.words": "too_long"}
    assert "10" in answer.json["fields"][1]["text"]


async def test_a_condition_asks_for_more_and_only_then(client: Client, ports: Ports) -> None:
    who = await asked(client, ports)
    renewing = await form(who, kind="renew", old_number="皖341226")
    assert codes(renewing) == {"materials.old_one": "paper_missing"}
    assert (renewing.json["code"], renewing.json["fields"][0]["text"]) == (
        "cases.materials_missing",
        "请提交这份材料。",
    )
    picture = str((await who.picture()).id)
    stray = await who.application(
        form={"name": "张桂兰", "kind": "new", "old_number": "不问了"},
        materials=[
            {"key": "id_card", "file_id": picture},
            {"key": "old_one", "file_id": str((await who.picture("#000000")).id)},
        ],
    )
    taken = await who.post("submit", stray)
    assert taken.status == 200, taken.text
    assert taken.json["form"] == {"name": "张桂兰", "kind": "new"}
    assert [one["key"] for one in taken.json["materials"]] == ["id_card", "register", "photo"]
    # What the answers no longer ask for is not handed in, and is the applicant's again.
    assert await db.fetchval("SELECT count(*) FROM file WHERE thread_id IS NULL AND held_for IS NULL") == 1


async def test_papers_outside_the_guide(client: Client, ports: Ports) -> None:
    who = await asked(client, ports)
    file = str((await who.picture()).id)
    for key_, code in (("passport", "unknown_field"), ("register", "exempt")):
        answer = await who.post(
            "draft", {"form": {}, "materials": [{"key": key_, "file_id": file}], "version": who.case["version"]}
        )
        assert codes(answer) == {f"materials.{key_}": code}
    twice = [{"key": "id_card", "file_id": file}, {"key": "photo", "file_id": file}]
    assert codes(await who.post("draft", {"form": {}, "materials": twice, "version": 1})) == {"materials": "duplicate"}
    many = [{"key": "id_card", "file_id": str(uuid4())} for _ in range(11)]
    assert codes(await who.post("draft", {"form": {}, "materials": many, "version": 1})) == {
        "materials.id_card": "too_many"
    }


async def test_somebody_elses_file_and_a_used_one(client: Client, ports: Ports) -> None:
    at = await office()
    who, other = await begun(client, ports, at), await submitted(client, ports, at)
    theirs = await other.picture("#123456")
    for file_id in (str(theirs.id), other.case["materials"][0]["files"][0]["id"], str(uuid4())):
        answer = await who.post("submit", await who.application(materials=[{"key": "id_card", "file_id": file_id}]))
        assert (answer.status, answer.json["code"]) == (404, "documents.file_missing")
    second = await begun(client, ports, await office(), other.someone)
    used = [{"key": "id_card", "file_id": other.case["materials"][0]["files"][0]["id"]}]
    answer = await second.post("draft", {"form": {}, "materials": used, "version": 1})
    assert (answer.status, answer.json["code"]) == (409, "documents.file_in_use")


async def test_what_is_told_names_the_fee_to_the_last_fen(client: Client, ports: Ports) -> None:
    fees = [
        {"name": "工本费", "amount_fen": fen, "unit": "件", "basis": "发改价格〔2003〕2322号", "when_text": "办证时"}
        for fen in (2000, 1_234_567, 100_000_000)
    ]
    who = await begun(client, ports, await office(fees=fees))
    told = [line for line in who.case["told"] if "工本费" in line]
    assert [line.split()[1] for line in told] == ["20", "12345.67", "1000000"]
