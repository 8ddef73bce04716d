"""The tablet at a window and the kiosk in the hall: one rating of the visit just finished, and nothing is left of it.

The desk lets a tablet in as it does a kiosk, so that nobody rates from elsewhere what was finished here.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint, Request

from server.actor import Actor
from server.errors import AppError, NotFound
from server.features.catalogue import service as catalogue
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind, Served
from server.features.ratings import service as ratings
from server.kit.texts import text
from server.web import Redirect, access, asking
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_rate")
PAIR = "/kiosk"
Token = Annotated[str, Meta(max_length=64)]


class HallQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """In which hall the tablet stands."""

    hall: UUID


class NowQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is asked for just now; nothing, where nobody is."""

    token: Token = ""


class SlipQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose slip was held under the scanner."""

    slip: Token = ""


class RateForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A level and reasons; nothing is chosen beforehand, and no words are typed where the next one could read them."""

    token: Token
    level: ratings.Level
    tags: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(max_length=40)] = []
    slip: Token = ""


@page(blueprint, "GET", "/rate", access=access.public, limit=None)
async def choose(query: HallQuery, request: Request) -> Shown | Redirect:
    """Ask at which window the tablet stands."""
    if not await _known(request, query.hall, DeviceKind.TABLET):
        return Redirect(PAIR)
    return "rate_choose.html", {
        "hall": await catalogue.hall(query.hall),
        "windows": await catalogue.windows(query.hall),
        "home": url("/rate", hall=query.hall),
    }


@page(blueprint, "GET", "/rate/<window_id>", access=access.public, limit=None)
async def tablet(actor: Actor, window_id: UUID, request: Request) -> Shown | Redirect:
    """Ask whoever has just been served, or wait for them."""
    window = await catalogue.window(window_id)
    if not await _known(request, window.hall_id, DeviceKind.TABLET):
        return Redirect(PAIR)
    return await _asking(actor, f"/rate/{window_id}", window.name, await queue.last_served(window_id))


@page(blueprint, "GET", "/rate/<window_id>/now", access=access.public, limit=None)
async def now(window_id: UUID, query: NowQuery, request: Request) -> Shown | Redirect:
    """Say that nothing has changed, or have the tablet begin anew."""
    window = await catalogue.window(window_id)
    known = await _known(request, window.hall_id, DeviceKind.TABLET)
    served = await queue.last_served(window_id) if known else None
    token = await ratings.token_of_visit(served) if served else None
    return ("rate_still.html", {}) if known and (token or "") == query.token else Redirect(f"/rate/{window_id}")


@page(blueprint, "POST", "/rate/<window_id>", access=access.public, limit="rating")
async def rate(actor: Actor, window_id: UUID, form: RateForm, request: Request) -> Shown | Redirect:
    """Take it, give thanks, and begin anew."""
    window = await catalogue.window(window_id)
    if not await _known(request, window.hall_id, DeviceKind.TABLET):
        return Redirect(PAIR)
    served = await queue.last_served(window_id)
    return await _taken(actor, request, form, served, f"/rate/{window_id}", ratings.Channel.TABLET)


@page(blueprint, "GET", "/kiosk/<hall_id>/rate", access=access.public, limit="scan")
async def kiosk(actor: Actor, hall_id: UUID, query: SlipQuery, request: Request) -> Shown | Redirect:
    """Ask whoever held their slip under the kiosk's scanner."""
    if not await _known(request, hall_id, DeviceKind.KIOSK):
        return Redirect(PAIR)
    served = await queue.served_by_slip(query.slip)
    shown = await _asking(actor, f"/kiosk/{hall_id}", (await catalogue.hall(hall_id)).name, served)
    return shown[0], {**shown[1], "slip": query.slip, "deed": f"/kiosk/{hall_id}/rate", "watch": ""}


@page(blueprint, "POST", "/kiosk/<hall_id>/rate", access=access.public, limit="rating")
async def rate_at_kiosk(actor: Actor, hall_id: UUID, form: RateForm, request: Request) -> Shown | Redirect:
    """Take it at the kiosk."""
    if not await _known(request, hall_id, DeviceKind.KIOSK):
        return Redirect(PAIR)
    served = await queue.served_by_slip(form.slip)
    return await _taken(actor, request, form, served, f"/kiosk/{hall_id}", ratings.Channel.KIOSK)


async def _asking(actor: Actor, home: str, place: str, served: Served | None) -> Shown:
    token = await ratings.token_of_visit(served) if served else None
    shown = {"home": home, "deed": home, "place": place, "token": token or "", "slip": "", "watch": f"{home}/now"}
    if served is None or token is None:
        return "rate_wait.html", shown
    return "rate_ask.html", {**shown, "form": await ratings.form(actor, token), "number": served.number}


async def _taken(
    actor: Actor, request: Request, form: RateForm, served: Served | None, home: str, channel: ratings.Channel
) -> Shown | Redirect:
    if served is None:
        return Redirect(home)
    wish = ratings.RateIn(token=form.token, level=form.level, tags=form.tags)
    try:
        at_desk, from_desk = await asking.staff(request), bool(asking.cookie(request, asking.DESK_COOKIE))
        await ratings.rate_at_machine(actor, served, wish, channel, at_desk=at_desk, from_desk=from_desk)
    except AppError as refused:
        return "rate_thanks.html", {"home": home, "refused": text(actor.locale, f"errors.{refused.code}")}
    return "rate_thanks.html", {"home": home, "refused": ""}


async def _known(request: Request, hall_id: UUID, kind: DeviceKind) -> bool:
    try:
        await queue.device_of(asking.cookie(request, asking.DEVICE_COOKIE), hall_id, kind)
    except NotFound:
        return False
    return True
