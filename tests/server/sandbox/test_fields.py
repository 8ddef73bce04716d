"""Field types of templates: what WeChat takes and what it refuses with 47003."""

import pytest

from server.sandbox.wechat.fields import problem_with

GOOD = [
    ("thing1", "一" * 20),
    ("thing1", "预约 A-12（可带家人）"),
    ("number2", "12.50"),
    ("number2", "1" * 32),
    ("letter3", "Abc"),
    ("symbol4", "★☆!"),
    ("character_string5", "XS20261120000018"),
    ("character_string5", "A 012"),
    ("time6", "09:30"),
    ("time6", "2026年11月23日 09:00~09:30"),
    ("time6", "2026年11月3日 9:05:30"),
    ("date7", "2026年11月20日"),
    ("date7", "2026-11-20 10:00"),
    ("date7", "2026/11/20~2026/11/25"),
    ("date7", "11月20日"),
    ("date7", "2026年11月"),
    ("amount8", "￥100.00"),
    ("amount8", "35元"),
    ("phone_number9", "+86-0766-66888866"),
    ("car_number10", "粤A8Z888挂"),
    ("name11", "周桂兰"),
    ("name11", "Zhou Guilan"),
    ("phrase12", "预约成功"),
    ("short_thing13", "已寄出"),
]
BAD = [
    ("thing1", "一" * 21),
    ("thing1", "第一行\n第二行"),
    ("number2", "十二"),
    ("number2", "1" * 33),
    ("number2", "-1"),
    ("letter3", "Abc1"),
    ("symbol4", "a!"),
    ("character_string5", "办件18"),
    ("character_string5", "x" * 33),
    ("time6", "2026年11月23日"),
    ("time6", "2026年11月23日 09:00～09:30"),
    ("time6", "2026年11月23日 25:00"),
    ("date7", "明天"),
    ("date7", "2026年13月1日"),
    ("date7", "2026-11/20"),
    ("amount8", "12345678901"),
    ("phone_number9", "199****号"),
    ("car_number10", "粤A8Z888挂车牌"),
    ("name11", "十一个汉字的名字写不下呀"),
    ("name11", "A" * 21),
    ("phrase12", "成功1"),
    ("phrase12", "预约已经成功"),
    ("short_thing13", "六个字放不下"),
    ("mystery1", "x"),
    ("thing1", 5),
    ("thing1", ["x"]),
]


@pytest.mark.parametrize(("key", "value"), GOOD)
def test_taken(key: str, value: str) -> None:
    assert problem_with(key, value) is None


@pytest.mark.parametrize(("key", "value"), BAD)
def test_refused(key: str, value: object) -> None:
    assert problem_with(key, value) == "invalid"


@pytest.mark.parametrize("value", [None, "", "  "])
def test_empty(value: str | None) -> None:
    assert problem_with("thing1", value) == "empty"


def test_enum_takes_only_its_words() -> None:
    assert problem_with("enum_string1", "已办结", ["已办结", "办理中"]) is None
    assert problem_with("enum_string1", "别的", ["已办结", "办理中"]) == "invalid"
