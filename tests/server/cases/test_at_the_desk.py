"""Small promises of the desk: originals count, papers are looked at, the order of events, the days to mend."""

from __future__ import annotations

import pytest

from server import db
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine, CorrectionPolicy
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import PolicySpan
from server.features.documents import service as documents
from server.kit.clock import today
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import office, submitted
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, seen

LINE = CorrectionLine(key="reason", reason="请写明")


async def test_an_original_counts_where_a_register_does_not_answer(client: Client, ports: Ports) -> None:
    register = CARD | {"key": "register", "name": "户口簿", "exempt": "公安人口信息库"}
    at = await office(materials=[CARD, register])
    who = await submitted(client, ports, at)
    await cases.check_materials(at.clerk.actor, who.id, [CheckIn(key="register", verdict="received")])
    line = next(one for one in (await seen(at.clerk.actor, who.id)).case.materials if one.key == "register")
    assert line.source == "window"
    steps = [step["name"] for step in (await who.screen())["steps"]]
    assert steps[-1] == "cases.original_seen", "the applicant can read it"
    said = await db.fetchval("SELECT detail->>'keys' FROM audit_entry WHERE action = 'cases.original_seen'")
    assert said == "register"
    await cases.accept(at.clerk.actor, who.id)


async def test_a_paper_nobody_has_opened_is_named_before_it_is_accepted(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    view = await seen(at.clerk.actor, who.id)
    assert view.unopened == ["居民身份证"]
    file = view.case.materials[0].files[0]
    await documents.look(at.clerk.actor, ports.files, file.id, who.thread_id, small=True)
    assert (await seen(at.clerk.actor, who.id)).unopened == ["居民身份证"], "a small picture is no look"
    await documents.look(at.clerk.actor, ports.files, file.id, who.thread_id)
    assert (await seen(at.clerk.actor, who.id)).unopened == []


async def test_the_certificate_comes_after_the_decision_and_before_the_end(client: Client, ports: Ports) -> None:
    at = await office()
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    steps = [step["name"] for step in (await who.screen())["steps"]]
    after = [name for name in steps if name in ("cases.granted", "certificates.issued", "delivery.preparing")]
    assert after == ["cases.granted", "certificates.issued", "delivery.preparing"]


async def test_the_days_to_mend_follow_the_rule_of_the_area(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    at = await office()
    county = await as_staff("administrator")
    who = await submitted(client, ports, at)
    assert (await seen(at.clerk.actor, who.id)).correction_policy.usual_days == 15
    span = PolicySpan(region_code=make.COUNTY, first_on=today(), reason="县里规定")
    await catalogue.set_policy(county.actor, span, CorrectionPolicy(least_days=8, usual_days=10, most_days=20))
    for days in (7, 21):
        with pytest.raises(InvalidInput) as out:
            await cases.ask_correction(at.clerk.actor, who.id, [LINE], days=days)
        assert out.value.fields[0].path == "days"
    await cases.ask_correction(at.clerk.actor, who.id, [LINE])
    due_on = await db.fetchval("SELECT due_on FROM telling")
    assert due_on == await catalogue.add_working_days(today(), 10)
