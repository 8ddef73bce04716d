"""What every answer gets, whoever made it: headers that protect, the request id, a line in the access log, a count."""

from __future__ import annotations

import asyncio
import functools
import logging
import time
from email.utils import formatdate
from typing import TYPE_CHECKING

from server.kit import clock
from server.web import asking, metrics

if TYPE_CHECKING:
    from sanic import HTTPResponse, Request
    from sanic.response import BaseHTTPResponse

_MOMENT = 0.2
access_log = logging.getLogger("server.access")

# Scripts and styles come from us alone; the framework on the phone sets style attributes, hence 'unsafe-inline' there.
# A guide's film lies with whoever keeps films: it may come from anywhere, and can do nothing but play.
_CSP = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "font-src 'self' data:; media-src {films}; connect-src 'self'{phones}; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors {frames}"
)


class Finish:
    """Made once per app; called for every response."""

    def __init__(self, *, sandbox: str, https: bool) -> None:
        """`sandbox` are the origins of a demo's phones, which frame the H5 build; none in production."""
        self._csp = _CSP.format(frames=f"'self' {sandbox}" if sandbox else "'none'", films="'self' https:", phones="")
        # What stands on a screen is told to those phones: they have no camera.
        self._console_csp = _CSP.format(frames="'none'", films="'self'", phones=f" {sandbox}" if sandbox else "")
        self._https = https

    async def answer(self, request: Request, response: BaseHTTPResponse) -> HTTPResponse | None:
        """Add the headers, then tell."""
        self._protect(request, response)
        _tell(request, response)
        return None

    def _protect(self, request: Request, response: BaseHTTPResponse) -> None:
        headers = response.headers
        headers["x-request-id"] = asking.request_id(request)
        headers["date"] = _date(int(clock.now().timestamp()))
        headers["x-content-type-options"] = "nosniff"
        headers["referrer-policy"] = "no-referrer"
        if self._https:
            headers["strict-transport-security"] = "max-age=31536000"
        if (response.content_type or "").startswith("text/html"):
            headers.setdefault("content-security-policy", self._policy(request))
            headers["cross-origin-opener-policy"] = "same-origin-allow-popups"
        if "cache-control" not in headers:
            headers["cache-control"] = "no-store"

    def _policy(self, request: Request) -> str:
        if request.path.startswith("/console"):
            return self._console_csp
        hashes: list[str] | None = getattr(request.ctx, "script_hashes", None)
        return self._csp.replace("script-src 'self'", " ".join(("script-src 'self'", *hashes))) if hashes else self._csp


@functools.lru_cache(maxsize=2)
def _date(second: int) -> str:
    """Write a moment as HTTP does; phones whose clock is wrong count down by it."""
    return formatdate(second, usegmt=True)


def _tell(request: Request, response: BaseHTTPResponse) -> None:
    operation = getattr(request.route.handler, "operation", None) if request.route else None
    route = "-" if operation is None else operation.template
    began = getattr(request.stream, "perft0", None)
    seconds = 0.0 if began is None else time.perf_counter() - began
    method = request.method if request.method in metrics.METHODS else "-"
    metrics.count(method, route, response.status, seconds)
    if access_log.isEnabledFor(logging.INFO):
        # Nothing in it needs escaping: the names are ours and the id has been checked.
        _lines.add(
            f'{{"method":"{method}","route":"{route}","status":{response.status},'
            f'"ms":{seconds * 1000:.1f},"request_id":"{asking.request_id(request)}"}}'
        )


class _Lines:
    """Gathers access lines for a moment: one write for many, since writing costs more than most answers."""

    def __init__(self) -> None:
        self._pending: list[str] = []

    def add(self, line: str) -> None:
        if not self._pending:
            asyncio.get_running_loop().call_later(_MOMENT, self.write)
        self._pending.append(line)

    def write(self) -> None:
        if self._pending:
            access_log.info("\n".join(self._pending))
            self._pending.clear()


_lines = _Lines()
write_lines = _lines.write
