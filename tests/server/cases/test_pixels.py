"""A photo has the size its guide asks for: the person hears it before an officer does, and the desk can ask for it."""

from __future__ import annotations

from typing import Any

import pytest
from PIL import Image

from server import db
from server.features.cases import service as cases
from server.features.catalogue.schemas import Pixels
from server.features.catalogue.service import pixels_fit, pixels_said
from server.ports import Ports
from tests.factories.cases import begun, office, submitted
from tests.fixtures_web import Client
from tests.server.cases.test_window import CARD
from tests.server.documents.papers import PDF, picture, send

PHOTO: dict[str, Any] = {
    "key": "face", "name": "近期免冠证件照", "kind": "other", "source": "applicant", "need": "required",
    "medium": "electronic", "standards": ["白底、免冠。"],
    "pixels": {"least_width": 358, "least_height": 441, "most_width": 358, "most_height": 441},
}  # fmt: skip
LEAST, MOST = {"least_width": 358, "least_height": 441}, {"most_width": 716, "most_height": 882}


@pytest.mark.parametrize(
    ("asked", "size", "fits", "said"),
    [
        (PHOTO["pixels"], (358, 441), True, "须为 358×441 像素"),
        (PHOTO["pixels"], (359, 441), False, "须为 358×441 像素"),
        (LEAST, (358, 441), True, "不小于 358×441 像素"),
        (LEAST, (441, 358), False, "不小于 358×441 像素"),
        (MOST, (716, 882), True, "不大于 716×882 像素"),
        (MOST, (716, 883), False, "不大于 716×882 像素"),
        (LEAST | MOST, (500, 600), True, "不小于 358×441、不大于 716×882 像素"),
        (LEAST | MOST, (None, None), True, "不小于 358×441、不大于 716×882 像素"),
    ],
)
def test_a_size_is_exact_or_between(
    asked: dict[str, int], size: tuple[int | None, int | None], fits: bool, said: str
) -> None:
    pixels = Pixels(**asked)
    assert (pixels_fit(pixels, *size), pixels_said(pixels, "zh-CN")) == (fits, said)


async def test_another_size_or_a_pdf_is_refused_at_its_line_and_the_right_one_is_taken(
    client: Client, ports: Ports
) -> None:
    who = await begun(client, ports, await office(materials=[PHOTO]))
    phone = client.as_(who.someone.token)
    for content, name, code, own in (
        (picture(size=(640, 400)), "照片.jpg", "pixels", "640×400"),
        (PDF, "照片.pdf", "pixels_of_picture", ""),
    ):
        kept = (await send(phone, content, name)).json
        refused = await who.post("submit", await who.application(materials=[{"key": "face", "file_id": kept["id"]}]))
        assert (refused.status, refused.json["code"]) == (422, "invalid_input")
        [fault] = refused.json["fields"]
        assert (fault["path"], fault["code"]) == ("materials.face", code)
        assert own in fault["text"]
        assert "须为 358×441 像素" in fault["text"]
    right = (await send(phone, picture(size=(358, 441)), "照片.jpg")).json
    assert (right["width"], right["height"]) == (358, 441)
    taken = await who.post("submit", await who.application(materials=[{"key": "face", "file_id": right["id"]}]))
    assert taken.status == 200, taken.text
    told = await db.fetchval("SELECT told FROM case_record WHERE id = $1", who.id)
    assert "358×441" in str(told)


async def test_a_picture_is_measured_upright(client: Client, ports: Ports) -> None:
    who = await begun(client, ports, await office(materials=[PHOTO]))
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    kept = await send(client.as_(who.someone.token), picture(size=(441, 358), exif=exif), "照片.jpg")
    assert (kept.json["width"], kept.json["height"]) == (358, 441)


async def test_what_follows_later_has_its_size_too(client: Client, ports: Ports) -> None:
    who = await submitted(client, ports, await office(materials=[CARD, PHOTO | {"need": "deficiency"}]))
    await cases.accept_with_deficiency(who.office.clerk.actor, who.id, days=3, signed=True)
    phone = client.as_(who.someone.token)
    for size, status in (((640, 400), 422), ((358, 441), 200)):
        kept = (await send(phone, picture(size=size), "照片.jpg")).json
        sent = await who.post("supplement", {"materials": [{"key": "face", "file_id": kept["id"]}]})
        assert sent.status == status, sent.text
