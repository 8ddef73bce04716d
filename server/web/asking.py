"""Who asks, in which language, from where: read from the request once."""

from __future__ import annotations

import hashlib
import itertools
import re
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, TypeVar

from sanic.headers import fwd_normalize_address

from server.actor import Actor, Anonymous, Citizen, Staff
from server.kit import ids, texts

if TYPE_CHECKING:
    from sanic import Request

CONSOLE_COOKIE = "onetrip_console"
DEVICE_COOKIE = "onetrip_device"  # of a machine that stands in a hall
DESK_COOKIE = "onetrip_desk"  # of a browser in which staff have logged in; it says no more than that
RATED_COOKIE = "onetrip_rated_"  # of a browser that rated without a login: what shows that the rating is theirs
_A = TypeVar("_A", bound=Actor)
# An id need only be unique: which process, and its how-manieth request.
_PROCESS = f"{ids.token(64)}."
_numbers = itertools.count()
# Enough of a User-Agent to tell one's own devices apart; the rest would only say who somebody is.
_DEVICES = re.compile(r"iPhone|iPad|OpenHarmony|Android|Windows|Macintosh|Linux")
_SANE_ID = re.compile(r"[A-Za-z0-9._-]{8,64}\Z")


class Actors(Protocol):
    """Knows the sessions. The identity feature provides it; it is kept as `app.ctx.actors`."""

    async def resolve_bearer(self, token: str) -> Citizen | None:
        """Give the citizen whose session the token opens, or None."""
        ...

    async def resolve_staff(self, cookie: str) -> Staff | None:
        """Give the member of staff whose session the cookie opens, or None."""
        ...


def locale(request: Request) -> str:
    """Choose the language of the answer."""
    return texts.best(request.headers.get("accept-language", ""))


def request_id(request: Request) -> str:
    """Give the id the answer, the logs and the audit rows share; a sane one from a proxy is kept."""
    known: str | None = getattr(request.ctx, "request_id", None)
    if known is None:
        sent = request.headers.get("x-request-id", "")
        known = sent if sent and _SANE_ID.match(sent) else f"{_PROCESS}{next(_numbers):08x}"
        request.ctx.request_id = known
    return known


def address(request: Request) -> str:
    """Give the address of the asker. Forwarding headers count only from proxies named in the settings."""
    config = request.app.config
    header = config.REAL_IP_HEADER
    if header and not config.FORWARDED_SECRET and (told := _told(request.headers.get(header, ""))):
        return told  # what Sanic would find, without its looking for scheme, host, port and path beside it
    if header or config.PROXIES_COUNT or config.FORWARDED_SECRET:
        return str(request.client_ip).strip("[]")
    return request.ip


def _told(sent: str) -> str:
    if ":" not in sent and sent[:1].isdigit():
        return sent  # one IPv4: nothing about it is written in two ways
    try:
        return fwd_normalize_address(sent).strip("[]")
    except ValueError:
        return ""


async def citizen(request: Request) -> Citizen | None:
    """Give the citizen whose bearer token came along, or None."""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token or not token.isascii():
        return None
    found: Citizen | None = await request.app.ctx.actors.resolve_bearer(token.strip())
    if found is None:
        return None
    # As `stamped`, at a third of its cost: every phone comes through here.
    return Citizen(
        account_id=found.account_id,
        session_id=found.session_id,
        person_id=found.person_id,
        locale=locale(request),
        request_id=request_id(request),
        address=address(request),
    )


async def staff(request: Request) -> Staff | None:
    """Give the member of staff whose console cookie came along, or None."""
    session = console_cookie(request)
    if not session:
        return None
    found: Staff | None = await request.app.ctx.actors.resolve_staff(session)
    return None if found is None else stamped(request, found)


def console_cookie(request: Request) -> str:
    """Give the console's session cookie, or an empty string."""
    return cookie(request, CONSOLE_COOKIE)


def cookie(request: Request, name: str) -> str:
    """Give a cookie that we may have set, or an empty string: ours are ASCII, whatever a client makes of them."""
    if "cookie" not in request.headers:
        return ""
    value = str(request.cookies.get(name) or "")
    return value if value.isascii() else ""


def rated_cookie(token: str) -> str:
    """Name the cookie of one rating: its code may be anything that somebody has put into an address."""
    return f"{RATED_COOKIE}{hashlib.sha256(token.encode(errors='surrogateescape')).hexdigest()[:16]}"


def device(request: Request) -> str:
    """Say what device a phone's login came from, as far as its owner needs it to know it again."""
    agent = request.headers.get("user-agent", "")
    found = _DEVICES.search(agent)
    system = found[0].replace("Macintosh", "Mac") if found else "unknown"
    return f"{system}/wechat" if "MicroMessenger" in agent else system


def nobody(request: Request) -> Anonymous:
    """Describe an asker who is not logged in."""
    return Anonymous(locale=locale(request), request_id=request_id(request), address=address(request))


def stamped(request: Request, actor: _A) -> _A:
    """Add to an actor what only the request knows."""
    return replace(actor, locale=locale(request), request_id=request_id(request), address=address(request))
