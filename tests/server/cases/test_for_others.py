"""At the window for somebody else: a relative, an agent with a letter, a clerk with the licence of an enterprise."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from server import db
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import WindowIn
from server.features.identity import service as identity
from server.kit import checks
from server.ports import Checked, Ports
from tests.factories.cases import office
from tests.factories.identity import REGISTER, sample_number
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
