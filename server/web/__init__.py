"""The skin between HTTP and use cases: who may call, what comes in, what goes out, how a refusal looks."""

from server.db.promises import Claim
from server.kit.paging import Page, PageQuery, after, cursor_of
from server.kit.wire import Instant
from server.web import access
from server.web.events import Event, EventStream
from server.web.pages import LoggedIn, LoggedOut, Shown, page
from server.web.replies import Encoded, Raw, Redirect, Reply, Streamed
from server.web.routing import route
from server.web.uploads import Upload

__all__ = [
    "Claim",
    "Encoded",
    "Event",
    "EventStream",
    "Instant",
    "LoggedIn",
    "LoggedOut",
    "Page",
    "PageQuery",
    "Raw",
    "Redirect",
    "Reply",
    "Shown",
    "Streamed",
    "Upload",
    "access",
    "after",
    "cursor_of",
    "page",
    "route",
]
