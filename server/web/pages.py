"""`page`: a screen of the console. Cookie session, CSRF on every deed, templates; nobody logged in goes to the log-in.

    @page(blueprint, "POST", "/cases/<case_id>/accept", access=access.staff("clerk"))
    async def accept(actor: Staff, case_id: UUID, form: AcceptIn) -> Shown:
        await cases.accept(actor, case_id, form.note)
        return "case.html", {"case": ...}            # or Redirect("/console/cases")

`form` is decoded from the HTML form like `body` is from JSON; a deed without one refuses whatever is sent along.
A template named in the answer to an htmx request is a piece of a page; refusals then come as a piece too.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlencode

from msgspec import Struct
from sanic import Blueprint, HTTPResponse, Request

from server.errors import Unauthenticated
from server.web import asking, csrf, html, limits, replies, uploads
from server.web.access import Policy
from server.web.binding import Asked, Handler, bind, template_of
from server.web.reading import Reader
from server.web.routing import Operation, attach

H = TypeVar("H", bound=Handler)
LOG_IN = "/console/login"
MACHINE_SECONDS = 400 * 86_400  # as long as browsers keep one; the desk ends it sooner
Shown = tuple[str, Mapping[str, object]]


@dataclass(frozen=True, slots=True)
class LoggedIn:
    """Begin a console session: the cookie's value, and where to go."""

    cookie: str
    to: str = "/console"


@dataclass(frozen=True, slots=True)
class LoggedOut:
    """End the console session in the browser; the use case has ended it in the database."""

    to: str = LOG_IN


@dataclass(frozen=True, slots=True)
class LetIn:
    """Let a machine in for good: the cookie's value, the one place it is sent to, and where to go."""

    cookie: str
    place: str
    to: str


PageAnswer = Shown | LetIn | replies.Redirect | replies.Raw | replies.Streamed | LoggedIn | LoggedOut | HTTPResponse


def page(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    access: Policy,
    limit: str | None = "default",
    max_bytes: int | None = None,
) -> Callable[[H], H]:
    """Register a page; one that takes an `Upload` says how large. Raises TypeError or ValueError for what cannot work.

    Whoever sends a file sends the visitor's token in the header.
    """

    def register(handler: H) -> H:
        operation = Operation(
            name=f"{blueprint.name}.{handler.__name__}",
            method=method,
            template=(blueprint.url_prefix or "") + template_of(path),
            access=access,
            handler=handler,
            binding=bind(handler, path),
            status=200,
            idempotent=False,
            limit=None if limit is None else limits.known(limit),
            max_bytes=max_bytes,
            hidden=True,
            page=True,
        )
        attach(blueprint, operation, _server(operation))
        return handler

    return register


def local(target: str | None, otherwise: str = "/console") -> str:
    """Keep a visitor-given target only when it is a path of the console; anything else could lead away."""
    if target and target.startswith("/console") and "\\" not in target and target.isprintable():
        return target
    return otherwise


class _Nothing(Struct, forbid_unknown_fields=True):
    """A deed that needs no words."""


_NOTHING = Reader(_Nothing)


def _server(operation: Operation) -> Callable[..., Awaitable[HTTPResponse | None]]:
    wordless = operation.method == "POST" and not operation.binding.reads_form

    async def serve(request: Request, **path: Any) -> HTTPResponse | None:
        try:
            actor = await operation.access.admit(request)
        except Unauthenticated:
            return _to_log_in(request)
        csrf.check(request)
        if operation.limit is not None:
            await limits.check(request, operation.limit, actor)
        if wordless:
            _NOTHING.form(request)
        asked = Asked(request, actor, path)
        if operation.max_bytes is None:
            answer = await operation.handler(**operation.binding.arguments(asked))
            if isinstance(answer, replies.Streamed):
                await replies.stream(request, answer)
                return None
            return _shown(request, answer)
        async with uploads.received(request, operation.max_bytes) as upload:
            asked.upload = upload
            return _shown(request, await operation.handler(**operation.binding.arguments(asked)))

    return serve


def _shown(request: Request, answer: PageAnswer) -> HTTPResponse:
    if isinstance(answer, tuple):
        response = html.page(request, *answer)
        if request.method != "GET":
            response.headers["hx-push-url"] = "false"  # what a deed shows has no address that could be opened again
        return response
    if isinstance(answer, LoggedIn | LoggedOut):
        response = _to(request, answer.to)
        if isinstance(answer, LoggedIn):
            secure = request.app.ctx.settings.public_url.startswith("https:")
            response.add_cookie(
                asking.CONSOLE_COOKIE, answer.cookie, path="/", httponly=True, samesite="Lax", secure=secure
            )
            response.add_cookie(
                asking.DESK_COOKIE, "1", path="/", httponly=True, samesite="Strict", secure=secure,
                max_age=MACHINE_SECONDS,
            )  # fmt: skip
        else:
            response.delete_cookie(asking.CONSOLE_COOKIE, path="/")
        return response
    if isinstance(answer, LetIn):
        response = _to(request, answer.to)
        secure = request.app.ctx.settings.public_url.startswith("https:")
        response.add_cookie(
            asking.DEVICE_COOKIE, answer.cookie, path=answer.place, httponly=True, samesite="Strict", secure=secure,
            max_age=MACHINE_SECONDS,
        )  # fmt: skip
        return response
    if isinstance(answer, replies.Redirect):
        return _to(request, answer.to)
    return replies.render(answer, 200)


def _to_log_in(request: Request) -> HTTPResponse:
    came_from = local(request.path) if request.method == "GET" and not html.is_htmx(request) else "/console"
    return _to(request, f"{LOG_IN}?{urlencode({'next': came_from})}")


def _to(request: Request, target: str) -> HTTPResponse:
    if html.is_htmx(request):
        # htmx would follow a redirect inside the page and paste the target into it.
        return HTTPResponse(b"", 200, {"hx-redirect": target})
    return replies.render(replies.Redirect(target), 303)
