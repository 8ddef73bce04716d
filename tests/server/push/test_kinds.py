"""Kinds of messages: complete, or not accepted."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar, get_origin, get_type_hints

import msgspec
import pytest

from server.features.push import service as push
from server.features.push.service import _fields, _kinds, _templates, _ways
from server.features.push.service._shorten import Rule
from server.kit import checks
from server.ports import Ports
from server.sandbox.wechat import fields as wechat_fields
from server.sandbox.wechat.templates import SERVICE_FILE, read_templates
from tests.house.tree import FEATURES

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_every_kind_of_the_product_has_its_texts() -> None:
    for messages in sorted(FEATURES.glob("*/messages.py")):
        importlib.import_module(f"server.features.{messages.parent.name}.messages")
    assert push.kinds()
    assert push.incomplete() == []


_SAMPLES: dict[str, object] = {"character_string": "3412262611200000187", "number": "3", "phrase": "办理中"}
# A pickup code has eight digits, and says how many more it is collected with.
_NAMED: dict[str, object] = {"code": "20261120+1"}


def sample(kind: type[push.Message]) -> push.Message:
    """A message of a kind, each parameter something its type and its template field would hold."""
    carriers = [kind.template, *_ways.ways_of(kind).all] if kind.template else []
    own = {field: key for name in carriers for field, key in push.templates()[str(name)].fields.items()}
    mapped = {source: own[name] for name, source in kind.fields.items() if name in own}
    plain = {datetime: AT, date: AT.date(), int: 3, bool: True}
    values = {}
    for name, told in get_type_hints(kind).items():
        if get_origin(told) is not ClassVar:
            text = _NAMED.get(name) or _SAMPLES.get(
                _fields.kind_of(mapped.get(name, "")), "食品经营许可（小餐饮、网络经营、热食类食品制售）"
            )
            values[name] = plain.get(told, text)
    return kind(**values)


def test_every_kind_of_the_product_fits_its_template() -> None:
    for name, kind in push.kinds().items():
        message = sample(kind)
        if kind.template is not None:
            for template in {kind.template, *_ways.ways_of(kind).all}:
                assert _kinds.filled(message, template).keys() == push.templates()[template].fields.keys(), name
        for locale, (title, body) in _kinds.written(message).items():
            assert "{" not in title + body, f"{name} in {locale}"
            assert not title.startswith("push."), f"{name} in {locale}"
        assert "{" not in _kinds.opened(message), name


def define(**says: object) -> type[push.Message]:
    plain: dict[str, object] = {"kind": "test.defined", "page": "/x", "__module__": __name__, "__annotations__": {}}
    return type("Defined", (push.Message,), plain | says)


@pytest.mark.parametrize(
    ("says", "wrong"),
    [
        ({"kind": "defined"}, "kind="),
        ({"page": "x"}, "page="),
        ({"page": "/x?id={id}"}, "has no parameter id"),
        ({"template": "nonsense"}, "no template nonsense"),
        ({"template": "booking_result", "fields": {"colour": "x"}}, "has no field colour"),
        ({"template": "booking_result", "fields": {"item": "thing"}}, "has no parameter thing"),
        ({"deadline": "starts_at"}, "has no parameter starts_at"),
        ({"priority": 0}, "priority"),
        ({"__annotations__": {"applicant": str}}, "applicant is personal"),
    ],
)
def test_an_incomplete_kind_is_not_accepted(says: dict[str, object], wrong: str) -> None:
    with pytest.raises(push.Incomplete, match=wrong):
        define(**says)
    assert "test.defined" not in push.kinds()


def test_a_name_is_taken_once() -> None:
    define()
    with pytest.raises(push.Incomplete, match="already is"):
        define(__module__="elsewhere")


def test_texts_that_are_missing_or_ask_for_too_much_are_listed() -> None:
    define(template="booking_result", fields={"item": "item"}, __annotations__={"item": str})
    missing = [line for line in push.incomplete() if "test.defined" in line]
    assert missing == [
        f"push.test.defined.{part}"
        for part in ("title", "body", *(f"fields.{f}" for f in ("result", "time", "place", "note")))
    ]


def test_our_templates_are_the_sandbox_s() -> None:
    theirs = read_templates() | read_templates(SERVICE_FILE)
    for name, template in push.templates().items():
        known = theirs[template.id]
        assert (template.account == "service") is (known.kind == "service"), name
        assert [field.key for field in known.fields] == list(template.fields.values()), name
        assert template.long_term is (known.kind == "long"), name


@pytest.mark.parametrize(
    ("content", "wrong"),
    [
        ('{"a": {"id": "1", "title": "t", "long_term": false}}', "missing required field"),
        ('{"a": {"id": "1", "title": "t", "long_term": false, "fields": {"x": "poem1"}}}', "no field type poem1"),
        (
            json.dumps({name: {"id": "1", "title": "t", "long_term": False, "fields": {}} for name in "ab"}),
            "same id",
        ),
        ('{"a": {"id": "1", "title": "t", "long_term": false, "fields": {"x": "thing1"}}}', "x: `shorten` must say"),
        (
            '{"a": {"id": "1", "title": "t", "long_term": false, "fields": {"x": "time1"}, "shorten": {"x": "end"}}}',
            "only a thing",
        ),
        (
            '{"a": {"id": "1", "title": "t", "long_term": true, "account": "service", "fields": {}}}',
            "only the mini-program",
        ),
    ],
)
def test_a_template_file_that_cannot_work_says_why(tmp_path: Path, content: str, wrong: str) -> None:
    file = tmp_path / "templates.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=wrong):
        _templates.read(file)


def test_an_operator_has_templates_of_its_own(tmp_path: Path) -> None:
    file = tmp_path / "ours.json"
    ours = {name: {**msgspec.to_builtins(one), "id": f"ours-{name}"} for name, one in push.templates().items()}
    file.write_bytes(msgspec.json.encode(ours))
    try:
        push.use_templates(file)
        assert push.templates()["booking_result"].id == "ours-booking_result"
        assert _templates.name_of("ours-booking_result") == "booking_result"
    finally:
        push.use_templates(_templates.FILE)
    del ours["booking_result"]
    file = tmp_path / "cut.json"
    file.write_bytes(msgspec.json.encode(ours))
    with pytest.raises(ValueError, match=r"cut\.json: lacks booking_result"):
        push.use_templates(file)
    with pytest.raises(ValueError, match="No such file"):
        push.use_templates(tmp_path / "none.json")


async def test_templates_are_compared_with_those_the_account_has(outside: Ports) -> None:
    theirs = {one.id: dict(one.fields) for one in await outside.wechat.templates()}
    ours = {name: one for name, one in push.templates().items() if one.account == "mini"}
    assert {name: push.differences(one, theirs.get(one.id)) for name, one in ours.items()} == dict.fromkeys(ours, "")
    one = ours["booking_result"]
    assert "no template" in push.differences(one, None)
    assert "thing4" in push.differences(one, {key: "" for key in theirs[one.id] if key != "thing4"})
    assert "nothing fills" in push.differences(one, {**theirs[one.id], "thing9": "备注"})


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("thing1", "居民身份证换领", "居民身份证换领"),
        ("thing1", "字" * 20, "字" * 20),
        ("thing1", "两行\n文字\t与😀表情", "两行 文字 与表情"),
        ("thing1", 7, "7"),
        ("character_string1", "3412262611200000187", "3412262611200000187"),
        ("time1", AT, "2026年11月23日 09:00"),
        ("time1", (AT, AT.replace(minute=30)), "2026年11月23日 09:00~09:30"),
        ("date1", AT, "2026年11月23日"),
        ("date1", date(2026, 1, 2), "2026年1月2日"),
        ("phrase1", "预约成功", "预约成功"),
        ("number1", 12, "12"),
        ("amount1", "￥10.50", "￥10.50"),
        ("phone_number1", "0558-4410000", "0558-4410000"),
        ("name1", "买买提·艾力", "买买提·艾力"),
    ],
)
def test_values_are_written_as_wechat_takes_them(key: str, value: object, written: str) -> None:
    assert _fields.fit(key, value) == written  # type: ignore[arg-type]
    assert wechat_fields.problem_with(key, written) is None


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("thing1", ""),
        ("thing1", "  "),
        ("thing1", "字" * 21),
        ("phrase1", "预约成功了吗呢"),
        ("phrase1", "成功1"),
        ("character_string1", "编号1"),
        ("character_string1", "x" * 33),
        ("time1", "明天"),
        ("time1", "2026年11月23日 09:00～09:30"),
        ("date1", "2026年13月1日"),
        ("number1", "1e5"),
        ("number1", "１２"),
        ("name1", "名" * 11),
        ("amount1", "12345678901"),
    ],
)
def test_what_does_not_fit_is_refused_and_never_cut_in_silence(key: str, value: str) -> None:
    with pytest.raises(_fields.FieldError) as refused:
        _fields.fit(key, value)
    assert value.strip() == "" or value not in str(refused.value)


@pytest.mark.parametrize(
    ("rule", "text", "written"),
    [
        ("end", "字" * 20, "字" * 20),
        ("end", "字" * 21, "字" * 19 + "…"),
        ("end", "𠮷" * 11, "𠮷" * 9 + "…"),
        ("middle", "固镇县政务服务中心三楼企业开办专区二号窗口", "固镇县政务服务中心三…业开办专区二号窗口"),
        ("brackets", "食品经营许可（小餐饮、网络经营、热食类食品制售）", "食品经营许可…"),
        ("brackets", "第二类医疗器械经营备案及变更登记事项申请（首次）", "第二类医疗器械经营备案及变更登记事项申…"),
    ],
)
def test_what_is_too_long_is_shortened_by_its_field_s_rule_and_shows_it(rule: Rule, text: str, written: str) -> None:
    assert _fields.fit("thing1", text, rule) == written
    assert wechat_fields.problem_with("thing1", written) is None


@pytest.mark.parametrize("text", ["请拨13912345678", "34012319900307123X", "电话 19912340001"])
def test_nobody_s_number_goes_into_a_message(text: str) -> None:
    assert checks.resident_id("110101199003070011", date(2026, 11, 1))
    text = text.replace("34012319900307123X", "110101199003070011")
    with pytest.raises(_fields.FieldError):
        _fields.fit("thing1", text, "end")
    assert _fields.fit("character_string1", "3412262611200000187")


def test_every_type_of_field_we_know_wechat_knows() -> None:
    assert set(_fields.KINDS) <= set(wechat_fields.RULES)
