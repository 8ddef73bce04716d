"""Kinds of messages: complete, or not accepted."""

from __future__ import annotations

import importlib
import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import ClassVar, get_origin, get_type_hints

import pytest

from server.features.push import service as push
from server.features.push.service import _fields, _kinds, _templates
from server.sandbox.wechat import fields as wechat_fields
from server.sandbox.wechat.templates import read_templates
from tests.house.tree import FEATURES

AT = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)


def test_every_kind_of_the_product_has_its_texts() -> None:
    for messages in sorted(FEATURES.glob("*/messages.py")):
        importlib.import_module(f"server.features.{messages.parent.name}.messages")
    assert push.kinds()
    assert push.incomplete() == []


_SAMPLES: dict[str, object] = {"character_string": "3412262611200000187", "number": "3", "phrase": "办理中"}


def sample(kind: type[push.Message]) -> push.Message:
    """A message of a kind, each parameter something its type and its template field would hold."""
    template = push.templates().get(kind.template or "")
    mapped = {source: template.fields[name] for name, source in kind.fields.items()} if template else {}
    plain = {datetime: AT, date: AT.date(), int: 3, bool: True}
    values = {}
    for name, told in get_type_hints(kind).items():
        if get_origin(told) is not ClassVar:
            text = _SAMPLES.get(
                _fields.kind_of(mapped.get(name, "")), "食品经营许可（小餐饮、网络经营、热食类食品制售）"
            )
            values[name] = plain.get(told, text)
    return kind(**values)


def test_every_kind_of_the_product_fits_its_template() -> None:
    for name, kind in push.kinds().items():
        message = sample(kind)
        if kind.template is not None:
            assert _kinds.template_values(message).keys() == push.templates()[kind.template].fields.keys(), name
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
    theirs = read_templates()
    for name, template in push.templates().items():
        known = theirs[template.id]
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
    ],
)
def test_a_template_file_that_cannot_work_says_why(tmp_path: Path, content: str, wrong: str) -> None:
    file = tmp_path / "templates.json"
    file.write_text(content)
    with pytest.raises(ValueError, match=wrong):
        _templates.read(file)


@pytest.mark.parametrize(
    ("key", "value", "written"),
    [
        ("thing1", "居民身份证换领", "居民身份证换领"),
        ("thing1", "字" * 20, "字" * 20),
        ("thing1", "字" * 21, "字" * 19 + "…"),
        ("thing1", "两行\n文字\t与😀表情", "两行 文字 与表情"),
        ("thing1", "𠮷" * 11, "𠮷" * 9 + "…"),
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


def test_every_type_of_field_we_know_wechat_knows() -> None:
    assert set(_fields.KINDS) <= set(wechat_fields.RULES)
