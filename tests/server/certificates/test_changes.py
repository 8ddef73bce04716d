"""What takes a certificate from its holder needs two officers; whatever changes is told, recorded and seen at once."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import AppError, Conflict, Forbidden, InvalidInput, NotFound
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateState
from server.features.certificates.service import _changes
from server.kit.certificate_number import parse
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, granted, office
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, check, shown
from tests.server.console.desk import at_desk

YEARLY = {"name": "居住证", "kind": "certificate", "certificate_type": "residence_permit", "validity_months": 12}


class Desk:
    """A holder with a certificate, and two officers of the department that issued it."""

    def __init__(self, who: Applicant, second: SomeStaff, card: dict[str, Any]) -> None:
        self.who = who
        self.first = who.office.reviewer.actor
        self.second = second.actor
        self.card = card
        self.id = UUID(card["id"])

    async def state(self) -> CertificateState:
        return (await Certificate.get(id=self.id)).state

    async def waiting(self) -> UUID:
        found: UUID = await db.fetchval("SELECT id FROM certificate_change WHERE state = 'asked'")
        return found

    async def take(self, verb: str) -> None:
        await certificates.ask_change(self.first, self.id, verb, "依据《样例法》第一条")
        await certificates.agree_to_change(self.second, await self.waiting())

    async def told(self) -> list[str]:
        rows = await db.fetch("SELECT kind FROM inbox WHERE kind LIKE 'certificates.%' ORDER BY created_at, kind")
        return [row["kind"] for row in rows]


async def desk_of(client: Client, ports: Ports, **guide: Any) -> Desk:
    who = await granted(client, ports, await office(**guide))
    second = await staff("reviewer", department=who.office.guide.department.id)
    return Desk(who, second, (await who.phone.get(WALLET)).json[0])


@pytest.mark.parametrize(("verb", "state"), [("suspend", "suspended"), ("revoke", "revoked")])
async def test_two_officers_take_it_away(client: Client, ports: Ports, verb: str, state: str) -> None:
    at = await desk_of(client, ports)
    token = await shown(at.who, at.card)
    await certificates.ask_change(at.first, at.id, verb, "依据《样例法》第一条")
    assert (await check(client, token))["result"] == "valid"
    assert await at.told() == []
    with pytest.raises(Forbidden, match="second_officer"):
        await certificates.agree_to_change(at.first, await at.waiting())
    await certificates.agree_to_change(at.second, await at.waiting())
    assert (await check(client, token))["result"] == state
    assert await at.told() == [f"certificates.{state}"]
    steps = await db.fetch("SELECT name FROM step WHERE name LIKE 'certificates.%' ORDER BY id")
    assert [row["name"] for row in steps] == ["certificates.issued", f"certificates.{state}"]
    seen = await certificates.desk_certificate(at.second, ports.signer, at.id)
    assert [(one.verb, one.state, bool(one.by), bool(one.second)) for one in seen.changes] == [
        (verb, "done", True, True)
    ]


async def test_even_the_database_wants_two(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    await certificates.ask_change(at.first, at.id, "revoke", "样例")
    for answered in ("NULL", "staff_id"):
        with pytest.raises(Exception, match="certificate_change_second_check"):
            await db.execute(f"UPDATE certificate_change SET state = 'done', answered_by = {answered}")


async def test_not_agreed_changes_nothing(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    await certificates.ask_change(at.first, at.id, "revoke", "样例")
    with pytest.raises(Conflict, match="asked_already"):
        await certificates.ask_change(at.second, at.id, "suspend", "样例")
    asked = await at.waiting()
    await certificates.refuse_change(at.second, asked)
    with pytest.raises(Conflict, match="moved"):
        await certificates.agree_to_change(at.second, asked)
    assert await at.state() is CertificateState.VALID
    assert await at.told() == []


async def test_suspended_and_back(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    await at.take("suspend")
    await certificates.resume(at.first, at.id, "已补正")
    assert await at.state() is CertificateState.VALID
    assert await at.told() == ["certificates.suspended", "certificates.resumed"]
    await at.take("revoke")
    for deed in (certificates.resume(at.first, at.id, "x"), certificates.ask_change(at.first, at.id, "suspend", "x")):
        with pytest.raises(Conflict, match="moved"):
            await deed


async def test_two_who_agree_at_once_do_it_once(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    third = (await staff("reviewer", department=at.who.office.guide.department.id)).actor
    await certificates.ask_change(at.first, at.id, "revoke", "样例")
    asked = await at.waiting()
    ends = await asyncio.gather(
        *(certificates.agree_to_change(one, asked) for one in (at.second, third)), return_exceptions=True
    )
    assert sorted(type(end).__name__ for end in ends) == ["Conflict", "NoneType"]
    assert await at.told() == ["certificates.revoked"]


async def test_a_newer_version_takes_its_place(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    token = await shown(at.who, at.card)
    newer = await certificates.supersede(at.first, ports.signer, at.id, "姓名变更")
    assert (await check(client, token))["result"] == "superseded"
    old, new = await Certificate.get(id=at.id), await Certificate.get(id=newer)
    numbers = parse(old.number), parse(new.number)
    assert numbers[0]
    assert numbers[1]
    assert (numbers[0].serial, numbers[0].version) == (numbers[1].serial, 1)
    assert numbers[1].version == new.version == 2
    assert certificates.judged(new, ports.signer)[0] == "valid"
    assert {"certificates.superseded"} <= set(await at.told())


async def test_time_ends_one_and_says_so_before(client: Client, ports: Ports, clock: Clock) -> None:
    at = await desk_of(client, ports, result=YEARLY)
    certificate = await Certificate.get(id=at.id)
    assert certificate.valid_until
    clock.advance(days=(certificate.valid_until - clock.today()).days - 45)
    assert await certificates.remind_of_endings() == 1
    assert await certificates.remind_of_endings() == 1
    assert await at.told() == ["certificates.ending"]
    clock.advance(days=38)
    await certificates.remind_of_endings()
    clock.advance(days=7)
    assert await certificates.end_expired() == 0
    clock.advance(days=1)
    assert await certificates.end_expired() == 1
    assert await certificates.end_expired() == 0
    assert await at.state() is CertificateState.EXPIRED
    assert await at.told() == ["certificates.ending", "certificates.ending", "certificates.expired"]


async def test_another_department_sees_nothing(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    elsewhere = (await staff("reviewer", department=UUID(int=5))).actor
    clerk = at.who.office.clerk.actor
    for actor in (elsewhere, clerk):
        assert (await (await certificates.desk(actor)).page()).items == []
        for deed in (
            certificates.desk_certificate(actor, ports.signer, at.id),
            certificates.ask_change(actor, at.id, "revoke", "x"),
            certificates.resume(actor, at.id, "x"),
            certificates.supersede(actor, ports.signer, at.id, "x"),
        ):
            with pytest.raises(NotFound):
                await deed


async def test_what_is_not_said_or_not_known(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    with pytest.raises(InvalidInput):
        await certificates.ask_change(at.first, at.id, "revoke", "  ")
    for verb in ("expire", "burn", "resume"):
        with pytest.raises(AppError):
            await certificates.ask_change(at.first, at.id, verb, "x")
    with pytest.raises(Conflict, match="key_not_lost"):
        await certificates.sign_one_again(at.first, ports.signer, at.id, "x")


async def test_the_departments_list(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    certificate = await Certificate.get(id=at.id)
    number = parse(certificate.number)
    assert number
    await certificates.ask_change(at.first, at.id, "suspend", "样例")

    async def found(**asked: Any) -> int:
        return len((await (await certificates.desk(at.first, **asked)).page()).items)

    number_of_matter = (await (await certificates.desk(at.first)).page()).items[0].thread_number
    sought = (number.serial, certificate.number, number_of_matter, "9", "%")
    assert [await found(q=q) for q in sought] == [1, 1, 1, 0, 0]
    assert [await found(state=state) for state in ("asked", "valid", "revoked")] == [1, 1, 0]
    assert all(verb in _changes.MOVES for verb in _changes.STEPS)


async def test_done_on_the_page(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    card = (await who.phone.get(WALLET)).json[0]
    second = await staff("reviewer", department=who.office.guide.department.id)
    first, other = at_desk(client, who.office.reviewer), at_desk(client, second)
    here = f"/console/certificates/{card['id']}"
    assert card["type"] in await first.sees("/console/certificates", state="valid")
    assert (await first.does(f"{here}/change", {"verb": "revoke", "basis": "样例"}, on=here)).status == 303
    assert "提出的人不能自己同意" in await first.sees(here)
    change = re.search(r"/changes/([0-9a-f-]{36})/agree", await other.sees(here))
    assert change
    assert (await other.does(f"{here}/changes/{change[1]}/agree", {}, on=here)).status == 303
    assert "已吊销" in await other.sees(here)
    board = "/console/certificates/keys"
    assert ports.signer.key_id in await first.sees(board)
    assert "还没有发布过" in await first.sees(board)
    await certificates.publish_status_list(ports.signer)
    assert "正常" in await first.sees(board)


async def test_the_list_is_a_table_too(client: Client, ports: Ports) -> None:
    at = await desk_of(client, ports)
    await db.execute("UPDATE certificate_type SET name = '=1+1'")
    answer = await at_desk(client, at.who.office.reviewer).browser.get("/console/certificates/export")
    assert answer.headers["cache-control"] == "private, no-store"
    head, line = csv.reader(io.StringIO(answer.body.decode("utf-8-sig")))
    assert (len(head), line[0], line[2]) == (8, "'=1+1", at.card["number_masked"])
    assert at.who.someone.name not in answer.text, "as in the list, the holder is masked"
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'certificates.exported'") == 1
    clerk = at_desk(client, at.who.office.clerk)
    assert (await clerk.browser.get("/console/certificates/export")).status == 403
