"""The desk of guides beside the standards of province and city, in both languages."""

from __future__ import annotations

import pytest

from server.features.catalogue import service as catalogue
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client
from tests.server.catalogue.test_standards import SOURCE, standard
from tests.server.console.desk import at_desk, goes_to

LIST = "/console/guides/standards"


@pytest.mark.parametrize("language", ["zh-CN", "en"])
async def test_a_difference_is_seen_explained_and_counted(client: Client, as_staff: AsStaff, language: str) -> None:
    guide = await make.guide()
    admin = await as_staff("administrator")
    desk = at_desk(client.with_(accept_language=language), admin)
    assert "import-standards" in await desk.sees(LIST), "an empty list says how it is filled"
    await catalogue.take_standards(
        make.TESTER, [standard(guide, conditions=["年满十八周岁"], name="省里的名称", locked=["name"])]
    )
    listed = await desk.sees(LIST)
    here = f"/console/guides/{guide.item_id}/standard"
    assert SOURCE in listed
    assert here in listed
    page = await desk.sees(here)
    assert all(one in page for one in ("年满十八周岁", "省里的名称", guide.content.conditions[0]))
    laid = {one.element: one for one in await catalogue.beside(admin.actor, guide.item_id)}
    told = {"standard": str(laid["conditions"].standard_id), "element": "conditions"}
    refused = await desk.refused(here, told | {"reason": " "}, on=LIST)
    assert refused.status == 422
    assert (await desk.refused(here, told | {"element": "name", "reason": "想改"}, on=LIST)).status == 409
    assert (await desk.refused(here, told | {"element": "weather", "reason": "想改"}, on=LIST)).status == 422
    goes_to(await desk.does(here, told | {"reason": "县里另有规定"}, on=LIST))
    assert "县里另有规定" in await desk.sees(here)
    await desk.does(f"/console/guides/{guide.item_id}/draft", on="/console/guides")
    draft = await desk.sees(f"/console/guides/{guide.item_id}/draft/basics")
    assert f'href="{here}"' in draft, "the fault leads to where it is mended"
    for text in (listed, page, draft):
        assert "console." not in text.replace("onetrip_console", ""), "a text is missing"
