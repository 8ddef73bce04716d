"""A notice is looked at before it is given: it says what will be given, and nothing is done."""

from __future__ import annotations

from typing import Any

import pytest

from server import db
from server.errors import NotFound
from server.features.documents import service as documents
from server.features.documents.service import _notices
from server.features.documents.service._paper import Paper, draw
from server.ports import Ports
from tests.factories.cases import Applicant, office, submitted
from tests.fixtures_web import Client
from tests.server.cases.test_tolerance import FORM, RULES, waiting
from tests.server.cases.test_window import CARD
from tests.server.console.desk import Desk, at_desk, goes_to

KEPT = ("notice", "code", "seal_use", "step", "inbox", "outbox", "telling", "tolerance", "clock")
MENDING = {"keys": "id_card", "reasons": "身份证已过期，请换领后提交。", "days": "10"}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[Paper]:
    """Every paper that is drawn, in its order."""
    papers: list[Paper] = []

    def noted(paper: Paper) -> bytes:
        papers.append(paper)
        return draw(paper)

    monkeypatch.setattr(_notices, "draw", noted)
    return papers


async def standing() -> dict[str, Any]:
    rows = {table: await db.fetchval(f"SELECT count(*) FROM {table}") for table in KEPT}
    return rows | {"case": await db.fetchval("SELECT (state, version)::text FROM case_record")}


async def looked_at(desk: Desk, who: Applicant, deed: str, form: dict[str, str]) -> bytes:
    page = f"/console/cases/{who.id}"
    answer = await desk.does(f"{page}/preview/{deed}", form, on=page)
    assert (answer.status, answer.headers["content-type"]) == (200, "application/pdf"), answer.text[:500]
    assert answer.headers["cache-control"] == "private, no-store"
    return answer.body


@pytest.mark.parametrize(("deed", "form", "title"), [("accept", {}, "受理通知书"), ("ask-correction", MENDING, "补正")])
async def test_what_is_looked_at_is_what_is_given(
    client: Client, ports: Ports, drawn: list[Paper], deed: str, form: dict[str, str], title: str
) -> None:
    who = await submitted(client, ports, await office())
    desk, page = at_desk(client, who.office.clerk), f"/console/cases/{who.id}"
    assert f'data-preview="{page}/preview/{deed}"' in await desk.sees(page)
    before = await standing()
    last = await db.fetchval("SELECT nextval('notice_serial')")
    assert (await looked_at(desk, who, deed, form))[:5] == b"%PDF-"
    assert await standing() == before, "nothing is done, numbered, sealed or sent"
    goes_to(await desk.does(f"{page}/{deed}", form, on=page))
    notice = await db.fetchval("SELECT id FROM notice")
    await desk.browser.get(f"{page}/notices/{notice}.pdf")
    preview, given = drawn
    assert title in preview.title
    assert (preview.number, preview.watermark, preview.verify_url) == ("（预览，未编号）", "预览", None)
    assert (preview.rows, preview.lines, preview.body) == (given.rows, given.lines, given.body)
    assert f"{last + 1:06d}" in given.number, "a look uses up no number"


async def test_what_to_bring_is_read_before_the_pre_review_is_passed(
    client: Client, ports: Ports, drawn: list[Paper]
) -> None:
    who = await submitted(client, ports, await office(materials=[CARD], pre_review=True))
    desk, page = at_desk(client, who.office.clerk), f"/console/cases/{who.id}"
    assert f'data-preview="{page}/preview/pre-review"' in await desk.sees(page)
    before = await standing()
    await looked_at(desk, who, "pre-review", {"days": "15"})
    assert await standing() == before
    assert ("预审通过" in drawn[0].title, "居民身份证" in str(drawn[0].rows)) == (True, True)


async def test_a_refusal_with_its_remedies_is_read_first_by_who_may_refuse(
    client: Client, ports: Ports, drawn: list[Paper]
) -> None:
    who = await submitted(client, ports, await office())
    chief = at_desk(client, who.office.reviewer)
    await looked_at(chief, who, "decline", {"reason": "不属于本机关职权范围"})
    assert "不属于本机关职权范围" in str(drawn[0].rows)
    assert "六十日" in "".join(drawn[0].lines) or "60" in "".join(drawn[0].lines)
    page = f"/console/cases/{who.id}"
    refused = await at_desk(client, who.office.clerk).browser.post(f"{page}/preview/decline", data={"reason": "不收"})
    assert refused.status in (403, 404)


async def test_what_follows_is_read_before_it_is_signed(client: Client, ports: Ports, drawn: list[Paper]) -> None:
    at = await office(materials=[CARD, RULES], form=FORM)
    case_id = await waiting(at)
    desk, page = at_desk(client, at.clerk), f"/console/cases/{case_id}"
    before = await standing()
    answer = await desk.does(f"{page}/preview/tolerate", {"days": "3"}, on=page)
    assert answer.status == 200, answer.text[:500]
    assert "规章制度" in str(drawn[0].rows)
    assert await standing() == before


async def test_the_look_is_on_record_and_what_would_be_refused_is(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())
    desk, page = at_desk(client, who.office.clerk), f"/console/cases/{who.id}"
    await looked_at(desk, who, "accept", {})
    looks = await db.fetch("SELECT actor_id, person_id FROM audit_entry WHERE action = 'cases.notice_previewed'")
    assert [tuple(row) for row in looks] == [(who.office.clerk.actor.staff_id, who.someone.person_id)]
    goes_to(await desk.does(f"{page}/accept", on=page))
    late = await desk.refused(f"{page}/preview/accept", on=page)
    assert late.status == 409


async def test_a_deed_that_gives_no_notice_is_undone_too(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office())

    async def nothing() -> None:
        await db.execute("UPDATE case_record SET version = 99 WHERE id = $1", who.id)

    with pytest.raises(NotFound):
        await documents.preview_notice(nothing)
    assert await db.fetchval("SELECT version FROM case_record") != 99
