"""Refusals and failures as `application/problem+json`: a refusal quietly, a failure logged without what was sent."""

from __future__ import annotations

import contextlib
import errno
import logging
import traceback
from typing import TYPE_CHECKING, Any

import asyncpg
import msgspec
from sanic import HTTPResponse
from sanic.exceptions import MethodNotAllowed, SanicException

from server.errors import AppError, FieldError, InvalidInput, NotFound, TooLarge, TooMany, Unavailable
from server.kit import texts
from server.kit.paging import BadCursor
from server.kit.spoken import told
from server.web import asking, html, metrics, replies

if TYPE_CHECKING:
    from sanic import Request

CONTENT_TYPE = "application/problem+json"
HUNG_UP = 499  # nginx's number, which monitoring knows
_logger = logging.getLogger("server.web")

_DATABASE_GONE = (
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.CannotConnectNowError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.TooManyConnectionsError,
    ConnectionError,
    TimeoutError,
)
_TRY_AGAIN = (asyncpg.DeadlockDetectedError, asyncpg.SerializationError, asyncpg.LockNotAvailableError)
_SANIC_CODES = {
    400: "malformed",
    404: "not_found",
    405: "method_not_allowed",
    408: "too_slow",
    413: "too_large",
    416: "bad_range",
    417: "malformed",
    503: "too_slow",
}


class Refused(AppError):
    """Sanic's own refusal, told like ours."""

    def __init__(self, code: str, status: int) -> None:
        super().__init__(code)
        self.status = status


class StorageFull(AppError):
    """The disk of the database or of the files is full; nothing was stored (507)."""

    status = 507


class Bug(AppError):
    """Something broke; what exactly is in the log under the request id (500)."""

    status = 500


class Field(msgspec.Struct, kw_only=True):
    """One wrong field."""

    path: str
    code: str
    text: str


class Problem(msgspec.Struct, kw_only=True, omit_defaults=True):
    """What a refusal looks like on the wire."""

    type: str
    title: str
    status: int
    code: str
    detail: str
    request_id: str
    fields: list[Field] | None = None
    page: str | None = None


def answer(request: Request, error: BaseException) -> HTTPResponse:
    """Render whatever was raised. Only what nobody foresaw is logged, as an error."""
    known = translate(error)
    if isinstance(known, Bug | StorageFull):
        _logger.error("request %s failed: %s", asking.request_id(request), trace(error))
    elif isinstance(known, Unavailable):
        _logger.warning("request %s turned away: %s", asking.request_id(request), type(error).__name__)
    problem = describe(request, known)
    if html.wanted(request):
        template = "problem_piece.html" if html.is_htmx(request) else "problem.html"
        response: HTTPResponse = html.page(request, template, {"problem": problem}, known.status)
    else:
        response = replies.Answer(msgspec.json.encode(problem), known.status, content_type=CONTENT_TYPE)
    if html.is_htmx(request):
        # The page that was refused stays, and so does its address: a reload must not ask for the deed's own.
        response.headers["hx-push-url"] = "false"
    if known.retry_after is not None:
        response.headers["retry-after"] = str(known.retry_after)
    if isinstance(error, MethodNotAllowed):
        response.headers["allow"] = ", ".join(_allowed(request))
    return response


def unheard(_request: Request, _error: BaseException) -> HTTPResponse:
    """Count a client that has hung up as what it is, not as a failure of ours; nobody reads the answer."""
    return replies.Answer(b"", HUNG_UP)


def _allowed(request: Request) -> list[str]:
    """Try them: Sanic's router forgets which there are where several routes share one pattern."""
    found = []
    for method in sorted(metrics.METHODS):
        with contextlib.suppress(SanicException):
            request.app.router.get(request.path, method, None)
            found.append(method)
    return found


def describe(request: Request, error: AppError) -> Problem:
    """Put a refusal into words of the reader's language."""
    locale = asking.locale(request)
    title = texts.text(locale, f"web.status.{error.status}")
    known = texts.find(locale, f"errors.{error.code}") is not None
    return Problem(
        type=f"urn:onetrip:problem:{error.code}",
        title=title,
        status=error.status,
        code=error.code,
        detail=told(locale, f"errors.{error.code}", error.params) if known else title,
        request_id=asking.request_id(request),
        fields=[_field(locale, field) for field in error.fields] or None,
        page=error.page,
    )


def translate(error: BaseException) -> AppError:  # noqa: PLR0911 - one line a family
    """Find our word for anything that can be raised."""
    if isinstance(error, AppError):
        return error
    if isinstance(error, SanicException):
        return _sanic(error)
    if isinstance(error, BadCursor):
        return InvalidInput("invalid_input", fields=(FieldError("cursor", "bad_format"),))
    if isinstance(error, asyncpg.DiskFullError) or (isinstance(error, OSError) and error.errno == errno.ENOSPC):
        return StorageFull("storage_full", retry_after=60)
    if isinstance(error, _TRY_AGAIN):
        return Unavailable("busy", retry_after=1)
    if isinstance(error, _DATABASE_GONE):
        return Unavailable("unavailable", retry_after=5)
    return Bug("internal")


def trace(error: BaseException) -> str:
    """Say where it broke: types, files and lines, but no messages, since those may repeat what a person wrote."""
    lines: list[str] = []
    link: BaseException | None = error
    while link is not None and len(lines) < 5:
        frames = "".join(traceback.format_tb(link.__traceback__))
        lines.append(f"{type(link).__module__}.{type(link).__qualname__}{_facts(link)}\n{frames}")
        link = link.__cause__ or link.__context__
    return "\ncaused by ".join(lines)


def _facts(error: BaseException) -> str:
    if isinstance(error, asyncpg.PostgresError):
        facts: list[Any] = [error.sqlstate, error.table_name, error.column_name, error.constraint_name]
        return f" ({' '.join(str(fact) for fact in facts if fact)})"
    if isinstance(error, AttributeError | NameError | ImportError | TypeError | AssertionError):
        # These speak of code, hardly ever of data, and are useless without their words.
        return f": {str(error)[:200]}"
    return ""


def _sanic(error: SanicException) -> AppError:
    status = error.status_code
    if status == 404:
        return NotFound()
    if status == 413:
        return TooLarge("too_large")
    if status == 429:
        return TooMany("too_many")
    code = _SANIC_CODES.get(status)
    if code is None:
        return Bug("internal") if status >= 500 else Refused("malformed", status)
    return Refused(code, status)


def _field(locale: str, field: FieldError) -> Field:
    return Field(path=field.path, code=field.code, text=told(locale, f"errors.field.{field.code}", field.params))
