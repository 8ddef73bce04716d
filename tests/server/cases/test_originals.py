"""What a window does with a paper: the original is seen and given back, copies are taken, and both are on record."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn
from server.features.documents.models import Notice
from server.ports import Ports
from tests.factories.cases import office, submitted
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD, FORM, received, seen
from tests.server.console.desk import at_desk, goes_to

LETTER = CARD | {"key": "letter", "name": "单位介绍信", "originals": 0, "copies": 1}
BOTH = [CARD | {"copies": 2}, LETTER]


async def taken(case_id: Any) -> dict[str, tuple[bool, int]]:  # noqa: ANN401 - an id
    rows = await db.fetch("SELECT rule_key, original, copies FROM material_check WHERE case_id = $1", case_id)
    return {row["rule_key"]: (row["original"], row["copies"]) for row in rows}


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_seen_taken_and_on_the_notice(client: Client, ports: Ports, language: str) -> None:
    at = await office(materials=BOTH, form=[FORM[0]])
    case_id = await received(at)
    desk, page = at_desk(client.with_(accept_language=language), at.clerk), f"/console/cases/{case_id}"
    said = {"zh-CN": ("原件1份 · 复印件2份", "已核原件", "收复印件2份"),
            "en": ("Originals: 1 · copies: 2", "Original seen", "copies taken: 2")}[language]  # fmt: skip
    asked = await desk.sees("/console/receive", item=str(at.item_id))
    checklist = await desk.sees(page)
    for shown in (asked, checklist):
        assert said[0] in shown
    assert "在有效期内，字迹清楚。" in checklist, "by what each paper is judged stands beside it"
    found = {"verdict.id_card": "received", "copies.id_card": "2", "verdict.letter": "received", "copies.letter": "1"}
    goes_to(await desk.does(f"/console/receive/{case_id}/checks", found))
    assert await taken(case_id) == {"id_card": (True, 2), "letter": (False, 1)}
    assert said[2] in await desk.sees(f"/console/receive/{case_id}/slip")
    goes_to(await desk.does(f"{page}/accept"))
    done = await desk.sees(page)
    assert said[1] in done
    assert said[2] in done
    _, facts = await _notice(case_id)
    assert "居民身份证（已核原件、收复印件2份）、单位介绍信（收复印件1份）" in facts, "the language of the procedure"


async def _notice(case_id: Any) -> tuple[str, str]:  # noqa: ANN401 - an id
    thread_id = await db.fetchval("SELECT thread_id FROM case_record WHERE id = $1", case_id)
    (row,) = await Notice.filter(thread_id=thread_id)
    return row.kind, str(row.facts)


async def test_no_more_copies_than_the_guide_asks_for(client: Client, ports: Ports) -> None:
    at = await office(materials=BOTH, form=[FORM[0]])
    case_id = await received(at)
    for line, copies in (("id_card", 3), ("letter", 2)):
        with pytest.raises(InvalidInput) as many:
            await cases.check_materials(at.clerk.actor, case_id, [CheckIn(key=line, verdict="received", copies=copies)])
        assert [(one.path, one.code) for one in many.value.fields] == [(f"materials.{line}", "copies_beyond_guide")]
    desk = at_desk(client, at.clerk)
    for typed in ("-1", "many", "１"):
        refused = await desk.refused(
            f"/console/receive/{case_id}/checks", {"verdict.id_card": "received", "copies.id_card": typed}
        )
        assert refused.status == 422, typed
    assert await taken(case_id) == {}


async def test_a_picture_is_no_original_and_what_is_wrong_is_not_taken(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD | {"copies": 2}])
    clerk, who = at.clerk.actor, await submitted(client, ports, at)
    await cases.check_materials(clerk, who.id, [CheckIn(key="id_card", verdict="received")])
    assert await taken(who.id) == {"id_card": (False, 0)}
    case_id = await received(at)
    await cases.check_materials(clerk, case_id, [CheckIn(key="id_card", verdict="received", copies=1)])
    await cases.check_materials(clerk, case_id, [CheckIn(key="id_card", verdict="wrong", reason="过期", copies=1)])
    assert await taken(case_id) == {"id_card": (False, 0)}
    check = (await seen(clerk, case_id)).checks["id_card"]
    assert (check.original, check.copies) == (False, 0)
