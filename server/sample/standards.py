"""Sample standards of province and city for two sample items: one agrees, one shows a difference to be explained."""

from __future__ import annotations

from datetime import date

import msgspec

from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideStandard
from server.sample.items import SampleGuide, read
from server.sample.places import ACTOR

FROM_ON = date(2026, 1, 1)
AGREES, DIFFERS = "居民身份证换领", "居住证申领"


async def bring_in(*, differ: bool = True) -> None:
    """Bring them in; again changes nothing. Without a difference every sample guide may be published."""
    of = {sample.item.name: sample for sample in read()}
    fixed = ["name", "basis", "materials"]
    province = _said(of[AGREES], level="province", source="省级通用实施规范（样例）", locked=fixed)
    # The city promises sooner than the county does.
    days = of[DIFFERS].content
    promise = max(days.promise_days - 5, 0) if differ else days.promise_days
    sooner = {"legal_days": days.legal_days, "promise_days": promise}
    city = _said(of[DIFFERS], level="city", source="市级统一标准（样例）", locked=["name"], days=sooner)
    await catalogue.take_standards(ACTOR, [province, city])


def _said(sample: SampleGuide, **said: object) -> GuideStandard:
    content = sample.content
    same = {
        "code": sample.item.code, "from_on": FROM_ON, "name": sample.item.name, "kind": sample.item.kind,
        "exercised": ["province", "city", "county", "town"],
        "basis": [f"{one.law} {one.article}" for one in content.basis], "conditions": content.conditions,
        "audience": content.audience,
        "materials": [{"name": one.name, "need": one.need} for one in content.materials],
        "days": {"legal_days": content.legal_days, "promise_days": content.promise_days},
        "fees": [{"name": one.name, "most_fen": one.amount_fen} for one in content.fees],
    }  # fmt: skip
    return msgspec.convert(same | said, GuideStandard)
