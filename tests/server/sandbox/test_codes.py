"""Mini-program codes, codes on other phones' screens, and what scanning them opens."""

import io
from typing import Any

import pytest
from PIL import Image

from server.sandbox import qr
from tests.server.sandbox.conftest import Json, Sandbox

CODE = "/wxa/getwxacodeunlimit"


async def draw(sandbox: Sandbox, **body: Json) -> Json:
    token = await sandbox.token()
    return await sandbox.call("POST", CODE, params={"access_token": token}, json=body)


@pytest.mark.parametrize("width", [280, 430, 1280])
async def test_a_picture_of_the_asked_width(sandbox: Sandbox, width: int) -> None:
    answer = await draw(sandbox, scene="w=12&h=3", page="features/ratings/pages/rate", width=width)
    assert answer.headers["Content-Type"] == "image/png"
    assert Image.open(io.BytesIO(answer.body)).size == (width, width)


@pytest.mark.parametrize(
    ("body", "errcode"),
    [
        ({}, 40169),
        ({"scene": ""}, 40169),
        ({"scene": "x" * 33}, 40169),
        ({"scene": 12}, 40169),
        ({"scene": "窗口一"}, 40129),
        ({"scene": "a%20b"}, 40129),
        ({"scene": "a b"}, 40129),
        ({"scene": "a", "page": "/pages/home/index"}, 41030),
        ({"scene": "a", "page": "pages/home/index?x=1"}, 41030),
        ({"scene": "a", "page": 7}, 47001),
        ({"scene": "a", "env_version": "beta"}, 40097),
        ({"scene": "a", "width": 279}, 40097),
        ({"scene": "a", "width": True}, 40097),
        ({"scene": "a", "line_color": {"r": "x"}}, 40097),
    ],
)
async def test_refused_pictures(sandbox: Sandbox, body: dict[str, Any], errcode: int) -> None:
    assert (await draw(sandbox, **body)).json["errcode"] == errcode


async def test_check_path_asks_for_a_released_page(sandbox: Sandbox) -> None:
    await sandbox.call("PATCH", "/_sandbox/account", json={"pages": ["pages/home/index"]})
    assert (await draw(sandbox, scene="a", page="pages/other/index")).json["errcode"] == 41030
    assert (await draw(sandbox, scene="a", page="pages/other/index", check_path=False)).body[:4] == b"\x89PNG"


async def resolve(sandbox: Sandbox, text: str) -> Json:
    return (await sandbox.post("/_sandbox/resolve", {"text": text})).json


async def test_scanning_a_mini_program_code_opens_its_page_with_the_scene(sandbox: Sandbox) -> None:
    public = sandbox.world.settings.public_url
    text = f"{public}/wxacode?page=features%2Fratings%2Fpages%2Frate&scene=w%3D12%26h%3D3"
    assert await resolve(sandbox, text) == {"kind": "page", "path": "features/ratings/pages/rate?scene=w%3D12%26h%3D3"}
    assert (await resolve(sandbox, f"{public}/wxacode?scene=a"))["path"] == "pages/home?scene=a"


async def test_scanning_links_and_texts(sandbox: Sandbox) -> None:
    link = f"{sandbox.world.settings.app_origin}/q/abc"
    assert await resolve(sandbox, link) == {"kind": "address", "url": link}
    rules = {"link_rules": [{"prefix": f"{sandbox.world.settings.app_origin}/q/", "page": "pages/scan/index"}]}
    await sandbox.call("PATCH", "/_sandbox/account", json=rules)
    assert await resolve(sandbox, link) == {
        "kind": "page",
        "path": "pages/scan/index?q=http%3A%2F%2F127.0.0.1%3A18999%2Fq%2Fabc",
    }
    assert await resolve(sandbox, "https://example.test/") == {"kind": "text", "text": "https://example.test/"}


async def test_a_real_scan_of_a_mini_program_code_lands_on_the_phones_page(sandbox: Sandbox) -> None:
    answer = await sandbox.get("/wxacode", page="pages/home/index", scene="a=1")
    assert answer.status == 302
    assert answer.headers["Location"].startswith("/?scan=http")


async def test_codes_on_other_screens(sandbox: Sandbox) -> None:
    shown = {"text": "https://x.test/q/1", "label": "食品经营许可证"}
    await sandbox.post("/_sandbox/phones/grandma/codes", shown)
    await sandbox.post("/_sandbox/phones/worker/codes", {"text": "A012"})
    codes = (await sandbox.get("/_sandbox/codes")).json
    assert [(code["phone"], code["text"], code["label"], code["name"]) for code in codes] == [
        ("worker", "A012", "", "陈志远"),
        ("grandma", "https://x.test/q/1", "食品经营许可证", "周桂兰"),
    ]
    await sandbox.post("/_sandbox/phones/grandma/codes/hide", {"text": "https://x.test/q/1"})
    await sandbox.post("/_sandbox/phones/worker/codes/hide", {})
    assert (await sandbox.get("/_sandbox/codes")).json == []


async def test_what_hangs_on_a_wall_stays_and_the_rest_is_forgotten(
    sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    wall = {"key": "wall", "name": "大堂", "phone_number": "19900000009", "hidden": True}
    await sandbox.post("/_sandbox/phones", wall)
    await sandbox.post("/_sandbox/phones/wall/codes", {"text": "https://x.test/q/2", "lasting": True})
    await sandbox.post("/_sandbox/phones/worker/codes", {"text": "A012"})
    later = sandbox.world.clock.wall() + 1_801
    monkeypatch.setattr(sandbox.world.clock, "wall", lambda: later)
    codes = (await sandbox.get("/_sandbox/codes")).json
    assert [(code["name"], code["hidden"], code["text"]) for code in codes] == [("大堂", True, "https://x.test/q/2")]


@pytest.mark.parametrize("body", [{}, {"text": ""}, {"text": "x" * 2001}, {"text": 5}, {"text": "x", "more": 1}])
async def test_senseless_codes(sandbox: Sandbox, body: dict[str, Any]) -> None:
    assert (await sandbox.post("/_sandbox/phones/grandma/codes", body)).status == 422


async def test_pictures_for_the_scanner(sandbox: Sandbox) -> None:
    assert (await sandbox.get("/_sandbox/qr.png", text="A012")).body[:4] == b"\x89PNG"
    assert (await sandbox.get("/_sandbox/qr.png", text="长" * 700)).status == 422
    assert (await sandbox.get("/_sandbox/qr.png")).status == 422


def test_the_longest_text_still_fits_a_code() -> None:
    assert qr.png("长" * (qr.LONGEST_TEXT // 3), 240)[:4] == b"\x89PNG"
