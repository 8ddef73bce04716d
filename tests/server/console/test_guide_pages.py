"""The desk of guides: written page by page, refused with what to mend, published by a second person, compared."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest

from server import db
from server.console import registers
from server.features.catalogue import service as catalogue
from server.kit import clock, texts
from tests.factories import catalogue as make
from tests.factories import themes
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, Desk, at_desk, goes_to


async def typed(desk: Desk, page: str) -> dict[str, str | list[str]]:
    """Give what a page's form would send if nobody touched it."""
    text = await desk.sees(page)
    form = text[text.index('class="card guide"') : text.index("</form>", text.index('class="card guide"'))]
    sent: dict[str, str | list[str]] = {}
    for tag in re.findall(r"<input[^>]*>", form):
        name, value = re.search(r'name="([^"]*)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and ("checkbox" not in tag or "checked" in tag):
            known = sent.get(name[1])
            said = html.unescape(value[1])
            sent[name[1]] = said if known is None else [*([known] if isinstance(known, str) else known), said]
    for name, body in re.findall(r'<textarea name="([^"]*)"[^>]*>(.*?)</textarea>', form, re.DOTALL):
        sent[name] = html.unescape(body)
    for name, body in re.findall(r'<select name="([^"]*)"[^>]*>(.*?)</select>', form, re.DOTALL):
        chosen = re.search(r'value="([^"]*)" selected', body)
        sent[name] = chosen[1] if chosen else ""
    return {name: value for name, value in sent.items() if name != "csrf" and not name.endswith(".remove")}


async def test_every_page_sent_back_untouched_changes_nothing(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide(
        fees=[{"name": "工本费", "amount_fen": 2050, "unit": "证", "basis": "某文件"}],
        video={"title": "办理过程", "address": "https://example.cn/a.mp4", "words": "先预约，再到窗口。"},
        cancelled=[{"name": "户籍证明", "why": "shared", "instead": "窗口联网核对。"}],
        form=[
            {"key": "why", "label": "原因", "type": "choice", "required": True,
             "choices": [{"value": "lost", "label": "丢失"}, {"value": "worn", "label": "损坏"}]},
            {"key": "note", "label": "说明", "type": "text", "required": False,
             "when": {"field": "why", "equals": "worn"}},
        ],
        situations=[
            {"key": "whose", "question": "为谁办？", "answers": [
                {"value": "self", "label": "本人"}, {"value": "child", "label": "孩子", "materials": ["id_card"]}]},
        ],
    )  # fmt: skip
    desk = at_desk(client, await as_staff("administrator"))
    base = f"/console/guides/{guide.item_id}"
    await desk.does(f"{base}/draft", on="/console/guides")
    for section in re.findall(rf"{base}/draft/(\w+)\"", await desk.sees(f"{base}/draft/basics")):
        page = f"{base}/draft/{section}"
        goes_to(await desk.does(page, await typed(desk, page), on="/console/guides"))
    raw = await db.fetchval("SELECT content::text FROM guide_draft")
    assert catalogue.read_content(raw.encode()) == guide.content
    assert await db.fetchval("SELECT revision FROM guide_draft") == 1


async def test_a_guide_is_written_checked_and_published_by_a_second_person(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide()
    first, second = at_desk(client, await as_staff("administrator")), at_desk(client, await as_staff("administrator"))
    base = f"/console/guides/{guide.item_id}"
    assert guide.item.name in await first.sees("/console/guides")
    await first.does(f"{base}/draft", on="/console/guides")
    page = f"{base}/draft/materials"
    form = await typed(first, page)
    form |= {"materials.1.name": "户口簿等相关材料", "materials.1.kind": "certificate", "materials.1.need": "required",
             "materials.1.source": "government", "materials.1.medium": "either"}  # fmt: skip
    goes_to(await first.does(page, form, on="/console/guides"))
    shown = await first.sees(page)
    assert texts.text("zh-CN", "errors.field.vague", word="等相关材料") in shown
    terms = {"revision": "2", "cause": "law", "reason": "条例修订"}
    refused = await first.refused(f"{base}/propose", terms, on="/console/guides")
    assert refused.text.count("<li") == 2
    form = await typed(first, page) | {
        "materials.1.name": "居民户口簿",
        "materials.1.standards": "本人页清楚。\r\n在有效期内。",
    }
    goes_to(await first.does(page, form, on="/console/guides"))
    stale = await second.refused(f"{base}/draft/materials", form, on="/console/guides")
    assert stale.status == 409
    terms["revision"] = "3"
    goes_to(await first.does(f"{base}/propose", terms, on="/console/guides"))
    assert (await first.refused(f"{base}/publish", {"revision": "4"}, on="/console/guides")).status == 409
    goes_to(await second.does(f"{base}/publish", {"revision": "4"}, on="/console/guides"))
    current = await catalogue.current_guide(guide.item_id)
    assert (current.version, [rule.name for rule in current.content.materials]) == (2, ["居民身份证", "居民户口簿"])
    assert current.content.materials[1].standards == ["本人页清楚。", "在有效期内。"]
    assert (await catalogue.guide(guide.id)).content == guide.content
    compared = await first.sees(f"{base}/compare", before=1, after=2)
    assert "居民户口簿" in compared
    assert "居民身份证" not in compared
    history = await first.sees(base)
    assert "设定依据立改废释" in history
    assert "条例修订" in history
    back = goes_to(await first.does(f"{base}/draft", {"version": "1"}, on="/console/guides"))
    assert "居民户口簿" not in await first.sees(back.replace("basics", "materials"))


async def test_a_version_there_is_not_is_said_to_be_none(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide()
    desk = at_desk(client, await as_staff("administrator"))
    base = f"/console/guides/{guide.item_id}"
    said = texts.text("zh-CN", "errors.not_found")
    # Version 0 is the draft, and there is none either.
    for before, after in ((1, 999), (999, 1), (0, 1)):
        answer = await desk.browser.get(f"{base}/compare?before={before}&after={after}", headers=HTML)
        assert (answer.status, said in answer.text) == (404, True)
        coded = await desk.browser.get(f"{base}/compare?before={before}&after={after}")
        assert (coded.status, coded.json["code"]) == (404, "not_found")
    refused = await desk.refused(f"{base}/draft", {"version": "999"}, on="/console/guides")
    assert (refused.status, said in refused.text) == (404, True)
    assert await db.fetchval("SELECT count(*) FROM guide_draft") == 0
    await desk.sees(f"{base}/compare", before=1, after=1)


async def test_lines_are_moved_and_taken_out(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide()
    desk = at_desk(client, await as_staff("administrator"))
    page = f"/console/guides/{guide.item_id}/draft/steps"
    await desk.does(f"/console/guides/{guide.item_id}/draft", on="/console/guides")
    form = await typed(desk, page) | {"steps.0.remove": "1", "steps.2.place": "1"}
    goes_to(await desk.does(page, form, on="/console/guides"))
    raw = await db.fetchval("SELECT content::text FROM guide_draft")
    assert [step.key for step in catalogue.read_content(raw.encode()).steps] == ["decide", "review"]
    wrong = await typed(desk, page) | {"steps.0.days": "many"}
    answer = await desk.refused(page, wrong, on="/console/guides")
    assert answer.status == 422
    assert 'data-field="steps.0.days"' in answer.text
    for nonsense in ({"steps": "x"}, {"basis.0.law": "x"}, {"steps.0": "x", "steps.0.name": "y"}, {"revision": "x"}):
        given = {"revision": "2", **nonsense}
        assert (await desk.refused(page, given, on="/console/guides")).status in (409, 422)


async def test_a_coming_version_waits_and_may_be_taken_back(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide()
    await catalogue.publish_guide(
        make.TESTER, guide.item_id, make.content(plain="换个说法。"), "修改",
        effective_on=clock.today() + timedelta(days=5),
    )  # fmt: skip
    desk = at_desk(client, await as_staff("administrator"))
    assert "待生效" in await desk.sees(f"/console/guides/{guide.item_id}")
    answer = await desk.browser.get("/console/guides?state=coming", headers=HTML)
    assert guide.item.name in answer.text
    goes_to(await desk.does(f"/console/guides/{guide.item_id}/take-back", on="/console/guides"))
    clock_on = await catalogue.coming_guide(guide.item_id)
    assert clock_on is None
    assert (await catalogue.current_guide(guide.item_id)).id == guide.id


async def test_somebody_elses_guides_are_not_touched(client: Client, as_staff: AsStaff) -> None:
    hall = await make.hall("town", region_code="341226100")
    guide = await make.guide()
    desk = at_desk(client, await as_staff("administrator", hall=hall.id))
    assert guide.item.name not in await desk.sees("/console/guides")
    refused = await desk.refused(f"/console/guides/{guide.item_id}/draft", on="/console/guides")
    assert refused.status == 403
    assert await db.fetchval("SELECT count(*) FROM guide_draft") == 0


async def test_the_list_of_fees_is_kept_at_the_desk(client: Client, as_staff: AsStaff) -> None:
    desk = at_desk(client, await as_staff("administrator"))
    fee = {"name": "工本费", "basis": "某文件", "unit": "证", "most": "20.50", "active": "true", "reason": "新设"}
    goes_to(await desk.does("/console/guides/fees", fee, on="/console/guides"))
    assert "最高 20.5 元/证" in (await desk.sees("/console/guides/fees")).replace("20.50", "20.5")
    assert [(one.name, one.most_fen, one.active) for one in await catalogue.fee_items()] == [("工本费", 2050, True)]
    ended = {name: value for name, value in fee.items() if name != "active"} | {"reason": "停征"}
    goes_to(await desk.does("/console/guides/fees", ended, on="/console/guides"))
    assert not (await catalogue.fee_items())[0].active
    for wrong in ({"most": "-1"}, {"most": "1e9"}, {"reason": ""}):
        assert (await desk.refused("/console/guides/fees", fee | wrong, on="/console/guides")).status == 422


async def test_the_list_is_narrowed_and_turned(
    client: Client, as_staff: AsStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registers, "SHOWN", 20)
    await make.guide(await make.item("有指南的事项"))
    for number in range(21):
        await make.item(f"无指南事项{number:02}", heat=100 - number)
    desk = at_desk(client, await as_staff("administrator"))
    first = await desk.sees("/console/guides")
    assert ("有指南的事项" in first, "无指南事项18" in first, "无指南事项19" in first) == (True, True, False)
    onwards = re.search(r'href="([^"]*)" data-page="next"', first)
    assert onwards
    second = await desk.sees(html.unescape(onwards[1]))
    assert ("有指南的事项" in second, "无指南事项20" in second, 'data-page="back"' in second) == (False, True, True)
    assert "有指南的事项" not in await desk.sees("/console/guides", state="none")
    assert "无指南事项07" in await desk.sees("/console/guides", q="事项07")
    taken = [(await desk.sees("/console/guides/export", sort=sort)).splitlines()[1:] for sort in ("name", "-name")]
    assert (len(taken[0]), taken[1]) == (22, taken[0][::-1]), "the table has every page"
    only = await desk.sees("/console/guides/export", q="事项07", state="none")
    assert [line.count("事项07") for line in only.splitlines()[1:]] == [1]
    for nonsense in ("x", "1234567", "-1"):
        assert (await desk.browser.get(f"/console/guides?cursor={nonsense}", headers=HTML)).status in (400, 422)


async def test_a_draft_that_a_colleague_has_ended_is_said_to_be_gone(client: Client, as_staff: AsStaff) -> None:
    guide = await make.guide()
    desk, other = at_desk(client, await as_staff("administrator")), at_desk(client, await as_staff("administrator"))
    base = f"/console/guides/{guide.item_id}"
    await desk.does(f"{base}/draft", on="/console/guides")
    goes_to(await other.does(f"{base}/drop", {"revision": "1"}, on="/console/guides"))
    terms = {"revision": "1", "cause": "need", "reason": "修改"}
    for deed, form in (("propose", terms), ("publish", {"revision": "1"}), ("drop", {"revision": "1"})):
        refused = await desk.refused(f"{base}/{deed}", form, on="/console/guides")
        assert (refused.status, texts.text("zh-CN", "errors.catalogue.draft_gone") in refused.text) == (409, True)
    assert (await desk.refused(f"{base}/take-back", on="/console/guides")).status == 409


async def test_a_theme_is_made_put_together_and_shown_with_its_faults(client: Client, as_staff: AsStaff) -> None:
    items = await themes.parts()
    desk = at_desk(client, await as_staff("administrator"))
    lead = await make.department("lead")
    new = {"name": "出生一件事", "code": "1" * 31, "department_id": str(lead.id), "audience": "person"}
    page = goes_to(await desk.does("/console/guides/themes", new, on="/console/guides"))
    assert (await desk.refused("/console/guides/themes", new, on="/console/guides")).status == 409
    form = await typed(desk, page) | {f"parts.{at}.item": one.item.code for at, one in enumerate(items)}
    goes_to(await desk.does(page, form, on="/console/guides"))
    assert texts.text("zh-CN", "errors.field.part_has_newer_guide") in await desk.sees(page)
    base = page.removesuffix("/draft/parts")
    merged = goes_to(await desk.does(f"{base}/merge", {"revision": "2"}, on="/console/guides"))
    shown = await desk.sees(merged)
    assert "出生证明" in shown
    assert shown.count("p1.id_card") == 1
    refused = await desk.refused(f"{base}/merge", {"revision": "2"}, on="/console/guides")
    assert refused.status == 409
