"""What people wrote to the office: answered and in public, taken by an officer, and waiting to be routed."""

from __future__ import annotations

from collections.abc import Mapping

from server.features.catalogue.service import HallView
from server.features.complaints import service as complaints
from server.features.complaints.service import Kind, Reason
from server.ports import Ports
from server.sample import items
from server.sample.acting import asked, desks, phones
from server.sample.places import COUNTY_HALL
from server.sample.sandbox import Sandbox

_WRITER = "visitor-peng"
_RENEWAL = "居民身份证换领"
_PUBLIC = (
    ("换身份证一定要本人去吗？", "要的，需现场采集指纹和人像。行动不便的老人可以预约上门，电话见办事指南。"),
    ("旧身份证丢了还能办换领吗？", "丢失的请办“居民身份证补领”，不用登报声明。"),
)


async def write(halls: Mapping[str, HallView], sandbox: Sandbox, ports: Ports) -> int:
    """Write them, unless an earlier demo has, and give their number."""
    if (await complaints.public_answers("zh-CN", asked(item_id=None, q="", cursor=None, limit=1))).items:
        return 0
    seated = await desks(halls)
    back, above, manager = seated["reviewer1"], seated["supervisor1"], seated["manager1"]
    item_id = await items.id_of(_RENEWAL)
    plain = {"reason": None, "thread_id": None, "hall_id": None, "page": "catalogue.guide", "nameless": False}
    async with phones([_WRITER], sandbox, ports) as held:
        writer = held[_WRITER]
        for question, answer in _PUBLIC:
            await complaints.write(
                writer, asked(**plain | {"kind": Kind.QUESTION, "words": question, "item_id": item_id})
            )
            row = (await (await complaints.complaints(back)).page()).items[0]
            await complaints.take(back, row.id)
            await complaints.answer(back, row.id, words=answer)
            await complaints.publish(above, row.id, question=question, answer=answer)
        stuck = {"kind": Kind.STUCK, "reason": Reason.HARD, "words": "跑了两趟，窗口说系统查不到我的户口迁移记录。"}
        await complaints.write(writer, asked(**plain | stuck | {"item_id": item_id, "hall_id": halls[COUNTY_HALL].id}))
        row = (await (await complaints.complaints(manager, kind=Kind.STUCK)).page()).items[0]
        await complaints.take(manager, row.id)
        awkward = {
            "kind": Kind.NUISANCE,
            "words": "三楼没有轮椅坡道的指示牌，老人找不到电梯。",
            "item_id": None,
            "page": "",
        }
        await complaints.write(writer, asked(**plain | awkward))
    return len(_PUBLIC) + 2
