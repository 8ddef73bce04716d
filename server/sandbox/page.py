"""The phones page and what it is made of."""

import mimetypes
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sanic import Blueprint, Request
from sanic.response import HTTPResponse, redirect

from server.sandbox.control.talk import ControlError
from server.sandbox.gate import world_of
from server.sandbox.settings import Settings

__all__ = ["blueprint"]

HERE = Path(__file__).parent
LOCALES = ("zh-CN", "en")
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
TEXTS: dict[str, Any] = {name: msgspec.json.decode((HERE / f"texts/{name}.json").read_bytes()) for name in LOCALES}
STATIC = {file.name: file for file in (HERE / "static").iterdir() if file.is_file()}

blueprint = Blueprint("page")
pages = Environment(loader=FileSystemLoader(HERE / "templates"), autoescape=True, undefined=StrictUndefined)


def as_script_data(value: object) -> Markup:
    """JSON that cannot end the script element it stands in."""
    return Markup(msgspec.json.encode(value).decode().replace("<", "\\u003c"))  # noqa: S704 - escaped right here


@blueprint.get("/")
async def phones_page(request: Request) -> HTTPResponse:
    settings = world_of(request).settings
    if _wrong_name(request, settings):
        return redirect(f"{settings.public_url}{request.path}?{request.query_string}")
    locale = _locale(request)
    config = {
        "app_origin": settings.app_origin,
        "program_name": settings.program_name,
        "service_name": settings.service_name,
        "locale": locale,
        "texts": TEXTS,
    }
    content = pages.get_template("phones.html").render(locale=locale, text=TEXTS[locale], config=as_script_data(config))
    return HTTPResponse(content, content_type="text/html; charset=utf-8", headers=_page_headers(settings))


@blueprint.get("/static/<name:str>")
async def static(request: Request, name: str) -> HTTPResponse:  # noqa: ARG001 - Sanic's handler signature
    file = STATIC.get(name)
    if file is None:
        raise ControlError(404, "no_such_file", name[:60])
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    return HTTPResponse(file.read_bytes(), content_type=kind, headers={"Cache-Control": "no-cache"})


@blueprint.get("/authenticator")
async def authenticator_page(request: Request) -> HTTPResponse:  # noqa: ARG001 - Sanic's handler signature
    return redirect("/#authenticator")


@blueprint.get("/favicon.ico")
async def favicon(request: Request) -> HTTPResponse:  # noqa: ARG001 - Sanic's handler signature
    return redirect("/static/icon.svg")


@blueprint.get("/wxacode")
async def code_landing(request: Request) -> HTTPResponse:
    """A mini-program code scanned with a real phone ends here: the page offers it to the sandbox's phones."""
    settings = world_of(request).settings
    return redirect(f"/?scan={quote(f'{settings.public_url}/wxacode?{request.query_string}', safe='')}")


@blueprint.get("/l/<ticket:str>")
async def link_landing(request: Request, ticket: str) -> HTTPResponse:
    """A link opened in a browser: the page offers it to the sandbox's phones, as WeChat would open it."""
    settings = world_of(request).settings
    return redirect(f"/?scan={quote(f'{settings.public_url}/l/{ticket}', safe='')}")


def _wrong_name(request: Request, settings: Settings) -> bool:
    """This machine by another of its names: the H5 build would not know that page as its frame."""
    own, asked = urlsplit(settings.public_url), urlsplit(f"http://{request.host}")
    return {own.hostname, asked.hostname} <= LOOPBACK and asked.netloc != own.netloc and asked.port == own.port


def _locale(request: Request) -> str:
    asked = request.args.get("lang") or request.cookies.get("sandbox_lang")
    if asked in LOCALES:
        return str(asked)
    return "en" if request.headers.get("accept-language", "").lower().startswith("en") else "zh-CN"


def _page_headers(settings: Settings) -> dict[str, str]:
    policy = (
        "default-src 'self'; img-src 'self' data:; style-src 'self' 'unsafe-inline'; base-uri 'none'; "
        f"frame-src {settings.app_origin}; connect-src 'self' {settings.app_origin}; form-action 'none'"
    )
    return {"Content-Security-Policy": policy, "Cache-Control": "no-store", "Referrer-Policy": "same-origin"}
