"""Guardians: the authority or a window says whose child it is, and another guardian is heard."""

from __future__ import annotations

import asyncio
from datetime import date, timedelta
from typing import Any

from server import db
from server.features.mandates import service as mandates
from server.kit import checks
from server.ports import OutsideError
from tests.conftest import Clock
from tests.factories.identity import AsStaff, sample_number
from tests.server.identity.conftest import NewPhone, Outside, Phone
from tests.server.identity.mandating import (
    GROWN,
    acts_for,
    asked,
    ids_of,
    inbox,
    mine,
    parent,
    told,
)

# --- guardians ------------------------------------------------------------------------------------------------------


async def test_name_and_number_of_a_child_make_nobody_guardian(phone: Phone) -> None:
    child = sample_number(date(2015, 3, 9))
    await parent(phone)
    answer = await asked(phone, child)
    assert (answer.status, answer.json["state"], answer.json["basis"]) == (201, "asked", None)
    assert (await phone.me())["represents"] == []
    assert await acts_for(phone) == 0
    assert (await phone.get("/mandates")).json["hall"] is None, "no hall in this database; the seed has one"


async def test_the_authority_knows_whose_child_it_is(phone: Phone, clock: Clock) -> None:
    child = checks.sample_resident_id("341226", date(2010, 3, 9))
    await parent(phone, child)
    answer = await asked(phone, child)
    assert (answer.status, answer.json["state"], answer.json["basis"]) == (201, "live", "authority")
    assert (answer.json["name"], answer.json["last_day"]) == ("王*一", "2028-03-08")
    assert [row["person_id"] for row in (await phone.me())["represents"]] == [answer.json["person_id"]]
    clock.advance(days=(date(2028, 3, 9) - clock.today()).days - 1)
    await phone.log_in()
    assert await acts_for(phone) == 1, "on the eve of the birthday"
    clock.advance(days=1)
    assert await acts_for(phone) == 0, "on the birthday itself"


async def test_silence_of_the_authority_sends_nobody_away(phone: Phone, outside: Outside) -> None:
    child = sample_number(date(2015, 3, 9))
    await parent(phone, child)
    said = outside.kinship

    async def silent(**question: str) -> Any:  # noqa: ANN401 - never answers
        raise OutsideError("http_502", final=False)

    outside.kinship = silent  # type: ignore[method-assign]
    try:
        assert (await asked(phone, child)).json["state"] == "asked"
    finally:
        outside.kinship = said  # type: ignore[method-assign]
    again = await asked(phone, child)
    assert again.json["state"] == "live", "asked again once it answers"
    assert await db.fetchval("SELECT count(*) FROM mandate") == 1


async def test_asking_twice_gives_one_mandate(phone: Phone) -> None:
    await parent(phone)
    child = sample_number(date(2015, 3, 9))
    one, two = [await asked(phone, child) for _ in range(2)]
    assert one.json == two.json
    assert await db.fetchval("SELECT count(*) FROM mandate") == 1


async def test_asking_twice_at_once_gives_one_mandate(phone: Phone) -> None:
    child = sample_number(date(2015, 3, 9))
    await parent(phone, child)
    answers = await asyncio.gather(*(asked(phone, child) for _ in range(6)))
    assert {answer.status for answer in answers} == {201}
    assert await db.fetchval("SELECT count(*) FROM mandate") == 1


async def test_a_child_born_on_a_leap_day(phone: Phone) -> None:
    await parent(phone)
    answer = await asked(phone, checks.sample_resident_id("341226", date(2012, 2, 29)))
    assert answer.json["last_day"] == "2030-02-28"


def years_before(day: date, count: int) -> date:
    """The birthday of whoever is so old on the day; who was born on 29 February has it on 1 March otherwise."""
    try:
        return day.replace(year=day.year - count)
    except ValueError:
        return date(day.year - count, 3, 1)


async def test_only_children_and_only_by_grown_people(new_phone: NewPhone, clock: Clock) -> None:
    today, grown_up = clock.today(), new_phone()
    await parent(grown_up)
    grown = checks.sample_resident_id("341226", years_before(today, 18))
    assert told(await asked(grown_up, grown)) == (409, "mandates.not_minor")
    nearly = checks.sample_resident_id("341226", years_before(today + timedelta(days=1), 18))
    assert (await asked(grown_up, nearly)).status == 201
    assert told(await asked(grown_up, sample_number(date(2020, 1, 1)), relation="relative")) == (409, "mandates.minor")
    teenager = new_phone()
    await teenager.verified("王二二", checks.sample_resident_id("341226", years_before(today, 16)))
    assert told(await asked(teenager, sample_number(date(2020, 1, 1)))) == (403, "mandates.agent_minor")


async def test_what_a_mandate_needs(phone: Phone, outside: Outside) -> None:
    child = sample_number(date(2015, 3, 9))
    await phone.log_in()
    await phone.agree()
    assert told(await asked(phone, child)) == (403, "identity.real_name_required")
    own = sample_number(GROWN)
    assert (await phone.give_name("王小明", own)).status == 200
    outside.people.clear()
    assert told(await asked(phone, child, known=False)) == (409, "identity.not_matched")
    assert told(await asked(phone, "110105194912310021", known=False)) == (422, "identity.document_invalid")
    assert (await asked(phone, child, relation="friend")).status == 422
    assert told(await asked(phone, own, "王小明")) == (409, "mandates.own")
    await phone.delete("/me/consent")
    assert told(await asked(phone, child)) == (409, "identity.consent_required")


async def test_the_agent_and_the_person_may_end_it(new_phone: NewPhone, clock: Clock) -> None:
    grown_up, stranger, child = new_phone(), new_phone(), new_phone()
    number = checks.sample_resident_id("341226", date(clock.today().year - 16, 1, 5))
    await parent(grown_up, number)
    mandate = (await asked(grown_up, number)).json["id"]
    await stranger.verified("张三", sample_number())
    assert (await stranger.delete(f"/mandates/{mandate}")).status == 404
    await child.verified("王一一", number)
    assert (await child.delete(f"/mandates/{mandate}")).status == 200
    assert "mandates.ended" in await inbox(grown_up)
    assert await acts_for(grown_up) == 0
    assert (await grown_up.delete(f"/mandates/{mandate}")).status == 404
    again = (await asked(grown_up, number)).json["id"]
    assert again != mandate
    assert (await grown_up.delete(f"/mandates/{again}")).status == 200


# --- the other guardian ---------------------------------------------------------------------------------------------


async def two_guardians(new_phone: NewPhone) -> tuple[Phone, Phone, str, str]:
    """A mother who acts, and a father who becomes guardian too; gives both, his mandate, and the child's number."""
    child, mother, father = sample_number(date(2015, 3, 9)), new_phone(), new_phone()
    await parent(mother, child, name="王芳")
    await asked(mother, child)
    await parent(father, child, name="李强")
    return mother, father, (await asked(father, child)).json["id"], child


async def test_another_guardian_is_told_and_may_object(new_phone: NewPhone, as_staff: AsStaff) -> None:
    mother, father, mandate, _ = await two_guardians(new_phone)
    assert await acts_for(father) == 1
    assert "mandates.another" in await inbox(mother)
    assert "mandates.another" not in await inbox(father), "he came second: nobody asks him about himself"
    [theirs] = [row for row in await mine(mother) if row["side"] == "guardian"]
    assert (theirs["id"], theirs["can"], theirs["agent_name"]) == (mandate, ["object"], "李*")
    himself = await father.post(f"/mandates/{mandate}/objection", {"reason": "自己"})
    assert told(himself) == (409, "mandates.not_for_you")
    seen = await mother.post(f"/mandates/{mandate}/objection", {"reason": "离婚判决孩子由我抚养"})
    assert seen.status == 200
    assert [row["state"] for row in seen.json["items"] if row["id"] == mandate] == ["suspended"]
    assert await acts_for(father) == 0, "suspended from now on"
    assert "mandates.suspended" in await inbox(father)
    clerk = (await as_staff("clerk")).actor
    await mandates.approve(clerk, ids_of(mandate), shown=["household_register"])
    assert await acts_for(father) == 1
    assert "mandates.settled" in await inbox(mother)
    again = await mother.post(f"/mandates/{mandate}/objection", {"reason": "还是不同意"})
    assert told(again) == (409, "mandates.decided"), "heard once"


async def test_what_a_window_declined_no_machine_makes_live(new_phone: NewPhone, as_staff: AsStaff) -> None:
    mother, father, mandate, child = await two_guardians(new_phone)
    await mother.post(f"/mandates/{mandate}/objection", {"reason": "不同意"})
    await mandates.decline((await as_staff("clerk")).actor, ids_of(mandate), reason="判决书写明由母亲抚养")
    [row] = [row for row in await mine(father) if row["id"] == mandate]
    assert (row["state"], row["reason"]) == ("declined", "判决书写明由母亲抚养")
    assert (await asked(father, child)).json["state"] == "asked"
    assert await acts_for(father) == 0


async def test_a_stranger_cannot_object(new_phone: NewPhone) -> None:
    _, _, mandate, _ = await two_guardians(new_phone)
    stranger = new_phone()
    await stranger.verified("张三", sample_number())
    assert (await stranger.post(f"/mandates/{mandate}/objection", {"reason": "看不惯"})).status == 404
