"""getwxacodeunlimit: a real picture whose text is an address of this sandbox, which its phones understand."""

import re
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit

from server.sandbox import qr
from server.sandbox.wechat.sending import page_is_released
from server.sandbox.wechat.wire import Call, Reply, WeChatError
from server.sandbox.world import World

__all__ = ["code_target", "code_text", "unlimited_code"]

SCENE = re.compile(r"[0-9A-Za-z!#$&'()*+,/:;=?@\-._~]*")
VERSIONS = {"release", "trial", "develop"}


async def unlimited_code(world: World, call: Call) -> Reply:
    scene = call.body.get("scene")
    if not isinstance(scene, str) or not 1 <= len(scene) <= 32:
        raise WeChatError(40169)
    if not SCENE.fullmatch(scene):
        raise WeChatError(40129)
    page = call.body.get("page") or ""
    _check_page(world, page, check_path=call.body.get("check_path", True))
    if call.body.get("env_version", "release") not in VERSIONS:
        raise WeChatError(40097)
    width = call.body.get("width", 430)
    if not isinstance(width, int) or isinstance(width, bool) or not 280 <= width <= 1280:
        raise WeChatError(40097)
    picture = qr.png(code_text(world, page, scene), width, _colour(call.body))
    return Reply(body=picture, content_type="image/png", shown=f"picture of {len(picture)} bytes")


def code_text(world: World, page: str, scene: str) -> str:
    return f"{world.settings.public_url}/wxacode?{urlencode({'page': page, 'scene': scene})}"


def code_target(world: World, text: str) -> str | None:
    """The page path a scanned mini-program code opens; None for any other text. The scene arrives encoded once."""
    parts = urlsplit(text)
    if f"{parts.scheme}://{parts.netloc}" != world.settings.public_url or parts.path != "/wxacode":
        return None
    values = parse_qs(parts.query)
    page = values.get("page", [""])[0] or world.account.home_page
    return f"{page}?scene={quote(values.get('scene', [''])[0], safe='')}"


def _check_page(world: World, page: object, *, check_path: object) -> None:
    if not isinstance(page, str) or not isinstance(check_path, bool):
        raise WeChatError(47001)
    if page and ("?" in page or page.startswith("/") or (check_path and not page_is_released(world, page))):
        raise WeChatError(41030)


def _colour(body: dict[str, Any]) -> tuple[int, int, int]:
    asked = body.get("line_color") or {}
    if body.get("auto_color") or not isinstance(asked, dict):
        return (0, 0, 0)
    try:
        red, green, blue = (int(asked.get(name, 0)) for name in ("r", "g", "b"))
    except (TypeError, ValueError):
        raise WeChatError(40097) from None
    if not all(0 <= part <= 255 for part in (red, green, blue)):
        raise WeChatError(40097)
    return (red, green, blue)
