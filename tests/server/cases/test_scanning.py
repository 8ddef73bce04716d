"""Papers scanned at the desk: the same checks and keeping as from a phone, each for a line of the guide (row 87)."""

from __future__ import annotations

import io
from uuid import UUID

import aiohttp

from server import db
from server.features.cases import service as cases
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.cases import Office, office, picture, submitted
from tests.factories.identity import SomeStaff, staff
from tests.fixtures_web import Answer, Client
from tests.server.cases.test_window import CARD, received, seen
from tests.server.console.desk import at_desk, csrf
from tests.server.documents.papers import PDF
from tests.server.documents.papers import picture as sized

SIZE = {"least_width": 358, "least_height": 441, "most_width": 358, "most_height": 441}
REGISTER = CARD | {"key": "register", "name": "户口簿", "exempt": "公安人口信息库"}


async def sent(client: Client, who: SomeStaff, case_id: UUID, line: str, content: bytes, name: str = "a.jpg") -> Answer:
    desk = at_desk(client, who)
    token = csrf(await desk.sees("/console/cases"))
    form = aiohttp.FormData()
    form.add_field("file", io.BytesIO(content), filename=name)
    headers = {"x-csrf-token": token, "hx-request": "true"}
    return await desk.browser.post(f"/console/cases/{case_id}/scans/{line}", data=form, headers=headers)


async def files(at: Office, case_id: UUID) -> list[str]:
    shown = (await seen(at.clerk.actor, case_id)).case.materials
    return [f"{one.key}:{one.source}:{file.media_type}" for one in shown for file in one.files]


async def test_a_scan_is_kept_for_a_line_of_the_guide_and_read_by_both(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, REGISTER])
    case_id = await received(at)
    page = await at_desk(client, at.clerk).sees(f"/console/cases/{case_id}/scan")
    assert ("居民身份证" in page, "户口簿" in page) == (True, False)
    assert (await sent(client, at.clerk, case_id, "id_card", picture())).status == 200
    assert (await sent(client, at.clerk, case_id, "id_card", PDF, "两页.pdf")).status == 200
    assert await files(at, case_id) == ["id_card:window:image/jpeg", "id_card:window:application/pdf"]
    shown = (await seen(at.clerk.actor, case_id)).case.materials[0].files[0]
    looked = await at_desk(client, at.reviewer).browser.get(f"/console/cases/{case_id}/files/{shown.id}")
    assert (looked.status, looked.headers["content-type"]) == (200, "image/jpeg")
    stored = await db.fetchval("SELECT staff_id FROM file WHERE id = $1", shown.id)
    assert stored == at.clerk.actor.staff_id
    await cases.accept(at.clerk.actor, case_id)


async def test_what_is_no_paper_is_refused_before_and_after_it_is_read(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD, REGISTER])
    case_id = await received(at)
    for line in ("register", "moon"):
        assert (await sent(client, at.clerk, case_id, line, picture())).status == 422
    broken = await sent(client, at.clerk, case_id, "id_card", b"MZ not a picture")
    assert (broken.status, 'role="alert"' in broken.text) == (422, True)
    large = await sent(client, at.clerk, case_id, "id_card", b"\xff\xd8\xff" + bytes(11 * 1024 * 1024))
    assert large.status == 413
    assert await db.fetchval("SELECT count(*) FROM file") == 0
    bare = at_desk(client, at.clerk).browser
    assert (await bare.post(f"/console/cases/{case_id}/scans/id_card", data=picture())).status == 403
    elsewhere = await staff("clerk", hall=(await make.hall("town")).id)
    assert (await sent(client, elsewhere, case_id, "id_card", picture())).status == 404
    for shade in range(10):
        assert (await sent(client, at.clerk, case_id, "id_card", picture(f"#0000{shade:02}"))).status == 200
    assert (await sent(client, at.clerk, case_id, "id_card", picture("#123123"))).status == 422


async def test_a_photo_of_another_size_is_no_more_taken_at_the_window_than_from_a_phone(
    client: Client, ports: Ports
) -> None:
    face = CARD | {"key": "face", "name": "近期免冠证件照", "pixels": SIZE}
    at = await office(materials=[face])
    case_id = await received(at)
    page = await at_desk(client, at.clerk).sees(f"/console/cases/{case_id}/scan")
    assert "照片须为 358×441 像素" in page
    for content, name, why in ((picture(), "a.jpg", "像素"), (PDF, "a.pdf", "不能用 PDF")):
        refused = await sent(client, at.clerk, case_id, "face", content, name)
        assert refused.status == 422
        assert why in refused.text
    assert await db.fetchval("SELECT count(*) FROM material WHERE case_id = $1", case_id) == 0
    assert (await sent(client, at.clerk, case_id, "face", sized(size=(358, 441)))).status == 200


async def test_what_is_decided_takes_no_more_papers(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD])
    who = await submitted(client, ports, at)
    await cases.accept(at.clerk.actor, who.id)
    assert (await sent(client, at.clerk, who.id, "id_card", picture("#abcdef"))).status == 409
    assert "scan-open" not in await at_desk(client, at.clerk).sees(f"/console/cases/{who.id}/scan")


async def test_the_label_carries_the_number_a_scanner_reads(client: Client, ports: Ports) -> None:
    at = await office(materials=[CARD])
    case_id = await received(at)
    desk = at_desk(client, at.clerk)
    assert f"/console/receive/{case_id}/label" in await desk.sees(f"/console/cases/{case_id}")
    printed = await desk.sees(f"/console/receive/{case_id}/label")
    assert ("<svg" in printed, (await seen(at.clerk.actor, case_id)).case.number in printed) == (True, True)
    assert (await seen(at.clerk.actor, case_id)).applicant not in printed, "a folder lies open to everybody's eyes"
