"""The catalogue of kinds: the common ones can be issued, drawn, shown and verified, each in the name its kind says."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.errors import InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateChange, CertificateType
from server.features.certificates.service import _picture
from server.features.documents import service as documents
from server.kit.certificate_number import parse
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.cases import Applicant, granted, office
from tests.factories.identity import AsStaff, staff
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, check, shown
from tests.server.console.desk import at_desk, goes_to

# 身份证、户口簿、毕业证、学位证、社保卡、驾驶证、婚姻登记证、行驶证、健康卡、营业执照、资质资格 (row 123).
COMMON = (
    "id_card", "household_register", "education", "degree", "social_card", "driving_licence", "marriage",
    "vehicle_licence", "health_card", "business_licence", "qualification",
)  # fmt: skip
BUREAU = "11370800MB28559184"


async def issued(who: Applicant, ports: Ports, kind: str, **more: Any) -> Certificate:
    """One of a kind, with something on every line that the application fills."""
    row = await CertificateType.get(key=kind)
    asked = [rule["source"].removeprefix("form.") for rule in row.layout if rule["source"].startswith("form.")]
    person, department = who.someone.actor.person_id, who.office.guide.department.id
    assert person is not None
    officer = who.office.reviewer.actor
    found = await certificates.issue(
        officer,
        ports.signer,
        type_key=kind,
        thread_id=who.thread_id,
        person_id=person,
        enterprise_id=None,
        department_id=department,
        facts={key: f"样例{key}" for key in asked},
        sample=True,
        hand=documents.SealHand(department_id=department, power="own", staff_id=officer.staff_id),
        **{"validity_months": 12} | more,
    )
    return await Certificate.get(id=found)


async def sealed_by(certificate: Certificate) -> tuple[UUID, str]:
    row = await db.fetchrow("SELECT department_id, power FROM seal_use WHERE paper_id = $1", certificate.id)
    assert row is not None
    return row["department_id"], row["power"]


@pytest.mark.parametrize("kind", COMMON)
async def test_a_common_kind_is_issued_drawn_shown_and_verified(client: Client, ports: Ports, kind: str) -> None:
    who = await granted(client, ports, await office())
    row = await issued(who, ports, kind)
    layout = (await CertificateType.get(key=kind)).layout
    number = parse(row.number)
    assert number is not None
    opened = (await who.phone.get(f"{WALLET}/{row.id}")).json
    labels = [rule["label"] for rule in layout if rule["source"] != "valid_until"]
    assert [line["label"] for line in opened["fields"]] == labels, "its holder reads every line"
    picture = await who.phone.get(f"{WALLET}/{row.id}/picture")
    assert (picture.status, picture.body[:4]) == (200, b"\x89PNG")
    sheet = await who.phone.get(f"{WALLET}/{row.id}.pdf")
    assert (sheet.status, sheet.body[:5]) == (200, b"%PDF-")
    said = await check(client, await shown(who, {"id": str(row.id)}))
    assert (said["result"], said["type"], said["sample"]) == ("valid", opened["card"]["type"], True)
    public = [rule for rule in layout if rule["public"]]
    assert [line["label"] for line in said["fields"]] == [rule["label"] for rule in public]
    in_clear = {line["label"]: line["value"] for line in row.content["fields"]}
    for line, rule in zip(said["fields"], public, strict=True):
        assert (line["value"] == in_clear[line["label"]]) is (rule["masked"] is None), "only as far as it may be read"
    hidden = {in_clear[rule["label"]] for rule in layout if not rule["public"]}
    assert not [value for value in hidden if value in str(said)]


async def test_the_catalogue_has_the_common_kinds_and_what_our_items_lead_to(client: Client, as_staff: AsStaff) -> None:
    await office()
    rows = {row.key: row for row in await certificates.types()}
    assert set(COMMON) <= set(rows)
    assert all(row.fields and row.type_code and row.form in ("card", "sheet") for row in rows.values())
    desk = at_desk(client, await as_staff("reviewer"))
    page = await desk.sees("/console/certificate-types")
    assert all(row.name in page for row in rows.values())
    assert ">‹ 返回证照</a>" in page
    assert ">‹ 返回证照</a>" not in await at_desk(client, await staff("administrator")).sees(
        "/console/certificate-types"
    )
    table = (await desk.browser.get("/console/certificate-types/export.csv")).body.decode("utf-8-sig")
    assert len(table.splitlines()) == len(rows) + 1
    assert "作出决定的部门" in table


async def test_the_issuer_of_a_kind_stands_on_it_everywhere(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    who = await granted(client, ports, await office())
    bureau = await catalogue.upsert_department(
        make.TESTER, "bureau", "颍上县行政审批局", region_code=make.COUNTY, uscc=BUREAU
    )
    desk = at_desk(client, await staff("administrator"))
    here = "/console/certificate-types"
    form = {"issuer": str(bureau.id), "months": "24"}
    assert goes_to(await desk.does(f"{here}/health_card", form, on=here)) == here
    before, after = (
        await issued(who, ports, "social_card"),
        await issued(who, ports, "health_card", validity_months=None),
    )
    assert (before.content["issuer"], after.content["issuer"]) == ("颍上县公安局", bureau.name)
    assert after.valid_until is not None
    assert after.valid_until.year == after.valid_from.year + 2
    number = parse(after.number)
    assert number is not None
    assert number.issuer == BUREAU
    kind = await CertificateType.get(key="health_card")
    assert _picture._said(after, kind).issuer == bureau.name
    assert (await check(client, await shown(who, {"id": str(after.id)})))["issuer"] == bureau.name
    assert bureau.name in await at_desk(client, who.office.reviewer).sees(f"/console/certificates/{after.id}")
    assert await sealed_by(before) == (who.office.guide.department.id, "own")
    assert await sealed_by(after) == (bureau.id, "kind"), "the seal on it is that of the name on it"
    goes_to(await desk.does(f"{here}/health_card", {"issuer": "", "months": ""}, on=here))
    newer = await certificates.supersede(who.office.reviewer.actor, ports.signer, after.id, "姓名变更。")
    assert await sealed_by(await Certificate.get(id=newer)) == (bureau.id, "kind"), "and so is its next version"
    (back,) = [row for row in await certificates.types() if row.key == "health_card"]
    assert (back.issuer, back.validity_months) == (None, None)


async def test_who_may_not_issue_is_not_named(client: Client, ports: Ports, as_staff: AsStaff) -> None:
    await granted(client, ports, await office())
    nameless = await make.department("taxes")
    boss = (await staff("administrator")).actor
    with pytest.raises(InvalidInput, match="no_issuer_code"):
        await certificates.set_type(boss, "id_card", issuer_id=nameless.id, validity_months=None)
    for key, issuer in (("nothing", None), ("id_card", UUID(int=7))):
        with pytest.raises(NotFound):
            await certificates.set_type(boss, key, issuer_id=issuer, validity_months=None)
    reader = at_desk(client, await as_staff("reviewer"))
    assert (await reader.does("/console/certificate-types/id_card", {})).status == 403


@pytest.mark.parametrize(("months", "rule"), [(None, "证照类型“居住证”规定 12 个月"), (3, "依办事指南核定")])
async def test_time_has_its_basis_too(
    client: Client, ports: Ports, clock: Clock, months: int | None, rule: str
) -> None:
    who = await granted(client, ports, await office())
    row = await issued(who, ports, "residence_permit", validity_months=months)
    clock.advance(days=366)
    assert await certificates.end_expired() == 1
    change = await CertificateChange.get(certificate_id=row.id)
    assert rule in change.basis
    assert (change.state, change.staff_id) == ("done", None)
    officer = await staff("reviewer", department=who.office.guide.department.id)
    assert change.basis in await at_desk(client, officer).sees(f"/console/certificates/{row.id}")
    told = "SELECT count(*) FROM inbox WHERE kind = 'certificates.expired' AND person_id = $1"
    assert await db.fetchval(told, who.someone.actor.person_id) == 1


async def test_what_the_desk_has_set_stays_when_the_kinds_are_defined_again(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    boss, bureau = (await staff("administrator")).actor, who.office.guide.department.id
    await certificates.set_type(boss, "food_licence", issuer_id=bureau, validity_months=36)
    await certificates.set_type(boss, "hygiene_licence", issuer_id=None, validity_months=None)
    await CertificateType.filter(key="food_licence").update(name="旧名")
    await certificates.define_standard_types()
    kept = {row.key: (row.name, row.validity_months, row.issuer_id) for row in await certificates.types()}
    assert kept["food_licence"] == ("食品经营许可证", 36, bureau)
    assert kept["hygiene_licence"][1] is None


async def test_paper_and_electronic_are_made_by_one_deed(client: Client, ports: Ports) -> None:
    """The decision makes both: the certificate on the phone, and what the department is to make and hand over."""
    who = await granted(client, ports, await office())
    made = await db.fetch(
        "SELECT certificate.state, delivery.state AS paper FROM certificate JOIN delivery USING (thread_id)"
        " WHERE thread_id = $1",
        who.thread_id,
    )
    assert [tuple(row) for row in made] == [("valid", "preparing")]
    shown = await who.screen()
    assert shown["certificates"][0]["state"] == "valid"
    assert shown["delivery"]["state"] == "preparing"
