"""Granted by the rules of the guide: on verified facts alone, with every fact on record; else a person goes on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.features.cases import service as cases
from server.features.cases.models import Ruling
from server.features.cases.schemas import CorrectionLine
from server.ports import Checked, OutsideError, Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, Office, begun, office
from tests.factories.identity import SomeCitizen, citizen
from tests.fixtures_web import Client

YOUNG = date(1999, 3, 12)
_births = count()
SHARED = {
    "key": "id_card", "name": "居民身份证", "kind": "certificate", "source": "government", "need": "required",
    "medium": "either", "exempt": "公安人口信息库",
}  # fmt: skip
PHOTO = {
    "key": "photo", "name": "照片", "kind": "other", "source": "applicant", "need": "optional", "medium": "electronic",
    "standards": ["面部清晰。"],
}  # fmt: skip
NAME = {"key": "name", "label": "姓名", "type": "name", "required": True, "prefill": "person.name"}
REASON = {"key": "reason", "label": "理由", "type": "text", "required": True}
STEPS = [{"key": "decide", "name": "决定", "who": "系统", "days": 0, "what": "当场决定。"}]
IDENTITY = {"key": "identity", "name": "姓名和证件号码一致", "fact": "identity"}
AGE = {"key": "age", "name": "年满六十五周岁", "fact": "age", "least": 65}
NONE_YET = {"key": "none", "name": "没有同种证", "fact": "no_certificate", "certificate_type": "senior_card"}
SAME_NAME = {"key": "name", "name": "姓名与实名一致", "fact": "answer", "field": "name"}


def by_rules(*rules: dict[str, Any], percent: int = 0) -> dict[str, Any]:
    return {"name": "测试秒批规则", "basis": "测试清单", "look_percent": percent, "look_days": 10, "rules": list(rules)}


def ruled(*rules: dict[str, Any], percent: int = 0, **more: Any) -> dict[str, Any]:
    plain: dict[str, Any] = {
        "handling": "instant",
        "promise_days": 0,
        "steps": STEPS,
        "form": [],
        "materials": [SHARED],
    }
    return plain | {"by_rules": by_rules(*rules, percent=percent)} | more


async def elder(name: str = "张桂兰") -> SomeCitizen:
    """Somebody of 78, each with a number of their own."""
    return await citizen(name=name, born=date(1948, 1, 1) + timedelta(days=next(_births)))


async def handed_in(
    client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None, **sent: Any
) -> Applicant:
    someone = someone or await elder()
    who = await begun(client, ports, at, someone)
    answer = await who.post("submit", await who.application(**{"form": {}, "materials": []} | sent))
    assert answer.status == 200, answer.text
    return who


async def ruling(who: Applicant) -> Ruling:
    return await Ruling.filter(case_id=who.id).order_by("-created_at").first()  # type: ignore[return-value]


async def state(who: Applicant) -> str:
    return str(await db.fetchval("SELECT state FROM case_record WHERE id = $1", who.id))


async def decided(
    client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None, **sent: Any
) -> Applicant:
    who = await handed_in(client, ports, at, someone, **sent)
    assert await cases.rule_next(ports) == 1
    return who


def code(raised: pytest.ExceptionInfo[Any]) -> str:
    return str(raised.value.code)


class Register:
    """A register that answers as it is told, or not at all."""

    def __init__(self, answer: Checked | None) -> None:
        self.answer = answer

    async def person(self, **_who: str) -> Checked:
        if self.answer is None:
            raise OutsideError("down", final=False)
        return self.answer

    enterprise = kinship = person


async def test_granted_at_once_with_every_fact_on_record(client: Client, ports: Ports) -> None:
    ports = replace(ports, identity_check=Register(Checked.MATCH))
    at = await office(**ruled(IDENTITY, AGE, NONE_YET))
    who = await handed_in(client, ports, at)
    assert who.case["ruling"]["state"] == "waiting"
    assert await cases.rule_next(ports) == 1
    assert await cases.rule_next(ports) == 0
    row = await db.fetchrow("SELECT * FROM case_record WHERE id = $1", who.id)
    assert row is not None
    assert (row["state"], row["accepted_by"], row["decided_by"]) == ("granted", None, None)
    shown = (await who.screen())["case"]
    assert shown["decision"]["granted"]
    told = shown["ruling"]
    assert (told["name"], told["state"], told["why"]) == ("测试秒批规则", "granted", None)
    assert [line["held"] for line in told["lines"]] == ["yes", "yes", "yes"]
    assert told["lines"][1]["said"].endswith("周岁")
    assert who.someone.number not in str(told), "a number is masked"
    assert [one["type"] for one in (await who.screen())["certificates"]] == ["老年优待证"]
    notices = await db.fetch("SELECT kind FROM notice WHERE thread_id = $1 ORDER BY created_at", who.thread_id)
    assert [one["kind"] for one in notices] == ["acceptance", "decision_granted"]
    kinds = {one["kind"] for one in await db.fetch("SELECT kind FROM inbox WHERE thread_id = $1", who.thread_id)}
    assert "cases.granted" in kinds
    assert "cases.accepted" not in kinds, "one word is enough"
    entry = await db.fetchrow("SELECT * FROM audit_entry WHERE action = 'cases.granted'")
    assert entry is not None
    assert (entry["actor_kind"], entry["thread_id"]) == ("system", who.thread_id)
    assert "测试秒批规则" in str(entry["detail"])


async def test_the_notice_names_the_rules(client: Client, ports: Ports, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[Any] = []
    from server.features.documents import service as documents  # noqa: PLC0415 - watched here alone

    real = documents.issue_notice

    async def watched(thread_id: UUID, kind: str, facts: Any, hand: Any) -> Any:  # noqa: ANN401 - as it is
        written.append((kind, facts.rows))
        return await real(thread_id, kind, facts, hand)

    monkeypatch.setattr(documents, "issue_notice", watched)
    await decided(client, ports, await office(**ruled(AGE)))
    rows = dict(next(rows for kind, rows in written if kind == "decision_granted"))
    assert rows["审批规则"] == "测试秒批规则"
    assert "测试秒批规则" in rows["理由"]


@pytest.mark.parametrize(
    ("answer", "held", "why"), [(Checked.MISMATCH, "no", "not_true"), (Checked.UNKNOWN, "no", "not_true"),
                                (None, "down", "source_down")],
)  # fmt: skip
async def test_a_register_that_says_no_or_nothing_leaves_it_to_a_person(
    client: Client, ports: Ports, answer: Checked | None, held: str, why: str
) -> None:
    at = await office(**ruled(IDENTITY, AGE))
    who = await decided(client, replace(ports, identity_check=Register(answer)), at)
    row = await ruling(who)
    assert (await state(who), row.state, row.why) == ("submitted", "person", why)
    seen = (await cases.view(at.reviewer.actor, who.id)).ruling
    assert seen is not None
    assert [line.held for line in seen.shown.lines] == [held, "yes"]
    assert (await who.screen())["case"]["ruling"]["state"] == "person"
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    assert await state(who) == "granted"


async def test_too_young_is_not_denied_but_looked_at(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE))
    who = await decided(client, ports, at, await citizen(born=YOUNG))
    assert (await state(who), (await ruling(who)).why) == ("submitted", "not_true")


async def test_what_is_typed_counts_only_where_it_is_known(client: Client, ports: Ports) -> None:
    at = await office(**ruled(SAME_NAME, form=[NAME]))
    other = await decided(client, ports, at, form={"name": "李四"})
    assert (await ruling(other)).why == "not_true"
    same = await decided(client, ports, at, form={"name": "张桂兰"})
    assert await state(same) == "granted"


async def test_what_was_written_in_an_earlier_application_is_nobodys_fact(client: Client, ports: Ports) -> None:
    home = {"key": "home", "label": "住址", "type": "address", "required": True, "prefill": "person.home"}
    rule = {"key": "home", "name": "住址一致", "fact": "answer", "field": "home"}
    someone = await elder()
    for item in range(2):
        at = await office(**ruled(rule, form=[home]))
        who = await decided(client, ports, at, someone, form={"home": "颍上县慎城镇 1 号"})
        assert (await ruling(who)).why == "not_true", f"written {item} times, and yet known to no office"


async def test_certificates_and_earlier_grants_are_facts(client: Client, ports: Ports) -> None:
    first = await office(**ruled(AGE))
    someone = await elder()
    await decided(client, ports, first, someone)
    has = {"key": "has", "name": "持有优待证", "fact": "certificate", "certificate_type": "senior_card"}
    says = {"key": "says", "name": "证上姓名", "fact": "certificate_says", "certificate_type": "senior_card",
            "line": "holder", "begins": "张"}  # fmt: skip
    before = {"key": "before", "name": "此前准予过", "fact": "granted", "item": first.guide.item.code, "months": 12}
    never = {"key": "never", "name": "此前没有准予过", "fact": "not_granted", "item": first.guide.item.code}
    unknown = {"key": "unknown", "name": "没有的事项", "fact": "granted", "item": "NOSUCHCODE"}
    at = await office(**ruled(has, says, before, never, NONE_YET, unknown))
    who = await decided(client, ports, at, someone)
    row = await ruling(who)
    assert [line["held"] for line in row.lines or []] == ["yes", "yes", "yes", "no", "no", "down"]
    stranger = await decided(client, ports, at, await elder("王芳"))
    assert [line["held"] for line in (await ruling(stranger)).lines or []] == ["no", "no", "no", "yes", "yes", "down"]


async def test_a_suspended_certificate_is_still_one(client: Client, ports: Ports) -> None:
    """Whoever has had theirs suspended is not somebody without one; a revoked or expired one is none."""
    someone = await elder()
    first = await office(**ruled(AGE))
    await decided(client, ports, first, someone)
    at = await office(**ruled(NONE_YET))
    for state, held in (("valid", "no"), ("suspended", "no"), ("revoked", "yes")):
        await db.execute("UPDATE certificate SET state = $1", state)
        assert [line["held"] for line in (await ruling(await decided(client, ports, at, someone))).lines or []] == [
            held
        ]
        await db.execute("UPDATE thread SET state = 'closed'")


async def test_a_paper_that_was_sent_is_looked_at_by_somebody(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE, materials=[SHARED, PHOTO]))
    who = await begun(client, ports, at, await elder())
    photo = [{"key": "photo", "file_id": str((await who.picture()).id)}]
    assert (await who.post("submit", await who.application(form={}, materials=photo))).status == 200
    await cases.rule_next(ports)
    assert (await ruling(who)).why == "papers"


async def test_whoever_is_faster_decides(client: Client, ports: Ports) -> None:
    at = await office(**ruled(AGE))
    who = await handed_in(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    await cases.rule_next(ports)
    assert (await state(who), (await ruling(who)).state) == ("accepted", "void")


async def test_two_workers_and_one_decision(client: Client, ports: Ports) -> None:
    ports = replace(ports, identity_check=Register(Checked.MATCH))
    at = await office(**ruled(IDENTITY, AGE))
    several = [await handed_in(client, ports, at, await elder()) for _ in range(4)]
    assert sum(await asyncio.gather(*(cases.rule_next(ports) for _ in range(8)))) == 4
    assert await db.fetchval("SELECT count(*) FROM certificate") == 4
    assert {await state(who) for who in several} == {"granted"}


async def test_two_that_hold_the_same_claim_grant_once(client: Client, ports: Ports) -> None:
    """What a lease that ran out in mid-run leads to: the second finds it done."""
    from server.features.cases.service import _rulings  # noqa: PLC0415 - its inside is what is tested

    at = await office(**ruled(AGE))
    who = await handed_in(client, ports, at)
    row = await ruling(who)
    await asyncio.gather(*(_rulings._rule(ports.signer, row.id, who.id, None, tired=False) for _ in range(4)))
    assert await db.fetchval("SELECT count(*) FROM certificate") == 1
    steps = await db.fetchval(
        "SELECT count(*) FROM step WHERE thread_id = $1 AND name = 'cases.granted'", who.thread_id
    )
    assert steps == 1


async def test_what_dies_in_mid_run_is_taken_up_again_and_given_up_in_the_end(
    client: Client, ports: Ports, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = await office(**ruled(AGE))
    who = await handed_in(client, ports, at)

    async def dying(*_given: object, **_named: object) -> None:
        raise RuntimeError

    monkeypatch.setattr("server.features.cases.service._rulings.grant_as", dying)
    for _ in range(3):
        with pytest.raises(RuntimeError):
            await cases.rule_next(ports)
        assert await cases.rule_next(ports) == 0, "it is held for a minute"
        clock.advance(seconds=61)
    assert await cases.rule_next(ports) == 1
    assert (await state(who), (await ruling(who)).why) == ("submitted", "failed")


async def test_handed_in_again_it_is_asked_again(client: Client, ports: Ports) -> None:
    at = await office(**ruled(SAME_NAME, form=[NAME]))
    who = await decided(client, ports, at, form={"name": "李四"})
    await cases.ask_correction(at.clerk.actor, who.id, [CorrectionLine(key="name", reason="与证件不一致。")])
    who.case = (await who.screen())["case"]
    again = await who.application(form={"name": "张桂兰"}, materials=[])
    assert (await who.post("submit", again)).status == 200
    assert await cases.rule_next(ports) == 1
    assert await state(who) == "granted"
    assert await db.fetchval("SELECT count(*) FROM ruling") == 2
