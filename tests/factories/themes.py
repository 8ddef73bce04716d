"""A theme of two items that share a paper and a question, of two departments; one more is needed by some only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from msgspec import structs

from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import Part
from server.features.catalogue.service import GuideView
from server.features.catalogue.service._themes import brought_up
from tests.factories import catalogue as make

NAME = {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"}
CARD = {
    "key": "id_card", "name": "居民身份证", "kind": "certificate", "source": "government", "need": "required",
    "medium": "either", "standards": ["在有效期内。"],
}  # fmt: skip
TREE = {
    "key": "old", "question": "要办老年证吗？", "answers": [
        {"value": "yes", "label": "要", "parts": ["p3"]}, {"value": "no", "label": "不要"}],
}  # fmt: skip


def paper(key: str, name: str, **more: Any) -> dict[str, Any]:
    """One more paper."""
    return CARD | {"key": key, "name": name, "kind": "other", "source": "applicant"} | more


@dataclass(frozen=True, slots=True)
class SomeTheme:
    """The theme's guide, and those of its items in their order."""

    guide: GuideView
    parts: list[GuideView]


async def parts() -> list[GuideView]:
    """Three items: a household entry, a card, and what only some need."""
    household = await make.guide(
        await make.item("户口登记", department_key="police"),
        form=[NAME, {"key": "why", "label": "登记原因", "type": "text", "required": True, "max_length": 50}],
        materials=[CARD, paper("proof", "出生证明")],
        promise_days=5,
    )
    card = await make.guide(
        await make.item("社会保障卡申领", department_key="social"),
        form=[NAME | {"key": "holder"}, {"key": "bank", "label": "制卡银行", "type": "text", "required": True}],
        materials=[CARD | {"key": "card", "copies": 1}, paper("photo", "近期照片")],
        promise_days=10,
        steps=[{"key": "review", "name": "制卡", "who": "社保", "days": 10, "what": "制卡。"}],
    )
    some = await make.guide(
        await make.item("老年证办理", department_key="civil"),
        form=[NAME],
        materials=[paper("photo", "近期照片"), paper("old_proof", "年龄证明")],
    )
    return [household, card, some]


async def theme(of: list[GuideView] | None = None, **changes: Any) -> SomeTheme:
    """A published theme."""
    of = of if of is not None else await parts()
    lead = await make.item("出生一件事", department_key="lead")
    wanted = [Part(key=f"p{at + 1}", item=one.item.code) for at, one in enumerate(of)]
    plain = make.content(
        form=[], materials=[], conditions=[], promise_days=8, situations=[TREE] if len(of) > 2 else [],
        steps=[{"key": "review", "name": "并联办理", "who": "各部门", "days": 8, "what": "并联办理。"}],
        parts=[{"key": one.key, "item": one.item} for one in wanted],
    )  # fmt: skip
    content = structs.replace(await brought_up(plain), **changes)
    return SomeTheme(await catalogue.publish_guide(make.TESTER, lead.id, content, "首次发布"), of)
