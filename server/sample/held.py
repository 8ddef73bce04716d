"""What sample people already hold: their own, a child's and an enterprise's certificates, some of which do not count.

Of kinds that no sample guide asks for, so that what is tried with the guides stays as they describe it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from server import db
from server.actor import Citizen, Staff
from server.features.catalogue.service import DepartmentView, HallView
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.ports import Ports
from server.sample.acting import desks, phones
from server.sample.people import GUARDIAN
from server.sample.sandbox import Sandbox

_MEMBER = "liu-yang"
_SHOP = {"address": "颍上县慎城镇样例路 12 号", "scope": "公共场所卫生。"}
_ITS_MATTER = """
SELECT id FROM thread WHERE coalesce(enterprise_id, person_id) = $1 ORDER BY created_at LIMIT 1
"""
# Nothing that is tried with the guides ends in an enterprise's hygiene licence and a qualification, both.
_DONE = """
SELECT count(*) > 1 FROM certificate JOIN certificate_type kind ON kind.id = type_id
WHERE enterprise_id IS NOT NULL AND kind.key IN ('hygiene_licence', 'qualification')
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One certificate: on whose phone it is shown, of which kind, by which department (by key), good for how long.

    `party` names whose it is, if another's. `verb` is what two officers did to it, on which `basis`.
    """

    phone: str
    kind: str
    department: str
    months: int | None = None
    party: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    verb: str = ""
    basis: str = ""


PAPERS = (
    Paper(phone=GUARDIAN, kind="driving_licence", department="police", months=72, facts={"vehicle_class": "C1"}),
    Paper(phone=GUARDIAN, kind="qualification", department="social", months=1, facts={"subject": "初级会计（样例）"}),
    Paper(
        phone=GUARDIAN,
        kind="health_card",
        department="health",
        verb="suspend",
        basis="持卡人于本月挂失，核实期间暂停使用。",
    ),
    Paper(
        phone=GUARDIAN,
        kind="vehicle_licence",
        department="police",
        facts={"plate": "皖K·样例1"},
        verb="revoke",
        basis="车辆已报废，依《机动车登记规定》办理注销。",
    ),
    Paper(phone=GUARDIAN, kind="health_card", department="health", party="child"),
    Paper(phone=_MEMBER, kind="hygiene_licence", department="health", months=1, party="enterprise", facts=_SHOP),
    Paper(
        phone=_MEMBER,
        kind="qualification",
        department="market",
        months=12,
        party="enterprise",
        facts={"subject": "餐饮服务食品安全管理（样例）"},
    ),
)


async def issue(
    departments: Mapping[str, DepartmentView], halls: Mapping[str, HallView], sandbox: Sandbox, ports: Ports
) -> int:
    """Issue them all, once, each on the first matter of whose it is; gives how many."""
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
    thread_id = await db.fetchval(_ITS_MATTER, enterprise_id or person_id)
    async with db.tx():
        issued = await certificates.issue(
            officer,
            ports.signer,
            type_key=paper.kind,
            thread_id=thread_id,
            person_id=person_id,
            enterprise_id=enterprise_id,
            department_id=department_id,
            facts=paper.facts,
            validity_months=paper.months,
            sample=True,
            hand=documents.SealHand(department_id=department_id, staff_id=officer.staff_id),
        )
        await certificates.announce(officer, issued)
    if paper.verb:
        await certificates.ask_change(officer, issued, paper.verb, paper.basis)
        (change,) = (await certificates.desk_certificate(second, ports.signer, issued)).changes
        await certificates.agree_to_change(second, change.id)


async def _party(paper: Paper, actor: Citizen) -> tuple[UUID, UUID | None]:
    me = await identity.me(actor)
    own = (await identity.require_person(actor)).id
    if paper.party == "child":
        return me.represents[0].person_id, None
    return own, me.enterprises[0].id if paper.party == "enterprise" else None
