"""Logging in to the desk: name and password, then the code of the authenticator."""

from __future__ import annotations

from typing import Annotated

from markupsafe import Markup
from msgspec import Meta, Struct
from sanic import Blueprint, Request

from server.console.drawing import inline
from server.console.frame import EVERYONE
from server.errors import FieldError, InvalidInput
from server.features.identity import service as identity
from server.web import access
from server.web.asking import address, console_cookie
from server.web.pages import LoggedIn, LoggedOut, Shown, local, page

blueprint = Blueprint("console_login", url_prefix="/console")

Line = Annotated[str, Meta(max_length=200)]


class NextQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where to go afterwards."""

    next: Line | None = None


class LoginForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who one is."""

    username: Line
    password: Line
    next: Line | None = None


class CodeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The six digits of the authenticator; `pending` ties them to the password just given."""

    pending: Line
    code: Line
    next: Line | None = None


class EnrolForm(CodeForm, kw_only=True, forbid_unknown_fields=True):
    """A newcomer's own password, twice, and the first code of their authenticator."""

    password: Line
    again: Line
    username: Line | None = None


@page(blueprint, "GET", "/login", access=access.public)
async def login(query: NextQuery) -> Shown:
    """Ask who one is."""
    return "login.html", {"next": local(query.next)}


@page(blueprint, "POST", "/login", access=access.public, limit="login")
async def password(form: LoginForm, request: Request) -> Shown:
    """Check the password, then ask for the code; whoever has a first password sets themselves up instead."""
    pending = await identity.staff_login(form.username, form.password, address=address(request))
    first = await identity.enrolment(pending)
    if first is None:
        return "code.html", {"pending": pending, "next": local(form.next)}
    secret = " ".join(first.secret[at : at + 4] for at in range(0, len(first.secret), 4))
    shown = {"picture": Markup(inline(first.uri)), "secret": secret, "username": first.username}  # noqa: S704 - our own
    return "enrol.html", {"pending": pending, "next": local(form.next), **shown}


@page(blueprint, "POST", "/login/code", access=access.public, limit="login")
async def code(form: CodeForm, request: Request) -> LoggedIn:
    """Check the code and begin the session."""
    cookie = await identity.staff_verify_totp(form.pending, form.code, address=address(request))
    return LoggedIn(cookie=cookie, to=local(form.next))


@page(blueprint, "POST", "/login/enrol", access=access.public, limit="login")
async def enrol(form: EnrolForm, request: Request) -> LoggedIn:
    """Take the newcomer's password and first code, and begin the session."""
    if form.password != form.again:
        raise InvalidInput("console.passwords_differ", fields=(FieldError("again", "password_differs"),))
    cookie = await identity.enrol(form.pending, form.code, form.password, address=address(request))
    return LoggedIn(cookie=cookie, to=local(form.next))


@page(blueprint, "POST", "/logout", access=access.staff(*EVERYONE))
async def logout(request: Request) -> LoggedOut:
    """End the session."""
    await identity.staff_logout(console_cookie(request))
    return LoggedOut()
