"""Every kind of document, end to end: at a window first, on a phone later, and always the same person."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from server.features.identity import service as identity
from server.kit import checks
from tests.factories.identity import AsStaff, sample_phone
from tests.server.identity.conftest import NewPhone, Outside


# Residence permits of people from Hong Kong, Macau and Taiwan are citizen's numbers that begin with 81, 82 and 83.
def permit(area: str) -> str:
    return checks.sample_resident_id(area, date(1990, 5, 17))


PAPERS = [
    ("resident_id", permit("810000"), "陈大文", permit("810000")),
    ("resident_id", permit("820000"), "何美玲", permit("820000")),
    ("resident_id", permit("830000"), "林志明", permit("830000")),
    ("passport", "E00000001", "MARIA ANTONIA SAMPLE", "e 0000 0001"),
    ("hk_macau_permit", "H00000001", "陈小文", "H0000000101"),
    ("hk_macau_permit", "M00000001", "何小玲", "m00000001"),
    ("taiwan_permit", "00000001", "林小明", "0000000101"),
]


@pytest.mark.parametrize(("kind", "number", "name", "typed"), PAPERS, ids=[f"{one[0]}-{one[1][:2]}" for one in PAPERS])
async def test_registered_at_a_window_the_login_attaches_later(
    kind: str, number: str, name: str, typed: str, as_staff: AsStaff, new_phone: NewPhone, outside: Outside
) -> None:
    outside.people[kind, number] = name
    clerk, left = await as_staff("clerk"), sample_phone()
    port: Any = outside
    there = await identity.register_person(clerk.actor, kind=kind, name=name, number=number, checker=port, phone=left)
    assert await identity.accounts_of(there.id) == []
    phone = new_phone()
    await phone.log_in()
    await phone.agree()
    answer = await phone.give_name(name, typed, kind, known=False)
    assert (answer.status, answer.json["person"]["id"]) == (200, str(there.id)), answer.text
    assert answer.json["person"]["document_kind"] == kind
    assert number not in answer.text
    assert [login.openid for login in await identity.accounts_of(there.id)] == [phone.openid]
    [found] = await identity.find_person(clerk.actor, number=typed)
    assert (found.id, found.name, found.number) == (there.id, name, number)


@pytest.mark.parametrize("area", ["810000", "820000", "830000"])
async def test_a_residence_permit_says_the_birth_date(area: str, new_phone: NewPhone) -> None:
    phone = new_phone()
    me = await phone.verified("陈大文", permit(area), sample_phone())
    assert (me["person"]["birth_date"], me["person"]["is_elder"]) == ("1990-05-17", False)
