"""A bad rating is looked into, put right or explained, answered, judged by whoever gave it, and never just put away."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest

from server import db
from server.errors import AppError, Conflict, Forbidden
from server.features.ratings import service as ratings
from server.features.ratings.service import RectificationPolicy
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.cases import Applicant
from tests.factories.identity import AsCitizen, SomeStaff, staff
from tests.fixtures_web import Answer, Client
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate

DEEDS: dict[str, dict[str, Any]] = {
    "verify": {"founded": True, "finding": "确实等了两个小时。"},
    "rectify": {"measures": "增开了一个窗口。"},
    "answer": {"words": "对不起，已增开窗口，今后等候不超过二十分钟。"},
    "call_back": {"reached": True, "words": "已道歉。"},
    "urge": {"words": "请今天办完。"},
    "ask_exclusion": {"kind": "mistaken", "reason": "本人说点错了。"},
    "exclude": {"granted": True, "words": "本人确认误评。"},
    "keep": {"granted": False, "words": "不像误评。"},
}

# What leads a bad rating that was given under a name to its answer.
WAY = ("verify", "call_back", "rectify", "answer")


async def do(deed: str, who: SomeStaff, work: UUID, **given: Any) -> None:
    name = "decide_exclusion" if deed in ("exclude", "keep") else deed
    await getattr(ratings, name)(who.actor, work, **DEEDS[deed] | given)


async def rated(client: Client, ports: Ports, **given: Any) -> tuple[Applicant, str, UUID]:
    """Somebody who gave one star under their name."""
    who, token = await finished(client, ports)
    assert (await rate(who.phone, token, **WORST | given)).status == 200
    return who, token, await db.fetchval("SELECT id FROM rectification")


async def judge(phone: Client, token: str, **said: Any) -> Answer:
    return await phone.post(f"{RATINGS}/judge", json={"token": token} | said, headers=key())


async def state_of(work: UUID) -> str:
    return str(await db.fetchval("SELECT state FROM rectification WHERE id = $1", work))


async def shown(phone: Client, token: str) -> dict[str, Any]:
    form: dict[str, Any] = (await phone.get(f"{RATINGS}/form", params={"token": token})).json["rectification"]
    return form


async def test_from_one_star_to_an_answer_reopened_once_and_closed(client: Client, ports: Ports) -> None:
    who, token, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    assert (await shown(who.phone, token))["state"] == "assigned"
    for deed, state in (
        ("verify", "verified"), ("call_back", "verified"), ("rectify", "rectified"), ("answer", "answered"),
    ):  # fmt: skip
        await do(deed, manager, work)
        assert await state_of(work) == state
    seen = await shown(who.phone, token)
    assert (seen["answer"], seen["may_reopen"]) == (DEEDS["answer"]["words"], True)
    news = await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'ratings.answered'")
    assert news == 1, "whoever rated is told"
    again = await judge(who.phone, token, satisfied=False, words="昨天又等了一个小时。")
    assert (again.status, again.json["rectification"]["state"]) == (200, "reopened")
    assert again.json["rectification"]["judge_until"] is None
    for deed in ("verify", "rectify", "answer"):
        await do(deed, manager, work)
    seen = await shown(who.phone, token)
    assert (seen["state"], seen["may_reopen"]) == ("answered", False), "once more, and no further"
    refused = await judge(who.phone, token, satisfied=False, words="还是不行")
    assert (refused.status, refused.json["code"]) == (409, "ratings.reopened_already")
    assert (await judge(who.phone, token, satisfied=True)).json["rectification"]["state"] == "closed"
    assert (await judge(who.phone, token, satisfied=True)).status == 200, "the same tap again"
    assert (await (await ratings.rectifications(manager.actor)).page()).items == []
    over = (await (await ratings.rectifications(manager.actor, ended=True)).page()).items
    assert [row.id for row in over] == [work]
    written = [one.deed for one in (await ratings.rectification(manager.actor, work)).deeds]
    first = ["verify", "called", "rectify", "answer"]
    assert written == [*first, "reopen", "verify", "rectify", "answer", "agree"]
    steps = [step["name"] for step in (await who.screen())["steps"]]
    assert steps[-5:] == [
        "ratings.rectification_opened", "ratings.answered", "ratings.reopened", "ratings.answered", "ratings.agreed",
    ]  # fmt: skip


async def test_what_is_unfounded_is_explained_not_put_away(client: Client, ports: Ports) -> None:
    who, token, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    with pytest.raises(Conflict, match=r"ratings\.moved_on"):
        await do("answer", manager, work)
    with pytest.raises(Forbidden, match=r"ratings\.own_work"):
        await do("verify", who.office.reviewer, work, founded=False, finding="没有的事。")
    await do("verify", manager, work, founded=False, finding="监控显示等候八分钟。")
    with pytest.raises(Conflict, match=r"ratings\.moved_on"):
        await do("rectify", manager, work)
    await do("call_back", manager, work)
    for nothing in ("", "   "):
        with pytest.raises(AppError, match="invalid_input"):
            await do("answer", manager, work, words=nothing)
    await do("answer", manager, work, words="您当天取号到叫号是八分钟。")
    assert (await shown(who.phone, token))["answer"] == "您当天取号到叫号是八分钟。"
    assert await db.fetchval("SELECT state FROM rating") == "given", "it still counts"


async def test_only_whoever_rated_reads_and_judges_the_answer(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    who, token, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in WAY:
        await do(deed, manager, work)
    stranger = client.as_((await as_citizen()).token)
    for other in (client, stranger):
        assert await shown(other, token) is None
        assert (await judge(other, token, satisfied=True)).status == 404
    assert (await who.screen())["rating"]["answer_token"] == token
    wordless = await judge(who.phone, token, satisfied=False, words=" ")
    assert (wordless.status, wordless.json["fields"][0]["path"]) == (422, "words")
    assert await state_of(work) == "answered"


async def test_whoever_says_nothing_has_it_closed_and_can_still_read_it(
    client: Client, ports: Ports, clock: Clock
) -> None:
    who, token, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in WAY:
        await do(deed, manager, work)
    clock.advance(days=7)
    assert await ratings.run_out() == 0, "the last day counts"
    clock.advance(days=1)
    assert await ratings.run_out() == 1
    assert await ratings.run_out() == 0
    assert await db.fetchrow("SELECT state, satisfied FROM rectification") == ("closed", None)
    assert (await judge(who.phone, token, satisfied=False, words="x")).json["code"] == "ratings.moved_on"
    assert (await shown(who.phone, token))["answer"] == DEEDS["answer"]["words"]


async def test_what_is_late_goes_before_the_supervisors_once(client: Client, ports: Ports, clock: Clock) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    await do("call_back", manager, work)
    clock.advance(days=7)
    assert await ratings.escalate() == 0
    clock.advance(days=1)
    assert await ratings.escalate() == 1
    assert await ratings.escalate() == 0
    line = (await ratings.rectification(manager.actor, work)).line
    assert (line.escalated, line.light, line.days_left) == (True, "red", -1)
    supervisor = await staff("supervisor")
    await do("urge", supervisor, work)
    assert [one.deed for one in (await ratings.rectification(supervisor.actor, work)).deeds] == [
        "called", "escalate", "urge",
    ]  # fmt: skip


async def test_an_area_has_clocks_of_its_own(client: Client, ports: Ports, clock: Clock) -> None:
    for area, since, within, working, red, call_back in (
        ("341226", "2020-01-01", 5, True, 4, 2), ("3412", "2020-01-01", 30, False, 20, 1),
        ("341226", "2099-01-01", 9, False, 4, 2),
    ):  # fmt: skip
        terms = RectificationPolicy(within_days=within, working=working, red_days=red, call_back_days=call_back)
        await db.execute(
            "INSERT INTO area_policy VALUES"
            " (gen_random_uuid(), now(), 'rectifications', $1, $2, NULL, $3::text::jsonb, 'announced')",
            area, date.fromisoformat(since), msgspec.json.encode(terms).decode(),
        )  # fmt: skip
    clock.set(clock.now().replace(year=2026, month=9, day=18, hour=4))
    await rated(client, ports)
    row = await db.fetchrow("SELECT due_on::text, red_on::text, call_back_on::text FROM rectification")
    # Friday; Sunday the 20th is a working day, the 25th to the 27th are holidays.
    assert tuple(row or ()) == ("2026-09-24", "2026-09-23", "2026-09-21")


async def test_a_named_rating_is_called_back_about_and_the_look_is_on_record(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    whom = await ratings.caller(manager.actor, work)
    assert (whom.phone, whom.name) == (who.someone.phone, "张*兰")
    looks = await db.fetch("SELECT subject, person_id FROM audit_entry WHERE action = 'ratings.viewed'")
    assert [(one["subject"], one["person_id"]) for one in looks] == [("rater", who.someone.person_id)]
    await do("call_back", manager, work, reached=False, words="没人接。")
    assert (await ratings.rectification(manager.actor, work)).line.call_back_on is not None
    await do("call_back", manager, work)
    assert (await ratings.rectification(manager.actor, work)).line.call_back_on is None


async def test_nobody_is_called_about_a_rating_without_a_name(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(client, token, **WORST)
    work = await db.fetchval("SELECT id FROM rectification")
    manager = await staff("hall_manager", hall=who.office.hall.id)
    with pytest.raises(Conflict, match=r"ratings\.nobody_to_call"):
        await ratings.caller(manager.actor, work)
    assert "call_back" not in (await ratings.rectification(manager.actor, work)).may
    for deed in ("verify", "rectify", "answer"):
        await do(deed, manager, work)
    assert await shown(client, token) is None, "the code alone shows nothing: the officer holds it, too"


async def test_left_out_of_the_count_by_two_officers_and_told(client: Client, ports: Ports) -> None:
    who, token, work = await rated(client, ports)
    manager, supervisor = await staff("hall_manager", hall=who.office.hall.id), await staff("supervisor")
    with pytest.raises(Forbidden, match=r"ratings\.own_work"):
        await do("ask_exclusion", who.office.reviewer, work)
    await do("ask_exclusion", manager, work)
    with pytest.raises(Conflict, match=r"ratings\.exclusion_asked"):
        await do("ask_exclusion", manager, work)
    await do("keep", supervisor, work)
    assert await state_of(work) == "assigned"
    with pytest.raises(Conflict, match=r"ratings\.moved_on"):
        await do("exclude", supervisor, work)
    await do("ask_exclusion", manager, work)
    await do("exclude", supervisor, work)
    assert await ratings.excluded_counts() == {"malicious": 0, "mistaken": 1}
    seen = await shown(who.phone, token)
    assert (seen["state"], seen["answer"]) == ("excluded", DEEDS["exclude"]["words"])
    assert await db.fetchval("SELECT state FROM rating") == "excluded"
    assert await db.fetchval("SELECT count(*) FROM inbox WHERE kind = 'ratings.excluded'") == 1


async def test_whoever_asked_does_not_decide(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    await do("ask_exclusion", manager, work)
    above = next(iter((await staff("supervisor")).actor.grants))
    both = replace(manager, actor=replace(manager.actor, grants=(*manager.actor.grants, above)))
    asked = (await ratings.rectification(both.actor, work)).exclusion
    assert asked is not None
    assert asked.own
    with pytest.raises(Forbidden, match=r"ratings\.second_officer"):
        await do("exclude", both, work)
    assert await db.fetchval("SELECT count(*) FROM rating_exclusion WHERE decided_at IS NOT NULL") == 0


async def test_named_ones_are_called_back_about_before_the_answer(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    for deed in ("verify", "rectify"):
        await do(deed, manager, work)
    for tried in range(RectificationPolicy().call_tries):
        with pytest.raises(Conflict, match=r"ratings\.call_first"):
            await do("answer", manager, work)
        seen = await ratings.rectification(manager.actor, work)
        assert (seen.call_first, "answer" in seen.may) == (True, False)
        await do("call_back", manager, work, reached=False, words=f"第{tried + 1}次没人接。")
    await do("answer", manager, work)
    assert await state_of(work) == "answered", "tried often enough"


async def test_who_is_rated_does_not_answer_alone(client: Client, ports: Ports) -> None:
    who, _, work = await rated(client, ports)
    manager, own = await staff("hall_manager", hall=who.office.hall.id), who.office.reviewer
    await do("call_back", manager, work)
    await do("verify", own, work)
    await do("rectify", own, work)
    with pytest.raises(Forbidden, match=r"ratings\.own_work"):
        await do("answer", own, work)
    await do("answer", manager, work)
    assert await state_of(work) == "answered"


async def test_what_stays_late_is_escalated_again_and_again(client: Client, ports: Ports, clock: Clock) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    await do("call_back", manager, work)
    clock.advance(days=8)
    for time in range(1, 4):
        assert await ratings.escalate() == 1
        assert (await ratings.rectification(manager.actor, work)).line.escalated == time
        clock.advance(days=2)
        assert await ratings.escalate() == 0
        clock.advance(days=1)
    for deed in ("verify", "rectify", "answer"):
        await do(deed, manager, work)
    assert await ratings.escalate() == 0
