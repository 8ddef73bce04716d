"""Guardians, legal representatives and clerks: who may act for whom, from when and until when."""

from __future__ import annotations

import pytest

from server.actor import Citizen
from server.features.identity import service as identity
from server.kit import checks, ids
from server.ports import OutsideError
from tests.conftest import Clock
from tests.factories.identity import sample_number, sample_phone
from tests.fixtures_web import Answer
from tests.server.identity.conftest import NewPhone, Outside, Phone

USCC = checks.sample_uscc("341226", "MA00TEXT")
NAME = "颍上县样例餐饮有限公司"


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


async def bound(phone: Phone, owner: str, number: str, *, name: str = NAME, known: bool = True) -> Answer:
    if known:
        phone.outside.enterprises[USCC] = (name, owner, number)
    return await phone.post("/enterprises", {"uscc": USCC, "name": name})


async def actor_of(phone: Phone) -> Citizen:
    found = await identity.resolve_bearer(phone.token)
    assert found is not None
    return found


# --- enterprises ----------------------------------------------------------------------------------------------------


async def test_the_legal_representative_binds_the_enterprise(phone: Phone) -> None:
    number = sample_number()
    await phone.verified("何立新", number)
    answer = await bound(phone, "何立新", number)
    assert answer.status == 201
    assert answer.json["role"] == "legal_person"
    assert (await bound(phone, "何立新", number)).json == answer.json
    mine = (await phone.me())["enterprises"]
    assert mine == [{"id": answer.json["id"], "name": NAME, "uscc": USCC, "role": "legal_person"}]


async def test_nobody_else_binds_it(phone: Phone, outside: Outside) -> None:
    await phone.verified("张三", sample_number())
    answer = await bound(phone, "何立新", sample_number())
    assert told(answer) == (409, "identity.enterprise_not_matched")
    outside.enterprises.clear()
    assert told(await bound(phone, "", "", known=False)) == (409, "identity.enterprise_not_matched")
    assert (await phone.me())["enterprises"] == []


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"uscc": "91341226MA00TEXT00", "name": NAME}, "uscc"),
        ({"uscc": "x", "name": NAME}, "uscc"),
        ({"uscc": USCC, "name": ""}, "name"),
        ({"uscc": USCC, "name": "  "}, "name"),
        ({"uscc": USCC}, "name"),
        ({"uscc": USCC, "name": "长" * 121}, "name"),
    ],
)
async def test_bad_enterprises(phone: Phone, body: dict[str, str], path: str) -> None:
    await phone.verified("何立新", sample_number())
    answer = await phone.post("/enterprises", body)
    assert (answer.status, answer.json["fields"][0]["path"]) == (422, path)


async def test_a_register_that_is_down(phone: Phone, outside: Outside) -> None:
    number = sample_number()
    await phone.verified("何立新", number)
    outside.fault = OutsideError("http_502", final=False)
    assert told(await bound(phone, "何立新", number)) == (503, "identity.check_unavailable")


async def test_a_new_representative_follows_the_former(new_phone: NewPhone) -> None:
    former, new = new_phone(), new_phone()
    one, other = sample_number(), sample_number()
    await former.verified("何立新", one)
    await new.verified("何小新", other)
    await bound(former, "何立新", one)
    enterprise = (await bound(new, "何小新", other)).json["id"]
    assert (await former.me())["enterprises"] == []
    assert (await new.me())["enterprises"][0]["role"] == "legal_person"
    assert (await former.get(f"/enterprises/{enterprise}/clerks")).status == 404


async def test_a_clerk_is_named_by_number_and_dismissed(new_phone: NewPhone) -> None:
    owner, clerk, telephone = new_phone(), new_phone(), sample_phone()
    number = sample_number()
    await owner.verified("何立新", number)
    enterprise = (await bound(owner, "何立新", number)).json["id"]
    named = await owner.post(f"/enterprises/{enterprise}/clerks", {"phone": telephone})
    assert named.status == 201
    assert (named.json["state"], named.json["name"]) == ("waiting", None)
    assert named.json["phone"] == f"{telephone[:3]}****{telephone[-4:]}"
    await clerk.verified("刘小办", sample_number(), telephone)
    assert (await clerk.me())["enterprises"][0]["role"] == "clerk"
    listed = (await owner.get(f"/enterprises/{enterprise}/clerks")).json["items"]
    assert [(row["state"], row["name"]) for row in listed] == [("active", "刘*办")]
    parties = await identity.parties(await actor_of(clerk))
    assert [str(one) for one in parties.enterprise_ids] == [enterprise]
    assert (await owner.delete(f"/enterprises/{enterprise}/clerks/{named.json['id']}")).status == 204
    assert (await identity.parties(await actor_of(clerk))).enterprise_ids == ()
    assert (await owner.delete(f"/enterprises/{enterprise}/clerks/{named.json['id']}")).status == 404


async def test_a_clerk_who_is_known_acts_at_once(new_phone: NewPhone) -> None:
    owner, clerk, telephone, number = new_phone(), new_phone(), sample_phone(), sample_number()
    await clerk.verified("刘小办", sample_number(), telephone)
    await owner.verified("何立新", number, sample_phone())
    enterprise = (await bound(owner, "何立新", number)).json["id"]
    one = await owner.post(f"/enterprises/{enterprise}/clerks", {"phone": telephone})
    assert one.json["state"] == "active"
    assert (await owner.post(f"/enterprises/{enterprise}/clerks", {"phone": telephone})).json == one.json


async def test_authority_belongs_to_the_person_not_to_the_number(new_phone: NewPhone, clock: Clock) -> None:
    owner, clerk, telephone, number = new_phone(), new_phone(), sample_phone(), sample_number()
    await owner.verified("何立新", number)
    enterprise = (await bound(owner, "何立新", number)).json["id"]
    await owner.post(f"/enterprises/{enterprise}/clerks", {"phone": telephone})
    await clerk.verified("刘小办", sample_number(), telephone)
    clock.advance(days=120)
    stranger = new_phone()
    await stranger.log_in_by_sms(telephone)
    await stranger.agree()
    assert (await stranger.give_name("赵新", sample_number())).json["enterprises"] == []
    await clerk.log_in()
    assert len((await clerk.me())["enterprises"]) == 1


async def test_a_name_nobody_answered_to_lapses(new_phone: NewPhone, clock: Clock) -> None:
    owner, late, telephone, number = new_phone(), new_phone(), sample_phone(), sample_number()
    await owner.verified("何立新", number)
    enterprise = (await bound(owner, "何立新", number)).json["id"]
    await owner.post(f"/enterprises/{enterprise}/clerks", {"phone": telephone})
    clock.advance(days=31)
    me = await late.verified("刘小办", sample_number(), telephone)
    assert me["enterprises"] == []


async def test_only_the_representative_names_clerks(new_phone: NewPhone) -> None:
    owner, clerk, telephone, number = new_phone(), new_phone(), sample_phone(), sample_number()
    await owner.verified("何立新", number, sample_phone())
    await clerk.verified("刘小办", sample_number(), telephone)
    enterprise = (await bound(owner, "何立新", number)).json["id"]
    path = f"/enterprises/{enterprise}/clerks"
    mine = (await owner.post(path, {"phone": telephone})).json["id"]
    theirs = [
        await clerk.get(path),
        await clerk.post(path, {"phone": sample_phone()}),
        await clerk.delete(f"{path}/{mine}"),
    ]
    absent = await clerk.get(f"/enterprises/{ids.new_id()}/clerks")
    assert {answer.status for answer in (*theirs, absent)} == {404}
    assert theirs[0].json | {"request_id": ""} == absent.json | {"request_id": ""}
    assert (await owner.post(path, {"phone": "12345"})).status == 422
