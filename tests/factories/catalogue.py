"""Quick builders of places, items and guides. Everything has a default; name only what the test is about."""

from __future__ import annotations

from itertools import count
from typing import Any

import msgspec

from server.actor import System
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import (
    DepartmentView,
    FeeEdit,
    GuideContent,
    GuideView,
    HallView,
    ItemIn,
    ItemView,
    PlaceIn,
    WindowView,
)

TESTER = System(name="test")
COUNTY = "341226"
USCC = "11100000000013127D"

_numbers = count(1)


async def department(key: str = "police", *, name: str | None = None, region_code: str = COUNTY) -> DepartmentView:
    """A department; the same key gives the same one."""
    return await catalogue.upsert_department(TESTER, key, name or f"测试部门 {key}", region_code=region_code)


async def hall(key: str = "county", *, name: str | None = None, region_code: str = COUNTY) -> HallView:
    """A hall with one all-round window; the same key gives the same one."""
    place = PlaceIn(
        key=key,
        name=name or f"测试大厅 {key}",
        kind="hall",
        region_code=region_code,
        address="颍上县测试路 1 号",
        hours_text="工作日 8:30–12:00，14:00–17:30",
        phone="0558-4410000",
        sample=True,
    )
    found = await catalogue.upsert_hall(TESTER, place)
    await window(found, 1)
    return found


async def window(at: HallView, number: int, *skills: str) -> WindowView:
    """A window; without skills it does `general`."""
    return await catalogue.upsert_window(
        TESTER, at.id, number, name=f"{number} 号窗口", skills=list(skills or ["general"])
    )


async def county() -> HallView:
    """Region, department and hall of a county: what nearly every test of a booking or a case stands on."""
    await department()
    return await hall()


async def item(
    name: str | None = None,
    *,
    code: str | None = None,
    department_key: str = "police",
    kind: str = "20",
    heat: int = 0,
    region_code: str = COUNTY,
    audience: list[str] | None = None,
    themes: list[str] | None = None,
) -> ItemView:
    """An item without a guide."""
    number = next(_numbers)
    given = ItemIn(
        code=code or f"TEST{number:08}",
        name=name or f"测试事项第{number}号",
        department_id=(await department(department_key)).id,
        region_code=region_code,
        kind=kind,
        heat=heat,
        audience=tuple(audience or ("person", "enterprise")),
        themes=themes or [],
    )
    return await catalogue.upsert_item(TESTER, given)


def content(**changes: Any) -> GuideContent:
    """A guide without fault: one visit, five working days, one paper, two questions. Changes are plain data."""
    plain: dict[str, Any] = {
        "sample": True,
        "plain": "带上身份证来一次就能办。",
        "audience": ["person"],
        "themes": ["civic"],
        "handling": "promised",
        "visits": 1,
        "visit_reason": "需要当面核对本人。",
        "online": True,
        "bookable": True,
        "mail": True,
        "legal_days": 20,
        "promise_days": 5,
        "conditions": ["年满十六周岁。"],
        "steps": [
            {"key": "accept", "name": "受理", "who": "综合窗口", "days": 1, "what": "核对材料。"},
            {"key": "review", "name": "审查", "who": "承办科室", "days": 2, "what": "审查材料。"},
            {"key": "decide", "name": "决定", "who": "分管负责人", "days": 2, "what": "作出决定。"},
        ],
        "materials": [
            {
                "key": "id_card",
                "name": "居民身份证",
                "kind": "certificate",
                "source": "government",
                "need": "required",
                "medium": "either",
                "originals": 1,
                "standards": ["在有效期内，字迹清楚。"],
            }
        ],
        "form": [
            {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"},
            {"key": "reason", "label": "申请理由", "type": "long_text", "required": False, "max_length": 200},
        ],
        "fees": [],
        "basis": [{"law": "测试条例", "article": "第一条", "text": "为测试而设。"}],
        "result": {"name": "测试决定书", "kind": "approval"},
        "skill": "general",
        "hall_keys": ["county"],
        "consult_phone": "0558-4410000",
        "complaint_phone": "0558-4412345",
        "hours_text": "工作日 8:30–12:00，14:00–17:30",
        "faqs": [{"question": "可以代办吗？", "answer": "可以。"}],
    }
    said = plain | changes
    if not said.get("parts"):
        said["result"] = {"sample": [{"entry": "名称", "says": said["result"]["name"]}]} | said["result"]
    if any(fee["amount_fen"] for fee in said["fees"]):
        said.setdefault("pay_online", "凭缴款码在非税统缴平台缴纳。")
    return msgspec.convert(said, GuideContent)


async def guide(of: ItemView | None = None, *, reason: str = "首次发布", **changes: Any) -> GuideView:
    """A published guide, with its item the hall `county` and its fees when they are not there yet."""
    await county()
    said = content(**changes)
    for fee in said.fees:
        listed = FeeEdit(name=fee.name, basis=fee.basis, unit=fee.unit, most_fen=fee.amount_fen, reason="测试")
        await catalogue.set_fee_item(TESTER, listed)
    return await catalogue.publish_guide(TESTER, (of or await item()).id, said, reason)
