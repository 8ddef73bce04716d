"""Applications on every stretch of their way, a bad rating, a mandate that waits: what a desk has on any day."""

from __future__ import annotations

import enum
import io
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from uuid import UUID

from PIL import Image, ImageDraw, ImageFont

from server import db
from server.actor import Citizen, Staff
from server.features.cases import service as cases
from server.features.cases.service import CaseOut, CorrectionLine, posting
from server.features.catalogue.service import FormField, HallView
from server.features.delivery import service as delivery
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.mandates import service as mandates
from server.features.push import service as push
from server.features.ratings import service as ratings
from server.kit import clock
from server.ports import Ports
from server.sample import handing, items
from server.sample.acting import asked, desks, phones, unless_done
from server.sample.day import TOWN_HALL
from server.sample.people import GRANDCHILD, PEOPLE, VISITORS
from server.sample.places import COUNTY_HALL
from server.sample.sandbox import Sandbox

_SMS = "/twins/sms/"
_SIGNATURE = "120,420 260,300 340,520 460,280 520,560 640,340;700,300 820,480 900,320"
_NEVER_BY_SMS = "FailedOperation.PhoneNumberInBlacklist"
_LOST = timedelta(days=3)
_ADDRESS = "颍上县慎城镇样例路 12 号"
_GRANDFATHER = "visitor-peng"

Halls = Mapping[str, HallView]


class Stage(enum.IntEnum):
    """How far a matter has come; from `ACCEPTED` on each stage includes those before it.

    `PASSED`: through the pre-review, its originals are to be seen. `OFFERED`: a commitment lies on the phone to be
    signed; `FOLLOWED`: signed, and what was to follow is sent.
    """

    SUBMITTED = 1
    ASKED = 2
    PASSED = 3
    OFFERED = 4
    FOLLOWED = 5
    ACCEPTED = 6
    GRANTED = 7
    SHELVED = 8
    COLLECTED = 9
    RATED = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """One application: whose phone, for what, and what has become of it. `party` names whom it is for, if another.

    `named` are approvals by line of its guide, each its name and number; `pledged` are the lines that a written pledge
    stands for.
    """

    phone: str
    item: str
    stage: Stage
    hall: str = COUNTY_HALL
    party: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)
    pledged: tuple[str, ...] = ()
    named: Mapping[str, tuple[str, str]] = field(default_factory=dict)


_RENEWAL, _ANEW, _STAY = "居民身份证换领", "居民身份证补领", "居住证签注"
_ALLOWANCE = "高龄津贴申领"
_TRANSFER = "国有建设用地使用权及房屋所有权转移登记"
_FOOD, _FOUNDING = "食品经营许可（新办）", "公司设立登记（县级权限）"
_STALL = "个体工商户设立登记"
_FIREWORKS = {"shop_name": "颍上县样例烟花爆竹零售店", "scope": "烟花爆竹零售。", "prior": "yes"}
_APPROVED = {"prior_approval": ("烟花爆竹经营（零售）许可证", "（皖）YHLS〔2026〕K0012")}
_SHOP = {"shop_name": "颍上县陈记样例面馆", "scope": "面食制售。", "prior": "no"}
_COMPANY = {
    "company_name": "颍上县样例商贸有限公司",
    "scope": "日用百货、农副产品销售。",
    "capital": "50",
    "shareholders": '[{"name":"曹样例","number":"E00000001","share":"50","means":"cash"}]',
}
_RESTAURANT = {
    "scope": "热食类食品制售、冷食类食品制售。",
    "area": "120",
    "safety_manager": '{"name":"刘洋","number":"E00000002"}',
}

_HOUSE = {
    "location": "颍上县慎城镇样例小区 3 号楼 502 室",
    "unit_number": "341226001001GB00001F00010052",
    "area": "89.5",
}
_ELDER = {"bank": "颍上农商银行慎城支行", "born_on": "1940-03-05", "account": "6217000000000000000"}

MATTERS = (
    Matter(phone="visitor-cao", item=_FOUNDING, stage=Stage.ASKED, answers=_COMPANY),
    Matter(phone="visitor-zhou", item=_ANEW, stage=Stage.SUBMITTED),
    Matter(phone="wang-fang", item=_TRANSFER, stage=Stage.PASSED, answers=_HOUSE),
    Matter(phone="wang-fang", item=_ALLOWANCE, stage=Stage.OFFERED, answers=_ELDER),
    Matter(phone="visitor-peng", item=_ALLOWANCE, stage=Stage.FOLLOWED, answers=_ELDER),
    Matter(phone="visitor-wu", item=_RENEWAL, stage=Stage.SUBMITTED, hall=TOWN_HALL),
    Matter(
        phone="visitor-han",
        item=_STALL,
        stage=Stage.SUBMITTED,
        answers=_FIREWORKS,
        pledged=("place_proof",),
        named=_APPROVED,
    ),
    Matter(phone="chen-jianguo", item=_STALL, stage=Stage.GRANTED, answers=_SHOP, pledged=("place_proof",)),
    Matter(
        phone="liu-yang", item="食品经营许可（新办）", stage=Stage.ACCEPTED, party="enterprise", answers=_RESTAURANT
    ),
    Matter(phone="visitor-wu", item=_ANEW, stage=Stage.ACCEPTED),
    Matter(phone="visitor-zheng", item=_STAY, stage=Stage.GRANTED),
    Matter(phone="visitor-zheng", item=_ANEW, stage=Stage.GRANTED, hall=TOWN_HALL),
    Matter(phone="visitor-han", item=_RENEWAL, stage=Stage.SHELVED),
    Matter(phone="wang-fang", item=_RENEWAL, stage=Stage.SHELVED, party="child", answers={"applicant": "minor"}),
    Matter(phone="visitor-peng", item=_RENEWAL, stage=Stage.RATED),
)

# The last thing done: of the sample's two who say they are guardians, the register knows one.
_DONE = "SELECT count(*) > 1 FROM mandate WHERE relation = 'guardian'"


async def bring_on(halls: Halls, sandbox: Sandbox, ports: Ports) -> int:
    """Bring every matter as far as it goes, once; gives how many were begun."""
    if await db.fetchval(_DONE):
        return 0
    staff = await desks(halls)
    async with phones((one.phone for one in MATTERS), sandbox, ports) as people:
        for matter in MATTERS:
            await unless_done(_one(matter, people[matter.phone], staff, halls, ports))
            if matter.stage is Stage.ASKED:
                await _lose_its_message(sandbox, ports)
        child = asked(
            relation="guardian", name=GRANDCHILD.name, number=GRANDCHILD.number, document_kind=GRANDCHILD.kind,
            scope="everything", last_day=None,
        )  # fmt: skip
        await unless_done(posting.register_parcel(staff["clerk1"], _envelope(halls[COUNTY_HALL].id)))
        grandfather = people[_GRANDFATHER]
        await mandates.ask(grandfather, await mandates.check(grandfather, child, ports.identity_check))
    return len(MATTERS)


def _envelope(hall_id: UUID) -> cases.ParcelIn:
    return cases.ParcelIn(
        hall_id=hall_id,
        courier="ems",
        waybill="EA341226001CN",
        sender="孙样例",
        sender_phone="19900000099",
        received_on=clock.today(),
        contents="高龄津贴申请书 1 份、身份证复印件 1 份",
    )


async def _one(matter: Matter, actor: Citizen, staff: Mapping[str, Staff], halls: Halls, ports: Ports) -> None:
    case = await _submitted(matter, actor, halls[matter.hall].id, ports)
    front, back = staff["clerk1" if matter.hall == COUNTY_HALL else "clerk2"], staff["reviewer1"]
    if matter.stage is Stage.ASKED:
        key = next(one.key for one in case.content.materials if one.exempt is None)
        await cases.ask_correction(
            front, case.id, [CorrectionLine(key=key, reason="章程缺少签字页，请补上后重新上传。")]
        )
    if matter.stage is Stage.PASSED:
        await cases.pre_review(front, case.id)
    if matter.stage in (Stage.OFFERED, Stage.FOLLOWED):
        await cases.offer_commitment(front, case.id, days=5)
    if matter.stage is Stage.FOLLOWED:
        await _follow(actor, case.id, ports)
    if matter.stage >= Stage.ACCEPTED:
        await cases.view(front, case.id)
        await cases.accept(front, case.id)
    if matter.stage >= Stage.GRANTED:
        await cases.view(back, case.id)
        await cases.grant(back, ports.signer, case.id, None)
    if matter.stage is Stage.GRANTED and matter.hall == TOWN_HALL:
        await handing.on_its_way(case, back)
    if matter.stage >= Stage.SHELVED:
        await _given(matter, actor, case, front, back)


async def _follow(actor: Citizen, case_id: UUID, ports: Ports) -> None:
    shown = (await cases.get(actor, case_id)).following
    assert shown is not None and shown.commitment is not None  # noqa: S101, PT018 - it was sent just now
    words = shown.commitment
    await cases.commit(actor, case_id, asked(commitment_id=words.id, version=words.version, agreed=True))
    papers = [
        asked(key=line.key, file_id=await _uploaded(actor, ports, line.name, place))
        for place, line in enumerate(shown.lines)
    ]
    await cases.send(actor, case_id, asked(materials=papers))


async def _lose_its_message(sandbox: Sandbox, ports: Ports) -> None:
    """Try to say what has just been said: the number is on the carrier's list of those who want no texts."""
    await sandbox.tell("faults", {"path": _SMS, "kind": "errcode", "errcode": _NEVER_BY_SMS})
    for channel in (push.Channel.WECHAT, push.Channel.SMS):
        await push.deliver(ports, channel)


async def _submitted(matter: Matter, actor: Citizen, hall_id: UUID, ports: Ports) -> CaseOut:
    item_id = await items.id_of(matter.item)
    case = await cases.start(actor, asked(item_id=item_id, situation={}, **await _party(matter, actor)))
    form = {
        one.key: matter.answers.get(one.key) or case.form.get(one.key) or _answer(one, matter)
        for one in case.content.form
    }
    papers = [
        asked(key=rule.key, file_id=await _uploaded(actor, ports, rule.name, place))
        for place, rule in enumerate(case.content.materials)
        if rule.need in _sent(matter) and rule.exempt is None and rule.medium != "paper"
        and rule.key not in (*matter.pledged, *matter.named)
        and (rule.when is None or form[rule.when.field] == rule.when.equals)
    ]  # fmt: skip
    wish = cases.DeliveryIn(method="counter", hall_id=hall_id)
    named = [asked(key=key, name=name, number=number) for key, (name, number) in matter.named.items()]
    application = asked(
        form=form, materials=papers, pledges=matter.pledged, references=named, version=case.version, delivery=wish,
        subscriptions=None,
    )  # fmt: skip
    return await cases.submit(actor, case.id, application)


def _sent(matter: Matter) -> tuple[str, ...]:
    """What may follow is handed in at once where nothing is to follow."""
    return ("required",) if matter.stage < Stage.ACCEPTED else ("required", "deficiency")


async def _given(matter: Matter, actor: Citizen, case: CaseOut, front: Staff, back: Staff) -> None:
    await handing.shelved(case, front, back, f"{matter.phone[-2].upper()}-0{matter.stage}")
    if matter.stage < Stage.COLLECTED:
        return
    shown = await delivery.of_thread(actor, case.thread_id)
    assert shown is not None and shown.pickup_code is not None  # noqa: S101, PT018 - it was put on the shelf just now
    await delivery.find(front, shown.pickup_code)
    await delivery.hand_over(front, shown.pickup_code, identity_checked=True, signature=_SIGNATURE)
    rating = await ratings.of_thread(case.thread_id)
    if matter.stage is Stage.RATED and rating is not None and rating.token is not None:
        worst = (await ratings.form(actor, rating.token)).levels[-1]
        said = "说好三天，等了一个星期。"
        tags = [worst.tags[0].code]
        await ratings.rate(
            actor, ratings.RateIn(token=rating.token, level=worst.level, tags=tags, words=said, via="mobile")
        )


async def _party(matter: Matter, actor: Citizen) -> dict[str, UUID | None]:
    me = await identity.me(actor)
    return {
        "for_person_id": me.represents[0].person_id if matter.party == "child" else None,
        "enterprise_id": me.enterprises[0].id if matter.party == "enterprise" else None,
    }


def _answer(field: FormField, matter: Matter) -> str:
    if field.type == "choice":
        return field.choices[0].value
    if field.type == "phone":
        return next(one.phone for one in (*PEOPLE, *VISITORS) if one.key == matter.phone)
    return (clock.today() - _LOST).isoformat() if field.type == "date" else _ADDRESS


async def _uploaded(actor: Citizen, ports: Ports, name: str, place: int) -> UUID:
    return (await documents.store(actor, ports, f"{name}.png", partial(_paper, place))).id


async def _paper(number: int) -> bytes:
    """Draw what stands for a paper."""
    sheet = Image.new("RGB", (720, 960), "#f4f1e8")
    draw = ImageDraw.Draw(sheet)
    draw.rectangle((60, 60, 660, 900), outline="#8a8577", width=4)
    draw.text((120, 420), f"SAMPLE {number + 1}", fill="#8a8577", font=ImageFont.load_default(80))
    kept = io.BytesIO()
    sheet.save(kept, "PNG")
    return kept.getvalue()
