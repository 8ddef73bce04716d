"""A State Council notice is read as it was published, and what cannot be read is not guessed."""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import pytest

from server.errors import InvalidInput
from server.features.catalogue import service as catalogue

PUBLISHED = json.loads((Path(__file__).parent / "data" / "holiday-2026.json").read_text("utf-8"))
TEXT = """国务院办公厅关于2026年
部分节假日安排的通知
国办发明电〔2025〕7号
各省、自治区、直辖市人民政府，国务院各部委、各直属机构：
经国务院批准，现将2026年元旦、春节、清明节、劳动节、端午节、中秋节和国庆节放假调休日期的具体安排通知如下。
一、元旦：1月1日（周四）至3日（周六）放假调休，共3天。1月4日（周日）上班。
二、春节：2月15日（农历腊月二十八、周日）至23日（农历正月初七、周一）放假调休，共9天。2月14日（周六）、2月28日（周六）上班。
三、清明节：4月4日（周六）至6日（周一）放假，共3天。
四、劳动节：5月1日（周五）至5日（周二）放假调休，共5天。5月9日（周六）上班。
五、端午节：6月19日（周五）至21日（周日）放假，共3天。
六、中秋节：9月25日（周五）至27日（周日）放假，共3天。
七、国庆节：10月1日（周四）至7日（周三）放假调休，共7天。9月20日（周日）、10月10日（周六）上班。
节假日期间，各地区、各部门要妥善安排好值班和安全、保卫、疫情防控等工作。
国务院办公厅
2025年11月4日"""


def test_the_notice_of_2026() -> None:
    read = json.loads(catalogue.read_notice(TEXT.replace("关于2026年\n", "关于2026年")))
    assert read["year"] == 2026
    known = {(one["date"], one["isOffDay"]) for one in PUBLISHED["days"]}
    assert {(one["date"], one["isOffDay"]) for one in read["days"]} == known
    assert {"date": "2026-10-10", "isOffDay": False, "name": "国庆节"} in read["days"]


def test_a_new_year_that_begins_in_the_old_one() -> None:
    read = json.loads(
        catalogue.read_notice("关于2023年部分节假日安排的通知 一、元旦：2022年12月31日至2023年1月2日放假调休，共3天。")
    )
    assert [one["date"] for one in read["days"]] == ["2022-12-31", "2023-01-01", "2023-01-02"]
    assert date.fromisoformat(read["days"][0]["date"]).year == 2022


@pytest.mark.parametrize(
    "text",
    [
        "今天天气不错",
        "关于2026年部分节假日安排的通知",
        TEXT.replace("共9天", "共8天"),
        TEXT.replace("2月15日", "2月30日"),
        TEXT.replace("放假，共3天。", "休整。"),
    ],
)
def test_what_is_not_certain_is_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="notice_unclear"):
        catalogue.read_notice(text)
