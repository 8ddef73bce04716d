"""What sample people already hold: their own, a child's and an enterprise's certificates, some of which do not count.

Of kinds that no sample guide asks for, so that what is tried with the guides stays as they describe it. Each comes of a
matter of its own that was over before the day of the demo.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from server import db
from server.actor import Citizen, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, HallView, ItemIn
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.ports import Ports
from server.sample.acting import desks, phones
from server.sample.people import GUARDIAN
from server.sample.places import ACTOR, COUNTY
from server.sample.sandbox import Sandbox

_MEMBER = "liu-yang"
_SHOP = {"address": "颍上县慎城镇样例路 12 号", "scope": "公共场所卫生。"}
# Where a code says of which kind the item is: behind whose it is, at what level, and who has made it.
_KIND = slice(21, 23)
# Nothing that is tried with the guides ends in an enterprise's hygiene licence and a qualification, both.
_DONE = """
SELECT count(*) > 1 FROM certificate JOIN certificate_type kind ON kind.id = type_id
WHERE enterprise_id IS NOT NULL AND kind.key IN ('hygiene_licence', 'qualification')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One certificate: on whose phone it is shown, of which kind, by which department (by key), good for how long.

    `item` is what was applied for: its code and its name. `party` names whose it is, if another's. `verb` is what two
    officers did to it, on which `basis`.
    """

    phone: str
    kind: str
    department: str
    item: tuple[str, str]
    months: int | None = None
    party: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    verb: str = ""
    basis: str = ""


_DRIVING = ("11341226MB9X10010D4340799106000", "机动车驾驶证申领")
_VEHICLE = ("11341226MB9X10010D4340799107000", "机动车注册登记")
_HEALTH = ("11341226MB9X10061M4342099601000", "居民健康卡申领")
_SUBJECT = ("11341226MB9X1003754342099305000", "专业技术资格证书核发")
_FOOD_SAFETY = ("11341226MB9X1004504342099501000", "食品安全管理能力证书核发")
# The one for which there is a sample guide, too.
_HYGIENE = ("11341226MB9X10061M4000123020000", "公共场所卫生许可（新办）")

PAPERS = (
    Paper(
        phone=GUARDIAN,
        kind="driving_licence",
        department="police",
        item=_DRIVING,
        months=72,
        facts={"vehicle_class": "C1"},
    ),
    Paper(
        phone=GUARDIAN,
        kind="qualification",
        department="social",
        item=_SUBJECT,
        months=1,
        facts={"subject": "初级会计（样例）"},
    ),
    Paper(
        phone=GUARDIAN,
        kind="health_card",
        department="health",
        item=_HEALTH,
        verb="suspend",
        basis="持卡人于本月挂失，核实期间暂停使用。",
    ),
    Paper(
        phone=GUARDIAN,
        kind="vehicle_licence",
        department="police",
        item=_VEHICLE,
        facts={"plate": "皖K·样例1"},
        verb="revoke",
        basis="车辆已报废，依《机动车登记规定》办理注销。",
    ),
    Paper(phone=GUARDIAN, kind="health_card", department="health", item=_HEALTH, party="child"),
    Paper(
        phone=_MEMBER,
        kind="hygiene_licence",
        department="health",
        item=_HYGIENE,
        months=1,
        party="enterprise",
        facts=_SHOP,
    ),
    Paper(
        phone=_MEMBER,
        kind="qualification",
        department="market",
        item=_FOOD_SAFETY,
        months=12,
        party="enterprise",
        facts={"subject": "餐饮服务食品安全管理（样例）"},
    ),
)


async def issue(
    departments: Mapping[str, DepartmentView], halls: Mapping[str, HallView], sandbox: Sandbox, ports: Ports
) -> int:
    """Issue them all, once, each in a matter of its own; gives how many."""
    if await db.fetchval(_DONE):
        return 0
    staff = await desks(halls)
    async with phones((one.phone for one in PAPERS), sandbox, ports) as people:
        for paper in PAPERS:
            await _one(paper, people[paper.phone], departments[paper.department].id, staff, ports)
    return len(PAPERS)


async def _one(paper: Paper, actor: Citizen, department_id: UUID, staff: Mapping[str, Staff], ports: Ports) -> None:
    officer, second = staff["reviewer1"], staff["reviewer2"]
    person_id, enterprise_id = await _party(paper, actor)
    item = await _item(paper, department_id)
    async with db.tx():
        matter = await thread.open(
            officer, person_id=person_id, enterprise_id=enterprise_id, item_id=item.id, title=item.name,
            region_code=COUNTY, account_id=actor.account_id,
        )  # fmt: skip
        issued = await certificates.issue(
            officer,
            ports.signer,
            type_key=paper.kind,
            thread_id=matter.id,
            person_id=person_id,
            enterprise_id=enterprise_id,
            department_id=department_id,
            facts=paper.facts,
            validity_months=paper.months,
            sample=True,
            hand=documents.SealHand(department_id=department_id, staff_id=officer.staff_id),
        )
        await certificates.announce(officer, issued)
        await thread.close(matter.id, officer)
    if paper.verb:
        await certificates.ask_change(officer, issued, paper.verb, paper.basis)
        (change,) = (await certificates.desk_certificate(second, ports.signer, issued)).changes
        await certificates.agree_to_change(second, change.id)


async def _item(paper: Paper, department_id: UUID) -> catalogue.ItemView:
    """Find what was applied for; where the county has no guide of it, it is only known to be done."""
    code, name = paper.item
    try:
        return await catalogue.item_by_code(code)
    except NotFound:
        return await catalogue.upsert_item(
            ACTOR,
            ItemIn(code=code, name=name, kind=code[_KIND], department_id=department_id, region_code=COUNTY, heat=0,
                   sample=True, source="sample"),
        )  # fmt: skip


async def _party(paper: Paper, actor: Citizen) -> tuple[UUID, UUID | None]:
    me = await identity.me(actor)
    own = (await identity.require_person(actor)).id
    if paper.party == "child":
        return me.represents[0].person_id, None
    return own, me.enterprises[0].id if paper.party == "enterprise" else None
