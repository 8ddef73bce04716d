"""Proof that a deed in the console came from a page of the console.

The token is derived from the visitor's own secret cookie, so it needs no storage and ends with the session. A foreign
page can make a browser send the cookie but can neither read it nor compute the token.
"""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING
from urllib.parse import parse_qs

from server.errors import Forbidden, Malformed
from server.kit import ids
from server.web import asking

if TYPE_CHECKING:
    from sanic import HTTPResponse, Request

# Where forms stand: the desk, the kiosks of the halls, and what a scanned code opens.
PLACES = ("/console", "/kiosk", "/rate", "/q/")
VISIT_COOKIE = "onetrip_visit"
FIELD = "csrf"
HEADER = "x-csrf-token"
_MOST_FIELDS = 1000
_HARMLESS = frozenset({"GET", "HEAD", "OPTIONS"})


def token(request: Request) -> str:
    """Give the token of this visitor; before log-in it hangs on a visit cookie, which is made here if need be."""
    return _derive(asking.console_cookie(request) or _visit(request))


def check(request: Request) -> None:
    """Refuse a deed without the visitor's token in the header or, from a form, in the field. Raises Forbidden."""
    if request.method in _HARMLESS:
        return
    secret = asking.console_cookie(request) or asking.cookie(request, VISIT_COOKIE)
    sent = (request.headers.get(HEADER) or form_of(request).get(FIELD, [""])[0]).encode(errors="surrogateescape")
    foreign = request.headers.get("sec-fetch-site") == "cross-site"
    if foreign or not secret or not hmac.compare_digest(sent, _derive(secret).encode()):
        raise Forbidden("csrf")


def keep_visit(request: Request, response: HTTPResponse, *, secure: bool) -> None:
    """Send the visit cookie when one was made for this answer."""
    made = getattr(request.ctx, "visit", None)
    if made:
        response.add_cookie(
            VISIT_COOKIE, made, path=_place(request), httponly=True, samesite="Lax", secure=secure, max_age=86_400
        )


def _place(request: Request) -> str:
    return next((place for place in PLACES if request.path.startswith(place)), PLACES[0])


def _visit(request: Request) -> str:
    known: str = asking.cookie(request, VISIT_COOKIE) or getattr(request.ctx, "visit", "")
    if not known:
        known = request.ctx.visit = ids.token()
    return known


def form_of(request: Request) -> dict[str, list[str]]:
    """Read the HTML form, once. Raises Malformed; Sanic's own reader would write what it cannot read into the log."""
    known: dict[str, list[str]] | None = getattr(request.ctx, "form", None)
    if known is None:
        known = request.ctx.form = _parsed(request)
    return known


def _parsed(request: Request) -> dict[str, list[str]]:
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind != "application/x-www-form-urlencoded":
        return {}
    try:
        return parse_qs(request.body.decode(), max_num_fields=_MOST_FIELDS)
    except UnicodeDecodeError:
        raise Malformed("not_utf8") from None
    except ValueError:
        raise Malformed("malformed") from None


def _derive(secret: str) -> str:
    return hashlib.sha256(b"console csrf\x00" + secret.encode()).hexdigest()
