"""What a printed or shown code opens in somebody's browser: a rating at once, everything else in the phone's pages.

A rating has to be there before the phone's pages would have come down a slow link, so it is one small page of its own
that needs neither scripts nor a second request. Looking never uses a code up: link previews look, too.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated
from urllib.parse import quote

from msgspec import Meta, Struct
from sanic import Blueprint, HTTPResponse, Request

from server.actor import Actor
from server.errors import AppError, FieldError, Gone, InvalidInput, NotFound
from server.features.ratings import service as ratings
from server.kit import texts
from server.kit.spoken import spoken
from server.web import Redirect, access, asking, h5, html
from server.web.pages import page

blueprint = Blueprint("console_landing")
LONGEST = 64
# As long as a bad rating may take with its answer, once more, and some days to read it.
KEPT_SECONDS = 120 * 86_400


class LandQuery(Struct, kw_only=True):
    """How whoever scanned likes to read, and whether a text message brought them. Scanners add words of their own."""

    lang: str = ""
    elder: str = ""
    via: str = ""

    @property
    def way(self) -> ratings.Via:
        """Say how they came here."""
        return "sms" if self.via == "sms" else "code"


class ScannedForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """One rating. Nothing is chosen beforehand; reasons of another level have been left ticked on the way to this."""

    level: ratings.Level
    tags: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(max_length=40)] = []
    words: Annotated[str, Meta(max_length=2 * ratings.LONGEST_WORDS)] = ""

    def wish(self, token: str, via: ratings.Via, secret: str) -> ratings.RateIn:
        """Give the rating. Raises InvalidInput for more words than fit; a form sends the end of a line as two signs."""
        words = self.words.replace("\r\n", "\n")
        if len(words) > ratings.LONGEST_WORDS:
            raise InvalidInput("invalid_input", fields=(FieldError("words", "too_long"),))
        return ratings.RateIn(token=token, level=self.level, tags=self.tags, words=words, via=via, secret=secret)


@page(blueprint, "GET", "/q/<token>", access=access.public, limit="scan")
async def land(actor: Actor, token: str, query: LandQuery, request: Request) -> Redirect | HTTPResponse:
    """Take whoever scanned to the page that opens it; the page says so kindly when it is no code."""
    # Whatever was printed on somebody's wall stays one value of the address, and no longer than a token is.
    short = quote(token[:LONGEST], safe="")
    name = asking.rated_cookie(token[:LONGEST])
    try:
        form = await ratings.form(_reader(actor, query), token[:LONGEST])
    except Gone as ended:
        return Redirect(_app(short, query) if ended.code == "ratings.expired" else _opened(short))
    except NotFound:
        return Redirect(_opened(short))
    if form.rated:
        return Redirect(_app(short, query))
    response = _shown(request, "landing_rate.html", actor, query, token=token, form=form)
    if form.secret and not asking.cookie(request, name):
        secure = request.app.ctx.settings.public_url.startswith("https:")
        response.add_cookie(
            name, form.secret, path="/", httponly=True, samesite="Lax", secure=secure, max_age=KEPT_SECONDS
        )
    return response


@page(blueprint, "POST", "/q/<token>", access=access.public, limit="rating")
async def rate(actor: Actor, token: str, query: LandQuery, form: ScannedForm, request: Request) -> HTTPResponse:
    """Take the rating and say thank you; the same one sent again is the same one."""
    reader = _reader(actor, query)
    secret = asking.cookie(request, asking.rated_cookie(token[:LONGEST]))
    wish = ratings.fitting(form.wish(token[:LONGEST], query.way, secret))
    at_desk, from_desk = await asking.staff(request), bool(asking.cookie(request, asking.DESK_COOKIE))
    try:
        taken = await ratings.rate(reader, wish, at_desk=at_desk, from_desk=from_desk)
    except AppError as refused:
        given = refused.code == "ratings.already_given"
        said = {"refused": texts.text(reader.locale, f"errors.{refused.code}"), "day": "", "given": given}
        return _shown(request, "landing_thanks.html", actor, query, token=token, status=refused.status, **said)
    day = spoken(reader.locale, taken.rectification.due_on) if taken.rectification else ""
    again = "ratings.scan_again" if secret and not (from_desk or at_desk) else "ratings.answer_elsewhere"
    return _shown(
        request, "landing_thanks.html", actor, query, token=token, refused="", day=day, again=again, given=True
    )


def _reader(actor: Actor, query: LandQuery) -> Actor:
    return replace(actor, locale=query.lang) if query.lang in texts.available() else actor


def _opened(token: str) -> str:
    return f"/#/features/codes/pages/open?token={token}"


def _app(token: str, query: LandQuery) -> str:
    return f"/#/features/ratings/pages/rate?token={token}&via={query.way}"


def _shown(
    request: Request, template: str, actor: Actor, query: LandQuery, *, token: str, status: int = 200, **more: object
) -> HTTPResponse:
    locale, short = _reader(actor, query).locale, quote(token[:LONGEST], safe="")
    here, elder = f"/q/{short}", query.elder == "1"
    kept = {"via": query.via, "lang": query.lang and locale, "elder": query.elder}
    context = {
        "locale": locale,
        "elder": elder,
        "app": _app(short, query),
        "action": html.url(here, **kept),
        "larger": html.url(here, **kept | {"elder": "0" if elder else "1"}),
        "other": html.url(here, **kept | {"lang": next(one for one in texts.available() if one != locale)}),
    }
    response = html.page(request, template, context | more, status)
    request.ctx.script_hashes = h5.script_hashes(response.body or b"")
    return response
