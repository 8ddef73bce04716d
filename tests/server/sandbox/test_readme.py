"""The sandbox's own page says what is there, and nothing that is not."""

import re
from pathlib import Path
from typing import Any

import pytest
from sanic import Sanic

import server.sandbox
from server.sandbox.faults import Kind
from server.sandbox.wechat.api import APIS
from tests.server.sandbox.conftest import Sandbox

README = (Path(server.sandbox.__file__).parent / "README.md").read_text("utf-8")


def named() -> set[str]:
    """Paths of the control plane that the page names, with `{…}` for what varies."""
    section = README.partition("## Control plane")[2].partition("A fault goes to")[0]
    found: set[str] = set()
    for cell in re.findall(r"^\| (.*?) \|", section, re.MULTILINE):
        before = ""
        for text in re.findall(r"`([^`]+)`", cell):
            path = text.split()[-1].partition("?")[0]
            path = before.rpartition("/")[0] + "/" + path.removeprefix("…/") if path.startswith("…") else path
            before = path
            found.add(re.sub(r"\{[^}]*\}", "{}", path))
    return found


def there(app: Sanic[Any, Any]) -> set[str]:
    prefix = "_sandbox/"
    paths = {route.path for route in app.router.routes if route.path.startswith(prefix)}
    return {"/" + re.sub(r"<[^>]*>", "{}", path.removeprefix(prefix)).strip("/") for path in paths}


@pytest.fixture
def paths() -> set[str]:
    running = next(app for name, app in Sanic._app_registry.items() if name.startswith("sandbox_"))
    return there(running)


def test_every_path_the_page_names_is_there(sandbox: Sandbox, paths: set[str]) -> None:
    told = {path for path in named() if path.startswith("/")}
    assert len(told) > 20
    assert told <= paths


def test_every_fault_is_named() -> None:
    assert all(f"`{kind}`" in README for kind in Kind.__args__)  # type: ignore[attr-defined]


def test_what_the_reference_asks_for_is_played() -> None:
    asked = {
        "/sns/jscode2session",
        "/cgi-bin/token",
        "/cgi-bin/stable_token",
        "/wxa/business/getuserphonenumber",
        "/cgi-bin/message/subscribe/send",
        "/cgi-bin/message/template/send",
        "/wxaapi/newtmpl/addtemplate",
        "/wxaapi/newtmpl/deltemplate",
        "/wxaapi/newtmpl/gettemplate",
        "/wxaapi/newtmpl/getcategory",
        "/wxaapi/newtmpl/getpubtemplatetitles",
        "/wxaapi/newtmpl/getpubtemplatekeywords",
        "/wxa/getwxacodeunlimit",
        "/wxa/generate_urllink",
        "/wxa/generatescheme",
        "/wxa/msg_sec_check",
        "/wxa/media_check_async",
        "/wxa/getuserriskrank",
        "/wxa/checksession",
        "/cityservice/face/identify/getverifyid",
        "/cityservice/face/identify/queryverifyinfo",
        "/intp/realname/checkrealnameinfo",
        "/cgi-bin/openapi/rid/get",
        "/cgi-bin/openapi/quota/get",
        "/cgi-bin/openapi/quota/clear",
        "/cgi-bin/clear_quota",
        "/cgi-bin/clear_quota/v2",
    }
    assert asked <= set(APIS)
