"""Screenshots go with what somebody wrote: sent by them, seen by them and by those who answer, up to six."""

from __future__ import annotations

import io
from typing import Any

from server import db
from server.features.documents.models import File
from tests.factories import catalogue as make
from tests.factories.cases import office
from tests.factories.identity import AsCitizen, staff
from tests.fixtures_web import Answer, Client
from tests.server.complaints.test_complaints import HERE, only, write
from tests.server.console.desk import at_desk
from tests.server.documents.papers import PDF, picture

LOOKS = "SELECT action FROM audit_entry WHERE subject = 'file' AND actor_kind = 'staff' ORDER BY created_at"


async def add(client: Client, token: str, content: bytes | None = None, **size: Any) -> Answer:
    body = io.BytesIO(picture("PNG", **size) if content is None else content)
    headers = {"content-type": "application/octet-stream"}
    return await client.post(f"{HERE}/pictures", params={"token": token}, data=body, headers=headers)


async def small(client: Client, token: str, shot: str) -> Answer:
    return await client.get(f"{HERE}/pictures/{shot}", params={"token": token})


async def test_seen_by_who_wrote_and_by_who_answers(client: Client, as_citizen: AsCitizen) -> None:
    at, who, other = await office(), await as_citizen(), await as_citizen()
    phone = client.as_(who.token)
    token = (await write(phone, kind="erratum", item_id=str(at.item_id))).json["token"]
    sent = await add(phone, token)
    assert (sent.status, len(sent.json["pictures"]), sent.json["pictures_left"]) == (201, 1, 5), sent.text
    assert (await add(phone, token)).json["pictures"] == sent.json["pictures"], "the same bytes again change nothing"
    (shot,) = sent.json["pictures"]
    seen = await small(phone, token, shot)
    assert (seen.status, seen.headers["content-type"]) == (200, "image/jpeg")
    assert seen.headers["cache-control"] == "private, no-store"
    for stranger in (client, client.as_(other.token)):
        assert (await small(stranger, token, shot)).status == 404
        assert (await add(stranger, token, size=(30, 30))).status == 404
    page = f"/console/complaints/{await only()}"
    desk = at_desk(client, at.reviewer)
    assert f"{page}/pictures/{shot}/small" in await desk.sees(page)
    whole = await desk.browser.get(f"{page}/pictures/{shot}")
    assert (whole.status, whole.headers["content-type"]) == (200, "image/png")
    assert (await desk.browser.get(f"{page}/pictures/{shot}/small")).status == 200
    assert [row["action"] for row in await db.fetch(LOOKS)] == ["documents.viewed", "documents.glimpsed"]
    elsewhere = at_desk(client, await staff("hall_manager", hall=(await make.hall("next-door")).id))
    assert (await elsewhere.browser.get(f"{page}/pictures/{shot}")).status == 404


async def test_without_a_login_by_whoever_holds_the_link(client: Client) -> None:
    token = (await write(client, kind="nuisance")).json["token"]
    (shot,) = (await add(client, token)).json["pictures"]
    assert (await small(client, token, shot)).status == 200
    assert (await small(client, "x" * 22, shot)).status == 404
    file = await File.get(id=shot)
    assert (file.account_id, file.person_id, file.name) == (None, None, "picture.png")


async def test_six_and_no_more_and_none_once_it_is_over(client: Client, as_citizen: AsCitizen) -> None:
    phone = client.as_((await as_citizen()).token)
    token = (await write(phone)).json["token"]
    for at in range(6):
        assert (await add(phone, token, size=(40, 40 + at))).status == 201
    sixth = await add(phone, token, size=(40, 45))
    assert (sixth.status, len(sixth.json["pictures"])) == (201, 6), "the sixth that is sent again is still the sixth"
    full = await add(phone, token, size=(90, 90))
    assert (full.status, full.json["code"]) == (409, "documents.too_many_pictures")
    assert "6" in full.json["detail"]
    paper = await add(phone, (await write(phone)).json["token"], PDF)
    assert (paper.status, paper.json["code"]) == (422, "documents.picture_only")
    taken_back = (await write(phone)).json["token"]
    await phone.post(f"{HERE}/withdraw", json={"token": taken_back}, headers={"idempotency-key": "k" * 16})
    over = await add(phone, taken_back)
    assert (over.status, over.json["code"]) == (409, "complaints.moved_on")


async def test_a_public_answer_shows_no_picture(client: Client, as_citizen: AsCitizen) -> None:
    at = await office()
    phone = client.as_((await as_citizen()).token)
    token = (await write(phone, item_id=str(at.item_id))).json["token"]
    (shot,) = (await add(phone, token)).json["pictures"]
    assert (await client.get(f"/api/v1/files/{shot}")).status == 401
    assert (await phone.get(f"/api/v1/files/{shot}")).status == 404, "a picture belongs to what was written alone"
    assert shot not in (await client.get("/api/v1/public-answers", params={"item_id": str(at.item_id)})).text
