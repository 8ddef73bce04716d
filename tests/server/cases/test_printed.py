"""What ends up on a certificate: words a person can read."""

from __future__ import annotations

from server.features.cases import service as cases
from server.ports import Ports
from tests.factories.cases import begun, office
from tests.fixtures_web import Client

BANK = {
    "key": "bank",
    "label": "制卡银行",
    "type": "choice",
    "required": True,
    "choices": [{"value": "icbc", "label": "工商银行"}, {"value": "abc", "label": "农业银行"}],
}
CARD = {"name": "社会保障卡", "kind": "certificate", "certificate_type": "social_card"}


async def test_a_choice_is_printed_in_words(client: Client, ports: Ports) -> None:
    at = await office(form=[BANK], result=CARD)
    who = await begun(client, ports, at)
    handed_in = await who.post("submit", await who.application(form={"bank": "abc"}))
    assert handed_in.status == 200, handed_in.text
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    wallet = (await who.phone.get("/api/v1/certificates")).json
    shown = (await who.phone.get(f"/api/v1/certificates/{wallet[0]['id']}")).json
    assert {"label": "服务银行", "value": "农业银行"} in shown["fields"]
