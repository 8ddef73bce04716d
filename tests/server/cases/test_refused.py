"""Everything that can be wrong with an application has its code, and what was typed stays."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.kit import clock
from server.ports import Ports
from tests.factories.booking import key
from tests.factories.cases import CASES, begun, office, submitted
from tests.factories.identity import AsCitizen, child_of
from tests.fixtures_web import Client


async def test_a_withdrawn_item_is_not_begun_and_a_draft_of_it_is_kept(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office())
    assert (await who.post("draft", {"form": {"reason": "写好了"}, "materials": [], "version": 1})).status == 200
    application = await who.application()
    running = await submitted(client, ports, who.office)
    await db.execute("UPDATE item SET active = false WHERE id = $1", who.office.item_id)
    refused = await who.post("submit", application)
    assert (refused.status, refused.json["code"]) == (409, "cases.item_withdrawn")
    kept = (await who.phone.get(f"{CASES}/{who.id}")).json
    assert (kept["state"], kept["form"]["reason"]) == ("draft", "写好了")
    fresh = await who.phone.post(CASES, json={"item_id": str(who.office.item_id)}, headers=key())
    assert (fresh.status, fresh.json["code"]) == (404, "not_found")
    # What was handed in before goes on.
    assert (await running.phone.get(f"{CASES}/{running.id}")).json["state"] == "submitted"


async def test_a_mandate_that_has_ended_says_so_and_loses_nothing(
    client: Client, ports: Ports, as_citizen: AsCitizen
) -> None:
    parent, stranger = await as_citizen(name="李敏"), await as_citizen(name="周洁")
    child = await child_of(parent)
    who = await begun(client, ports, await office(), parent, for_person_id=str(child))
    application = await who.application()
    await db.execute("UPDATE mandate SET until = $1 WHERE agent_id = $2", clock.today(), parent.person_id)
    for deed, body in (("draft", {"form": {}, "materials": [], "version": 1}), ("submit", application)):
        refused = await who.post(deed, body)
        assert (refused.status, refused.json["code"]) == (409, "cases.mandate_over")
    # To anybody else it is not there at all.
    hidden = await client.as_(stranger.token).post(f"{CASES}/{who.id}/submit", json=application, headers=key())
    assert (hidden.status, hidden.json["code"]) == (404, "not_found")
    later = clock.today() + timedelta(days=30)
    await db.execute("UPDATE mandate SET until = $1 WHERE agent_id = $2", later, parent.person_id)
    assert (await who.post("submit", application)).status == 200
