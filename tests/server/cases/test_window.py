"""The front desk: whoever comes in person, each paper looked at, everything told once, and silence on either side."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest

from server import db
from server.actor import Staff
from server.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine, DeskCaseView, WindowIn
from server.features.identity import service as identity
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Office, begun, office, submitted
from tests.factories.identity import REGISTER, AsCitizen, AsStaff, sample_number
from tests.fixtures_web import Client

ID = CheckIn(key="id_card", verdict="received")
BAD = CheckIn(key="id_card", verdict="wrong", reason="身份证已过期，请换领后提交。")
CARD = {
    "key": "id_card", "name": "居民身份证", "kind": "certificate", "source": "applicant", "need": "required",
    "medium": "either", "originals": 1, "standards": ["在有效期内，字迹清楚。"],
}  # fmt: skip
PHOTO = CARD | {"key": "photo", "name": "照片", "kind": "other", "medium": "paper"}
FORM = [
    {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"},
    {"key": "reason", "label": "申请理由", "type": "long_text", "required": True},
]


def code(raised: pytest.ExceptionInfo[AppError]) -> str:
    return raised.value.code


async def somebody(at: Office, name: str = "赵长庚") -> UUID:
    """Somebody without a telephone, written down at the window."""
    person = await identity.register_person(
        at.clerk.actor, kind="resident_id", name=name, number=sample_number(), checker=REGISTER
    )
    return person.id


async def received(at: Office, person_id: UUID | None = None) -> UUID:
    person_id = person_id or await somebody(at)
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={})
    return await cases.receive(at.clerk.actor, wish)


async def seen(actor: Staff, case_id: UUID) -> DeskCaseView:
    return await cases.view(actor, case_id)


async def clocks() -> list[tuple[str, str]]:
    rows = await db.fetch("SELECT kind, state FROM clock ORDER BY created_at, id")
    return [(row["kind"], row["state"]) for row in rows]


async def test_somebody_without_a_phone_is_served_to_the_decision(client: Client, ports: Ports) -> None:
    at = await office(form=FORM)
    clerk = at.clerk.actor
    case_id = await received(at)
    shown = await seen(clerk, case_id)
    assert (shown.channel, shown.case.state, shown.case.form) == ("window", "submitted", {"name": "赵长庚"})
    assert await clocks() == [("receive", "running")]
    with pytest.raises(InvalidInput) as half:
        await cases.accept(clerk, case_id)
    assert [field.path for field in half.value.fields] == ["form.reason"]
    await cases.fill_in(clerk, case_id, {"name": "赵长庚", "reason": "年满八十"})
    with pytest.raises(InvalidInput) as bare:
        await cases.accept(clerk, case_id)
    assert (code(bare), [field.path for field in bare.value.fields]) == (
        "cases.materials_missing", ["materials.id_card"],
    )  # fmt: skip
    await cases.check_materials(clerk, case_id, [ID])
    await cases.accept(clerk, case_id)
    assert await clocks() == [("receive", "stopped"), ("decide", "running")]
    assert (await seen(clerk, case_id)).case.materials[0].source == "window"
    await cases.grant(at.reviewer.actor, ports.signer, case_id, None)
    kinds = [row["kind"] for row in await db.fetch("SELECT kind FROM notice ORDER BY created_at")]
    assert kinds == ["acceptance", "decision_granted"]


async def test_everything_marked_is_told_at_once_and_kept_as_a_record(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, PHOTO])
    clerk = at.clerk.actor
    case_id = await received(at)
    await cases.check_materials(clerk, case_id, [BAD, CheckIn(key="photo", verdict="missing")])
    with pytest.raises(Conflict) as raised:
        await cases.accept(clerk, case_id)
    assert code(raised) == "cases.still_missing"
    # The officer names only a field: what is marked goes along by itself.
    await cases.ask_correction(clerk, case_id, [CorrectionLine(key="reason", reason="请写明理由")], days=10)
    told = (await seen(clerk, case_id)).case.correction
    assert told is not None
    assert {line.key: line.reason for line in told.lines} == {
        "reason": "请写明理由", "id_card": BAD.reason, "photo": "未提交，请补交。",
    }  # fmt: skip
    row = await db.fetchrow("SELECT round, due_on FROM telling WHERE case_id = $1", case_id)
    assert row is not None
    assert (row["round"], row["due_on"]) == (1, told.due_on)
    assert await clocks() == [("receive", "stopped")]
    assert await db.fetchval("SELECT count(*) FROM inbox") == 1
    assert [row["kind"] for row in await db.fetch("SELECT kind FROM notice")] == ["correction"]
    with pytest.raises(Conflict) as early:
        await cases.hand_in_again(clerk, case_id)
    assert code(early) == "cases.still_missing"
    await cases.check_materials(clerk, case_id, [ID, CheckIn(key="photo", verdict="received")])
    await cases.fill_in(clerk, case_id, {"name": "赵长庚", "reason": "年满八十"})
    await cases.hand_in_again(clerk, case_id)
    assert await clocks() == [("receive", "stopped"), ("receive", "running")]
    await cases.accept(clerk, case_id)


async def test_a_second_round_only_by_a_superior_and_only_of_what_is_new(
    client: Client, ports: Ports, as_staff: AsStaff
) -> None:
    at = await office(materials=[CARD, PHOTO | {"medium": "either"}])
    chief = (await as_staff("hall_manager", hall=at.hall.id)).actor
    who = await begun(client, ports, at)
    papers = [{"key": key, "file_id": str((await who.picture(shade)).id)} for key, shade in
              (("id_card", "#111111"), ("photo", "#222222"))]  # fmt: skip
    assert (await who.post("submit", await who.application(materials=papers))).status == 200
    await cases.ask_correction(at.clerk.actor, who.id, [CorrectionLine(key="id_card", reason="照片模糊")])
    better = [{"key": "id_card", "file_id": str((await who.picture("#333333")).id)}, papers[1]]
    who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
    changed = await who.application(form={"name": who.someone.name, "reason": "换了理由"}, materials=better)
    assert (await who.post("submit", changed)).status == 200
    photo = CorrectionLine(key="photo", reason="要近照")
    for actor, why in ((at.clerk.actor, "理由"), (chief, " ")):
        with pytest.raises(Conflict) as raised:
            await cases.ask_correction(actor, who.id, [photo], why=why)
        assert code(raised) == "cases.corrected_once"
    with pytest.raises(InvalidInput) as overlooked:
        await cases.ask_correction(chief, who.id, [photo], why="上次漏看")
    assert (code(overlooked), overlooked.value.fields[0].path) == ("cases.could_have_been_seen", "lines.photo")
    again = [CorrectionLine(key="id_card", reason="仍然模糊"), CorrectionLine(key="reason", reason="理由前后不一")]
    await cases.ask_correction(chief, who.id, again, why="新交的内容仍不符合")
    assert await db.fetchval("SELECT max(round) FROM telling") == 2


@pytest.mark.parametrize(
    ("found", "why"),
    [
        (CheckIn(key="bank_statement", verdict="missing"), "unknown_field"),
        (CheckIn(key="register", verdict="missing"), "exempt"),
        (CheckIn(key="id_card", verdict="missing"), "on_file"),
        (CheckIn(key="id_card", verdict="wrong", reason=" "), "missing"),
    ],
)
async def test_no_paper_beyond_the_guide_is_called_for(client: Client, ports: Ports, found: CheckIn, why: str) -> None:
    """Not in the guide, free of it, or sent as a file already: none of these can be marked as missing."""
    register = PHOTO | {"key": "register", "name": "户口簿", "exempt": "公安人口信息库"}
    at = await office(materials=[CARD, register])
    who = await submitted(client, ports, at)
    with pytest.raises(InvalidInput) as raised:
        await cases.check_materials(at.clerk.actor, who.id, [found])
    assert raised.value.fields[0].code == why
    assert await db.fetchval("SELECT count(*) FROM material_check") == 0


async def test_a_window_cannot_refuse_alone(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    with pytest.raises(Forbidden) as alone:
        await cases.decline(at.clerk.actor, who.id, "不属于本机关职权")
    assert code(alone) == "cases.window_cannot_refuse"
    both = (await as_staff("clerk", "reviewer")).actor
    await cases.propose_refusal(both, who.id, "不属于本机关职权")
    assert [row.id for row in (await cases.worklist(at.reviewer.actor, cases.Wanted(tab="refuse"))).items] == [who.id]
    with pytest.raises(Conflict) as own:
        await cases.decline(both, who.id, "不属于本机关职权")
    assert code(own) == "cases.own_proposal"
    with pytest.raises(Conflict) as twice:
        await cases.propose_refusal(at.clerk.actor, who.id, "再来一次")
    assert code(twice) == "cases.already_proposed"
    await cases.return_refusal(at.reviewer.actor, who.id)
    assert (await cases.worklist(at.reviewer.actor, cases.Wanted(tab="refuse"))).items == []
    await cases.propose_refusal(at.clerk.actor, who.id, "不属于本机关职权")
    await cases.decline(at.reviewer.actor, who.id, "不属于本机关职权")
    assert await clocks() == [("receive", "stopped")]
    assert (await seen(at.clerk.actor, who.id)).case.state == "declined"


async def test_silence_of_the_office_accepts_from_the_day_of_receipt(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    received_on = clock.today()
    last = await db.fetchval("SELECT law_on FROM clock")
    await cases.propose_refusal(at.clerk.actor, who.id, "不属于本机关职权")
    clock.advance(days=(last - received_on).days)
    assert await cases.deem_accepted() == 0, "the fifth day is still the office's"
    clock.advance(days=1)
    assert await cases.deem_accepted() == 1
    assert await cases.deem_accepted() == 0
    shown = await seen(at.clerk.actor, who.id)
    assert (shown.case.state, shown.proposal) == ("accepted", None)
    started: date = await db.fetchval("SELECT started_on FROM clock WHERE kind = 'decide'")
    assert started == received_on
    assert [row["kind"] for row in await db.fetch("SELECT kind FROM notice")] == ["acceptance_deemed"]
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)


async def test_who_does_not_mend_in_time_is_reminded_and_may_apply_again(
    client: Client, ports: Ports, clock: Clock
) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await cases.ask_correction(at.clerk.actor, who.id, [CorrectionLine(key="id_card", reason="照片模糊")], days=5)
    due: date = await db.fetchval("SELECT due_on FROM telling")
    clock.advance(days=(due - clock.today()).days - 2)
    for _ in range(2):
        await cases.remind_of_corrections()
    kinds = [row["kind"] for row in await db.fetch("SELECT kind FROM inbox ORDER BY created_at")]
    assert kinds == ["cases.correction_asked", "cases.correction_due"]
    clock.advance(days=2)
    assert await cases.end_uncorrected() == 0, "the last day is still the applicant's"
    clock.advance(days=1)
    assert await cases.end_uncorrected() == 1
    assert await cases.end_uncorrected() == 0
    matter = await who.screen()
    assert (matter["state"], matter["case"]["state"], matter["notices"][-1]["kind"]) == (
        "closed", "terminated", "lapsed",
    )  # fmt: skip
    await submitted(client, ports, at, who.someone)


async def test_a_draft_of_the_phone_goes_on_at_the_window(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    at = await office()
    who = await begun(client, ports, at)
    draft = {"form": {"name": "张桂兰", "reason": "写了一半"}, "materials": [], "version": who.case["version"]}
    assert (await who.post("draft", draft)).status == 200
    person_id = who.someone.person_id
    assert person_id is not None
    assert await received(at, person_id) == who.id
    assert (await seen(at.clerk.actor, who.id)).case.form["reason"] == "写了一半"
    with pytest.raises(Conflict) as twice:
        await received(at, person_id)
    assert code(twice) == "cases.already_open"
    on_phone = await submitted(client, ports, at, await as_citizen(name="李敏"))
    with pytest.raises(Conflict) as own:
        await cases.fill_in(at.clerk.actor, on_phone.id, {"name": "李敏", "reason": "改"})
    assert code(own) == "cases.own_words"


async def test_only_a_hall_the_guide_names_takes_it_in(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    person_id = await somebody(at)
    town = await make.hall("town", region_code="341226100")
    there = (await as_staff("clerk", hall=town.id)).actor
    with pytest.raises(Conflict) as elsewhere:
        await cases.receive(there, WindowIn(item_id=at.item_id, hall_id=town.id, person_id=person_id, situation={}))
    assert code(elsewhere) == "cases.not_here"
    with pytest.raises(NotFound):
        await cases.receive(there, WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={}))
    assert await db.fetchval("SELECT count(*) FROM case_record") == 0
