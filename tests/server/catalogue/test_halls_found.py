"""Finding a hall by what it is called."""

from __future__ import annotations

from urllib.parse import quote

from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import HallEdit
from tests.factories import catalogue as make
from tests.factories.identity import AsStaff
from tests.fixtures_web import Client


async def test_a_hall_is_found_by_its_name_and_shows_what_can_be_done_there(client: Client) -> None:
    await catalogue.load_synonyms()
    guide = await make.guide(await make.item("高龄津贴申领"))
    hall = await make.hall("county", name="颍上县政务服务中心")
    town = await make.hall("town_x", name="南照镇为民服务中心")
    await make.window(hall, 2, "police")

    async def halls(typed: str) -> list[str]:
        return [one["name"] for one in (await client.get(f"/api/v1/items/suggest?q={quote(typed)}")).json["halls"]]

    assert await halls("南照") == await halls("nanzhao") == await halls("南照镇便民服务中心") == [town.name]
    assert await halls("办事大厅") == [hall.name]
    assert set(await halls("服务中心")) == {hall.name, town.name}
    assert await halls("身份证") == await halls("n") == []
    page = (await client.get(f"/api/v1/halls/{hall.id}")).json
    assert page["hall"]["name"] == hall.name
    assert [(one["number"], one["open"]) for one in page["windows"]] == [(1, True), (2, True)]
    assert [one["name"] for one in page["items"]] == [guide.item.name]
    assert (await client.get(f"/api/v1/halls/{town.id}")).json["items"] == []
    assert (await client.get(f"/api/v1/halls/{guide.item_id}")).status == 404


async def test_a_hall_that_has_just_been_renamed_is_found_by_its_new_name(as_staff: AsStaff) -> None:
    hall = await make.hall("town_x", name="南照镇为民服务中心")
    manager = await as_staff("administrator", region=hall.region_code)
    assert [one.name for one in (await catalogue.suggest("南照")).halls] == [hall.name]
    edit = HallEdit(name="慎城镇便民服务中心", address=hall.address, hours_text=hall.hours_text, reason="更名")
    await catalogue.edit_hall(manager.actor, hall.id, edit)
    for typed in ("慎城", "shencheng"):
        assert [one.name for one in (await catalogue.suggest(typed)).halls] == ["慎城镇便民服务中心"]
    assert (await catalogue.suggest("南照")).halls == []
