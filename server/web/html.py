"""Pages from templates: escaped, in the reader's language, with the visitor's CSRF token at hand.

In a template: `t("console.cases.title", count=3)`, `url("/console/cases", page=2)`, `csrf` (a hidden field),
`csrf_token` for htmx headers, `codes` (what the address in a QR begins with) and `phones` (where a demo's phones are
told which codes stand on a screen; None in production).
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from sanic import HTTPResponse

from server.kit import texts
from server.web import asking, csrf

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sanic import Request

    from server.config import Settings

_WEB = Path(__file__).resolve().parent
# The console's come first, so that it may dress the plain ones here.
_FOLDERS = (_WEB.parent / "console" / "templates", _WEB / "templates")
CONTENT_TYPE = "text/html; charset=utf-8"


def page(request: Request, template: str, context: Mapping[str, object], status: int = 200) -> HTTPResponse:
    """Render a template as a whole answer."""
    response = HTTPResponse(render(request, template, context), status, content_type=CONTENT_TYPE)
    csrf.keep_visit(request, response, secure=request.app.ctx.settings.public_url.startswith("https:"))
    return response


def render(request: Request, template: str, context: Mapping[str, object]) -> str:
    """Render a template, in the language the context names or else the asker's."""
    locale = str(context.get("locale") or asking.locale(request))
    settings: Settings = request.app.ctx.settings
    known: dict[str, object] = {
        "locale": locale,
        "t": _speaker(locale),
        "url": url,
        "request_path": request.path,
        "codes": f"{settings.public_url}/q/",
        "phones": settings.phones_port,
    }
    if request.path.startswith(csrf.PLACES):
        token = csrf.token(request)
        known["csrf_token"] = token
        known["csrf"] = Markup('<input type="hidden" name="{}" value="{}">').format(csrf.FIELD, token)
    return environment().get_template(template).render(known | dict(context))


@cache
def environment() -> Environment:
    """Give the one template environment."""
    return Environment(
        loader=FileSystemLoader(_FOLDERS),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def url(path: str, **query: object) -> str:
    """Write a path with a query; empty values are left out, each of a list stands for itself."""
    filled = {name: value for name, value in query.items() if value not in (None, "")}
    return f"{path}?{urlencode(filled, doseq=True)}" if filled else path


def wanted(request: Request) -> bool:
    """Say whether the asker is a browser looking at a page, rather than a program."""
    return request.headers.get("accept", "").startswith("text/html") or is_htmx(request)


def is_htmx(request: Request) -> bool:
    """Say whether htmx asks for a piece of a page."""
    return "hx-request" in request.headers


class _speaker:  # noqa: N801 - called like the function it stands for
    def __init__(self, locale: str) -> None:
        self._locale = locale

    def __call__(self, key: str, /, **params: object) -> str:
        return texts.text(self._locale, key, **params)
