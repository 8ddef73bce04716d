"""What hangs on the walls of the sample halls, and what WeChat was told about the mini-program that opens it."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping

from server.config import ROOT, Settings
from server.features.catalogue.service import HallView
from server.features.queue import service as queue
from server.features.thread import service as thread
from server.sample.places import COUNTY_HALL, town_key
from server.sample.sandbox import Sandbox

_PAGES = ROOT / "miniprogram" / "src" / "pages.json"
_OPENS_CODES = "features/codes/pages/open"
# What stands on a screen of a hall right now is told to this one by the screen itself.
_SCREENS = {"key": "screens", "name": "大厅里的屏幕", "phone_number": "19900000909", "hidden": True}
_POSTERS = (town_key("341226100"), COUNTY_HALL)  # what was shown last is offered first


async def register(sandbox: Sandbox, settings: Settings) -> None:
    """Release the mini-program's pages, and let its ordinary links open it."""
    rules = [{"prefix": f"{settings.public_url}/q/", "page": _OPENS_CODES}]
    await sandbox.tell("account", {"pages": list(_released()), "link_rules": rules}, method="PATCH")


async def hang(sandbox: Sandbox, settings: Settings, halls: Mapping[str, HallView]) -> int:
    """Hang up the posters to check in and to rate by, where the sandbox's phones can scan them; gives how many."""
    for number, key in enumerate(_POSTERS, 1):
        # A wall is a phone that nobody sees: what it shows can be scanned by everybody.
        wall = {"key": f"wall-{key.replace('_', '-')}", "name": halls[key].name, "hidden": True}
        await sandbox.tell("phones", {**wall, "phone_number": f"1990000090{number}"})
        hall_id = halls[key].id
        codes = {"评价服务": await thread.standing_code("place", hall_id), "到厅签到": await queue.hall_token(hall_id)}
        for label, token in codes.items():
            poster = {"text": f"{settings.public_url}/q/{token}", "label": label, "lasting": True}
            await sandbox.tell(f"phones/{wall['key']}/codes", poster)
    await sandbox.tell("phones", _SCREENS)
    return len(_POSTERS)


def _released() -> Iterable[str]:
    pages = json.loads(_PAGES.read_text("utf-8"))
    yield from (page["path"] for page in pages["pages"])
    for package in pages["subPackages"]:
        yield from (f"{package['root']}/{page['path']}" for page in package["pages"])
