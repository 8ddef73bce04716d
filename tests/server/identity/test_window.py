"""People at the window: written down without a login, found again, and told who looked."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.kit import ids
from server.ports import Checked
from tests.factories.identity import REGISTER, AsCitizen, AsStaff, Register, sample_number, sample_phone
from tests.server.identity.conftest import NewPhone


async def register(staff: Any, number: str, name: str = "周桂兰", **more: Any) -> identity.PersonView:  # noqa: ANN401
    return await identity.register_person(
        staff.actor, kind="resident_id", name=name, number=number, checker=REGISTER, **more
    )


async def test_somebody_without_a_telephone_is_a_person_too(as_staff: AsStaff) -> None:
    clerk, number = await as_staff("clerk"), sample_number(date(1948, 2, 3))
    view = await register(clerk, number)
    assert (view.name, view.number, view.phone, view.birth_date) == ("周桂兰", number, None, date(1948, 2, 3))
    assert await identity.accounts_of(view.id) == []
    assert await identity.phone_of(view.id) is None
    assert (await identity.person(view.id)) == view
    assert await identity.holder_label(view.id) == "周*兰"


async def test_their_later_login_is_the_same_person(as_staff: AsStaff, new_phone: NewPhone) -> None:
    number, landline = sample_number(), sample_phone()
    view = await register(await as_staff("clerk"), number, phone=landline)
    assert await identity.phone_of(view.id) == landline
    phone, own = new_phone(), sample_phone()
    me = await phone.verified("周桂兰", number, own)
    assert me["person"]["id"] == str(view.id)
    assert await identity.phone_of(view.id) == own
    assert [login.openid for login in await identity.accounts_of(view.id)] == [phone.openid]


async def test_registered_twice_is_registered_once(as_staff: AsStaff) -> None:
    clerk, number = await as_staff("clerk"), sample_number()
    assert (await register(clerk, number)).id == (await register(clerk, number.lower())).id
    assert await db.fetchval("SELECT count(*) FROM consent") == 1


async def test_the_authority_is_asked_here_too(as_staff: AsStaff) -> None:
    clerk, number, authority = await as_staff("clerk"), sample_number(), Register()
    authority.says[number] = Checked.MISMATCH
    checker: Any = authority
    with pytest.raises(Conflict, match=r"identity\.not_matched"):
        await identity.register_person(clerk.actor, kind="resident_id", name="周桂兰", number=number, checker=checker)
    with pytest.raises(InvalidInput):
        await register(clerk, sample_number(), phone="123")


async def test_people_are_found_by_what_they_know(as_staff: AsStaff, as_citizen: AsCitizen) -> None:
    clerk = await as_staff("clerk")
    here = await register(clerk, sample_number(), "周桂兰", phone=sample_phone())
    there = await as_citizen(name="陈志远")
    by = identity.find_person
    assert [one.id for one in await by(clerk.actor, number=there.number)] == [there.person_id]
    assert [one.id for one in await by(clerk.actor, phone=there.phone)] == [there.person_id]
    assert [one.id for one in await by(clerk.actor, name=" 周桂兰 ")] == [here.id]
    assert await by(clerk.actor, name="周桂兰", number=there.number) == []
    assert await by(clerk.actor, number="nonsense?") == []
    with pytest.raises(InvalidInput):
        await by(clerk.actor)


async def test_the_person_can_read_that_they_were_looked_up(as_staff: AsStaff, as_citizen: AsCitizen) -> None:
    clerk, who = await as_staff("clerk"), await as_citizen()
    await identity.find_person(clerk.actor, number=who.number)
    assert who.person_id is not None
    looks = await audit.looks_at(who.person_id, cursor=None, limit=10)
    assert [(look.action, look.role) for look in looks.items] == [("identity.found", "clerk")]


async def test_whoever_lost_everything_starts_again(as_staff: AsStaff, new_phone: NewPhone) -> None:
    clerk, number = await as_staff("clerk"), sample_number()
    lost, new = new_phone(), new_phone()
    me = await lost.verified("王小明", number, sample_phone())
    await new.log_in()
    await new.agree()
    assert (await new.give_name("王小明", number)).json["code"] == "identity.person_taken"
    [found] = await identity.find_person(clerk.actor, number=number)
    assert await identity.release_logins(clerk.actor, found.id) == 1
    assert (await lost.get("/me")).status == 401
    assert (await new.give_name("王小明", number)).json["person"]["id"] == me["person"]["id"]
    with pytest.raises(NotFound):
        await identity.release_logins(clerk.actor, ids.new_id())


async def test_a_disabled_account_stays_out(as_staff: AsStaff, new_phone: NewPhone) -> None:
    officer, phone = await as_staff("administrator"), new_phone()
    me = await phone.log_in()
    await identity.disable_account(officer.actor, me["account_id"])
    assert (await phone.get("/me")).status == 401
    answer = await phone.post("/login/wechat", {"code": phone.outside.login_code(phone.openid)})
    assert (answer.status, answer.json["code"]) == (403, "identity.account_disabled")


async def test_personal_data_is_nowhere_in_clear(new_phone: NewPhone) -> None:
    phone, number, telephone = new_phone(), sample_number(), sample_phone()
    await phone.verified("欧阳春晓", number, telephone)
    tables = await db.fetch(
        "SELECT quote_ident(relname) AS name FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
    )
    for table in tables:
        name = table["name"]
        dump = str(await db.fetch(f"SELECT {name}::text FROM {name}"))
        for secret in ("欧阳春晓", number, telephone, phone.openid, phone.token):
            assert secret not in dump, f"{name} holds personal data in clear"
