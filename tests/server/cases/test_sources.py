"""What an office already has is not asked of the person, and may not be asked for again."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine
from server.kit import clock
from server.ports import Ports
from tests.factories.cases import begun, granted, office
from tests.factories.identity import AsCitizen, child_of
from tests.fixtures_web import Client

CARD: dict[str, Any] = {
    "key": "card",
    "name": "老年优待证",
    "kind": "certificate",
    "source": "government",
    "need": "required",
    "medium": "electronic",
    "originals": 0,
    "copies": 0,
    "standards": ["在有效期内。"],
    "certificate_type": "senior_card",
}


def sources(case: dict[str, Any]) -> dict[str, str | None]:
    return {one["key"]: one["source"] for one in case["materials"]}


async def test_a_certificate_held_here_stands_for_its_paper(client: Client, ports: Ports) -> None:
    holder = await granted(client, ports, await office())
    who = await begun(client, ports, await office(materials=[CARD]), holder.someone)
    assert sources(who.case) == {"card": "certificate"}
    handed_in = await who.post("submit", await who.application(materials=[]))
    assert handed_in.status == 200, handed_in.text
    assert sources(handed_in.json) == {"card": "certificate"}
    lies = await db.fetchrow("SELECT source, certificate_id FROM material WHERE case_id = $1", who.id)
    assert lies is not None
    assert (lies["source"], lies["certificate_id"]) == (
        "certificate",
        await db.fetchval("SELECT id FROM certificate WHERE thread_id = $1", holder.thread_id),
    )
    with pytest.raises(InvalidInput, match="correction_outside_guide") as refused:
        await cases.ask_correction(who.office.clerk.actor, who.id, [CorrectionLine(key="card", reason="请补交")])
    assert [(one.path, one.code) for one in refused.value.fields] == [("lines.card", "on_file")]
    await cases.accept(who.office.clerk.actor, who.id)


async def test_what_is_uploaded_all_the_same_goes_before_it(client: Client, ports: Ports) -> None:
    holder = await granted(client, ports, await office())
    who = await begun(client, ports, await office(materials=[CARD]), holder.someone)
    newer = [{"key": "card", "file_id": str((await who.picture()).id)}]
    handed_in = await who.post("submit", await who.application(materials=newer))
    assert handed_in.status == 200, handed_in.text
    assert sources(handed_in.json) == {"card": "upload"}


ENDS = {
    "revoked": "UPDATE certificate SET state = 'revoked' WHERE created_at <= $1::timestamptz",
    "expired": """
        UPDATE certificate SET valid_from = ($1::timestamptz - interval '9 days')::date,
            valid_until = ($1 - interval '2 days')::date
    """,
}


@pytest.mark.parametrize("end", ENDS)
async def test_one_that_holds_no_longer_stands_for_nothing(client: Client, ports: Ports, end: str) -> None:
    holder = await granted(client, ports, await office())
    who = await begun(client, ports, await office(materials=[CARD]), holder.someone)
    await db.execute(ENDS[end], clock.now())
    refused = await who.post("submit", await who.application(materials=[]))
    assert (refused.status, refused.json["code"]) == (422, "cases.materials_missing")
    assert [(one["path"], one["code"]) for one in refused.json["fields"]] == [("materials.card", "paper_missing")]


async def test_somebody_elses_certificate_is_not_theirs(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    await granted(client, ports, await office(), parent)
    for_child = await begun(client, ports, await office(materials=[CARD]), parent, for_person_id=str(child))
    assert sources(for_child.case) == {"card": None}


async def test_the_order_in_which_a_paper_is_looked_for(client: Client, ports: Ports) -> None:
    """Shared data, a certificate, an earlier matter, the number of an approval, and only then what is uploaded."""
    before = await begun(client, ports, await office(materials=[CARD]))
    sent = [{"key": "card", "file_id": str((await before.picture()).id)}]
    assert (await before.post("submit", await before.application(materials=sent))).status == 200
    await cases.check_materials(before.office.clerk.actor, before.id, [CheckIn(key="card", verdict="received")])
    await cases.accept(before.office.clerk.actor, before.id)
    await granted(client, ports, await office(), before.someone)
    asked = CARD | {"reuse_months": 6, "by_reference": True}

    async def stands(rule: dict[str, Any], *, submits: bool = True, **given: Any) -> str | None:
        who = await begun(client, ports, await office(materials=[rule]), before.someone)
        if not submits:
            return sources(who.case)["card"]
        done = await who.post("submit", await who.application(**{"materials": []} | given))
        assert done.status == 200, done.text
        kept = [row["source"] for row in await db.fetch("SELECT source FROM material WHERE case_id = $1", who.id)]
        assert kept in ([], [sources(done.json)["card"]]), "one thing stands for it"
        return sources(done.json)["card"]

    named = [{"key": "card", "name": "关于老年优待证的批复", "number": "颍民〔2026〕12号"}]
    shared = asked | {"exempt": "民政信息库", "reuse_months": None, "by_reference": False, "standards": []}
    assert await stands(shared) == "shared"
    assert await stands(asked, references=named) == "certificate"
    await db.execute("UPDATE certificate SET state = 'revoked'")
    assert await stands(asked, references=named) == "earlier_case"
    await db.execute("UPDATE material_check SET verdict = 'missing', original = false, copies = 0")
    assert await stands(asked, references=named) == "reference"
    assert await stands(asked, submits=False) is None, "and else it is asked for"
