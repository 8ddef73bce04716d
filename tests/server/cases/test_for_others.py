"""For somebody else, on the phone or at the window: a relative, an agent with a letter, an enterprise's clerk."""

from __future__ import annotations

import json

import pytest
from msgspec.structs import replace

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import WindowIn
from server.features.identity import service as identity
from server.kit import checks
from server.ports import Checked, Ports
from tests.factories.cases import office, submitted
from tests.factories.identity import REGISTER, AsCitizen, child_of, enterprise_of, sample_number
from tests.fixtures_web import Client
from tests.server.cases.test_window import code, seen, somebody


async def test_whoever_comes_for_another_shows_why_and_is_named_in_the_case(client: Client, ports: Ports) -> None:
    at = await office(audience=["person", "enterprise"])
    clerk = at.clerk.actor
    person_id, agent_id = await somebody(at), await somebody(at, "钱小兵")
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={}, agent_id=agent_id)
    for paper in (None, "legal_person"):
        with pytest.raises(InvalidInput) as bare:
            await cases.receive(clerk, replace(wish, authority=paper))
        assert (code(bare), bare.value.fields[0].path) == ("cases.authority_needed", "authority")
    with pytest.raises(Conflict) as same:
        await cases.receive(clerk, replace(wish, agent_id=person_id, authority="signed_authority"))
    assert code(same) == "cases.own_agent"
    assert await db.fetchval("SELECT count(*) FROM case_record") == 0
    shown = await seen(clerk, await cases.receive(clerk, replace(wish, authority="signed_authority")))
    assert (shown.applicant, shown.agent, shown.authority) == ("赵长庚", "钱小兵", "signed_authority")
    noted = await db.fetchval("SELECT detail->>'authority' FROM audit_entry WHERE action = 'cases.received'")
    assert noted == "signed_authority"


async def test_an_enterprise_is_known_by_its_register(client: Client, ports: Ports) -> None:
    at = await office(audience=["enterprise"], themes=[])
    clerk = at.clerk.actor
    uscc = checks.sample_uscc("341226", "MA000901")
    shown = identity.ShownEnterprise(
        uscc=uscc, name="样例商贸有限公司", legal_name="孙大海", legal_number=sample_number()
    )
    REGISTER.says[uscc] = Checked.MISMATCH
    with pytest.raises(Conflict) as other:
        await identity.register_enterprise(clerk, shown, REGISTER)
    assert code(other) == "identity.enterprise_not_shown"
    assert await db.fetchval("SELECT count(*) FROM enterprise") == 0
    del REGISTER.says[uscc]
    enterprise_id = await identity.register_enterprise(clerk, shown, REGISTER)
    assert await identity.register_enterprise(clerk, shown, REGISTER) == enterprise_id
    person_id = await somebody(at)
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={})
    with pytest.raises(Conflict) as alone:
        await cases.receive(clerk, wish)
    assert code(alone) == "cases.enterprise_only"
    case_id = await cases.receive(clerk, replace(wish, enterprise_id=enterprise_id, authority="signed_authority"))
    view = await seen(clerk, case_id)
    assert (view.case.enterprise, view.applicant, view.authority) == ("样例商贸有限公司", "赵长庚", "signed_authority")
    # Coming to a window once gives nobody the enterprise on their phone.
    assert await db.fetchval("SELECT count(*) FROM membership") == 0
    people = await office(audience=["person"])
    here = replace(wish, item_id=people.item_id, hall_id=people.hall.id)
    with pytest.raises(Conflict) as wrong:
        await cases.receive(people.clerk.actor, replace(here, enterprise_id=enterprise_id, authority="legal_person"))
    assert code(wrong) == "cases.person_only"


async def test_on_whose_behalf_it_was_handed_in_is_on_record(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    at, business = await office(), await office(audience=["enterprise"], themes=[])
    parent = await as_citizen(name="李敏")
    child, company = await child_of(parent), await enterprise_of(parent)
    own = await submitted(client, ports, at, parent)
    for_child = await submitted(client, ports, at, parent, for_person_id=str(child))
    with_it = await submitted(client, ports, business, parent, enterprise_id=str(company))
    person, account = parent.actor.person_id, parent.actor.account_id
    for who, whose in ((own, (person, None)), (for_child, (child, None)), (with_it, (person, company))):
        step = await db.fetchrow(
            "SELECT actor_kind, actor_id, person_id, enterprise_id FROM step JOIN thread ON thread.id = thread_id"
            " WHERE thread_id = $1 AND name = 'cases.submitted'", who.thread_id,
        )  # fmt: skip
        assert step is not None
        assert tuple(step.values()) == ("citizen", account, *whose)
    rows = await db.fetch("SELECT * FROM audit_entry WHERE action = 'cases.submitted_for' ORDER BY created_at")
    assert [(row["actor_id"], row["subject_id"], row["person_id"], row["thread_id"]) for row in rows] == [
        (account, for_child.id, child, for_child.thread_id),
        (account, with_it.id, person, with_it.thread_id),
    ]
    assert [json.loads(row["detail"]) for row in rows] == [{}, {"enterprise_id": str(company)}]
