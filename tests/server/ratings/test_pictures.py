"""A photo goes with a bad rating: without a login too, without its place, and seen by those who mend it alone."""

from __future__ import annotations

import io
from typing import Any
from uuid import UUID

import pytest
from PIL import Image

from server import db
from server.features.documents import service as documents
from server.features.documents.models import File
from server.features.privacy import service as privacy
from server.ports import Ports
from tests.conftest import Clock
from tests.factories import catalogue as make
from tests.factories.identity import staff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import at_desk
from tests.server.documents.papers import PDF, bomb, picture
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate
from tests.server.ratings.test_second_thought import FINE, change

PICTURES = f"{RATINGS}/pictures"
SEEN = "SELECT actor_id, action FROM audit_entry WHERE subject = 'file' AND action LIKE 'documents.%ed' ORDER BY id"


async def send(client: Client, token: str, content: bytes | None = None) -> Answer:
    headers = {"content-type": "application/octet-stream"}
    content = picture() if content is None else content
    return await client.post(PICTURES, params={"token": token}, data=io.BytesIO(content), headers=headers)


async def sent(client: Client, token: str, **size: Any) -> str:
    answer = await send(client, token, picture(**size))
    assert answer.status == 201, answer.text
    return str(answer.json["id"])


def with_place() -> bytes:
    """A photograph as a phone takes it: it says where."""
    sink, exif = io.BytesIO(), Image.Exif()
    exif.get_ifd(0x8825)[1] = "N"
    exif[0x010F] = "Huawei"
    Image.new("RGB", (300, 200), "#557799").save(sink, "JPEG", exif=exif)
    assert b"Huawei" in sink.getvalue()
    return sink.getvalue()


async def test_without_a_login_and_seen_where_it_is_mended(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    assert (await client.get(f"{RATINGS}/form", params={"token": token})).json["pictures"] == 3
    answer = await send(client, token, with_place())
    shot = answer.json["id"]
    assert (await send(client, token, with_place())).json["id"] == shot, "the same bytes again are the same picture"
    assert (await rate(client, token, **WORST, pictures=[shot])).status == 200
    assert (await rate(client, token, **WORST, pictures=[shot])).status == 200, "the same rating again"
    work = await db.fetchval("SELECT id FROM rectification")
    page, one = f"/console/rectifications/{work}", f"/console/rectifications/{work}/pictures/{shot}"
    manager = await staff("hall_manager", hall=who.office.hall.id)
    desk = at_desk(client, manager)
    assert f"{one}/small" in await desk.sees(page)
    whole, small = await desk.browser.get(one), await desk.browser.get(f"{one}/small")
    assert (whole.status, small.status, small.headers["content-type"]) == (200, 200, "image/jpeg")
    assert whole.headers["cache-control"] == "private, no-store"
    assert b"Huawei" not in whole.body
    assert not Image.open(io.BytesIO(whole.body)).getexif(), "neither where nor with what it was taken"
    looks = [(row["actor_id"], row["action"]) for row in await db.fetch(SEEN)]
    assert (manager.actor.staff_id, "documents.viewed") in looks
    assert (manager.actor.staff_id, "documents.glimpsed") in looks
    file = await File.get(id=shot)
    assert (file.account_id, file.staff_id, file.name) == (None, None, "picture.jpg")
    assert whole.body not in b"".join([piece async for piece in ports.files.read(file.key)]), "sealed in the store"


async def test_nobody_else_sees_it(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    shot = await sent(client, token)
    await rate(who.phone, token, **WORST, pictures=[shot])
    one = f"/console/rectifications/{await db.fetchval('SELECT id FROM rectification')}/pictures/{shot}"
    elsewhere = await staff("hall_manager", hall=(await make.hall("next-door")).id)
    assert (await at_desk(client, elsewhere).browser.get(one)).status == 404
    clerk = at_desk(client, who.office.clerk)
    assert (await clerk.browser.get(one)).status == 403, "who stood at the window does not look at it"
    assert "/pictures/" not in await clerk.sees(one.partition("/pictures/")[0])
    assert (await who.phone.get(f"/api/v1/files/{shot}")).status == 404
    assert (await client.get(f"/api/v1/files/{shot}")).status == 401


async def test_what_is_refused_says_why_and_loses_nothing(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    shot = await sent(client, token)
    for content, status, code in (
        (b"", 422, "documents.empty"),
        (b"MZ" * 100, 422, "documents.picture_only"),
        (PDF, 422, "documents.picture_only"),
        (bomb(30_000), 422, "documents.too_many_pixels"),
        (b"\xff\xd8\xff" + b"0" * (11 << 20), 413, "too_large"),
    ):
        refused = await send(client, token, content)
        assert (refused.status, refused.json["code"]) == (status, code), refused.text
        assert refused.json["detail"]
    assert (await rate(client, token, **WORST, pictures=[shot])).status == 200, "what had come is still there"


async def test_only_under_its_own_code_and_only_as_many(client: Client, ports: Ports) -> None:
    _, token = await finished(client, ports)
    _, other = await finished(client, ports)
    for forged in ("x" * 22, ""):
        assert (await send(client, forged)).status in (404, 422)
    foreign = await sent(client, other)
    refused = await rate(client, token, **WORST, pictures=[foreign])
    assert (refused.status, refused.json["code"]) == (404, "documents.upload_gone")
    assert await db.fetchval("SELECT count(*) FROM rating WHERE state = 'given'") == 0, "nor is it half given"
    shots = [await sent(client, token, size=(40, 40 + at)) for at in range(12)]
    full = await send(client, token, picture(size=(90, 90)))
    assert (full.status, full.json["code"]) == (409, "documents.too_many_pictures")
    assert (await rate(client, token, **WORST, pictures=shots[:4])).status == 422
    good = await rate(client, token, level="very_satisfied", pictures=shots[:1])
    assert (good.status, next(iter(good.json["fields"][0].values()))) == (422, "pictures")
    assert (await rate(client, token, **WORST, pictures=shots[:3])).status == 200
    late = await send(client, token, picture(size=(91, 91)))
    assert (late.status, late.json["code"]) == (409, "ratings.already_given"), "nobody adds to what was said"


async def test_thinking_again_adds_and_takes_nothing_away(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **FINE)
    shot = await sent(who.phone, token)
    assert (await change(who.phone, token, **WORST, pictures=[shot])).status == 200
    assert [one.id for one in await File.filter(exhibit_of__isnull=False)] == [UUID(shot)]
    assert (await send(who.phone, token, picture(size=(77, 77)))).status == 409


async def test_what_no_rating_named_is_gone_in_a_day(client: Client, ports: Ports, clock: Clock) -> None:
    _, token = await finished(client, ports)
    kept, left = await sent(client, token), await sent(client, token, size=(50, 50))
    await rate(client, token, **WORST, pictures=[kept])
    clock.advance(hours=25)
    while await documents.sweep_unused(ports.files):
        pass
    assert {str(one.id) for one in await File.filter(offered_to__isnull=False)} == {kept}
    assert left != kept


async def test_whoever_is_forgotten_leaves_no_picture(client: Client, ports: Ports) -> None:
    who, token = await finished(client, ports)
    await rate(who.phone, token, **WORST, pictures=[await sent(who.phone, token)])
    admin = await staff("administrator")
    person = who.someone.person_id
    assert person is not None
    await privacy.erase(admin.actor, person)
    assert await File.filter(exhibit_of__isnull=False).count() == 0


@pytest.mark.parametrize("statement", ["UPDATE file SET exhibit_of = gen_random_uuid()"])
async def test_a_picture_is_beside_what_it_was_offered_to(client: Client, ports: Ports, statement: str) -> None:
    _, token = await finished(client, ports)
    await sent(client, token)
    with pytest.raises(Exception, match="file_exhibit_check"):
        await db.execute(statement)
