"""The kiosk in the hall: big buttons, a scanner, a printer, nobody's name. A code from the desk lets it in, once."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint, Request

from server.actor import Actor
from server.config import Settings
from server.console.drawing import inline
from server.errors import AppError, NotFound
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind
from server.kit.spoken import spoken, told
from server.kit.texts import text
from server.web import Redirect, access, asking
from server.web.html import url
from server.web.pages import LetIn, Shown, page

blueprint = Blueprint("console_kiosk", url_prefix="/kiosk")
LISTED = 8
PAIR = "/kiosk"

Skill = Annotated[str, Meta(max_length=40)]


class PairQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """A code that is filled in already, for whoever sets the machine up from the desk."""

    code: Annotated[str, Meta(max_length=20)] = ""


class PairForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The code from the desk."""

    code: Annotated[str, Meta(max_length=20)] = ""


class KindQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which kind of business."""

    skill: Skill = ""


class SlipQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose slip."""

    code: Annotated[str, Meta(max_length=64)] = ""


class ScanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the scanner read, and whether the green channel was wished."""

    token: Annotated[str, Meta(max_length=300)] = ""
    green: queue.Green | None = None


class NumberForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What for, and whether the green channel was wished."""

    skill: Skill = ""
    item: UUID | None = None
    green: queue.Green | None = None


@page(blueprint, "GET", "", access=access.public)
async def pairing(query: PairQuery) -> Shown:
    """Ask for the code from the desk. Looking uses nothing up."""
    return "pair.html", {"code": query.code, "refused": ""}


@page(blueprint, "POST", "", access=access.public, limit="login")
async def pair(actor: Actor, form: PairForm) -> Shown | LetIn:
    """Let the machine in; from here on its cookie is what it has, and no key stands in any address."""
    try:
        paired = await queue.pair(form.code)
    except NotFound as refused:
        return "pair.html", {"code": "", "refused": text(actor.locale, f"errors.{refused.code}")}
    if paired.kind is DeviceKind.TABLET:
        return LetIn(paired.session, "/rate", url("/rate", hall=paired.hall_id))
    place = f"/{paired.kind.value}"
    return LetIn(paired.session, place, f"{place}/{paired.hall_id}")


@page(blueprint, "GET", "/<hall_id>", access=access.public, limit=None)
async def home(actor: Actor, hall_id: UUID, request: Request, settings: Settings) -> Shown | Redirect:
    """Ask what somebody has come for."""
    if await _device(request, hall_id) is None:
        return Redirect(PAIR)
    return await _home(actor, hall_id, settings)


async def _home(actor: Actor, hall_id: UUID, settings: Settings, refused: AppError | None = None) -> Shown:
    token = await queue.door_code(hall_id)
    return "kiosk.html", {
        "seen": await queue.arrival(actor, token),
        "hall": hall_id,
        "greens": list(queue.Green),
        "refused": told(actor.locale, f"errors.{refused.code}", refused.params) if refused else "",
        "qr": inline(f"{settings.public_url}/q/{token}"),
    }


@page(blueprint, "GET", "/<hall_id>/kind", access=access.public, limit=None)
async def kind(actor: Actor, hall_id: UUID, query: KindQuery, request: Request) -> Shown | Redirect:
    """Ask which item, if the person knows, and whether they should go first."""
    if await _device(request, hall_id) is None:
        return Redirect(PAIR)
    seen = await queue.arrival(actor, await queue.door_code(hall_id))
    return "kiosk_kind.html", {
        "seen": seen,
        "hall": hall_id,
        "kind": next((one for one in seen.kinds if one.skill == query.skill), None),
        "items": [one for one in seen.items if one.skill == query.skill][:LISTED],
        "greens": list(queue.Green),
    }


@page(blueprint, "POST", "/<hall_id>/number", access=access.public, limit="scan")
async def number(
    actor: Actor, hall_id: UUID, form: NumberForm, request: Request, settings: Settings
) -> Shown | Redirect:
    """Give a number."""
    device_id = await _device(request, hall_id)
    if device_id is None:
        return Redirect(PAIR)
    try:
        ticket = await queue.walk_in_at_kiosk(actor, hall_id, form.skill, form.item, form.green, device_id=device_id)
    except AppError as refused:
        return await _home(actor, hall_id, settings, refused)
    return _slip(hall_id, ticket)


@page(blueprint, "POST", "/<hall_id>/scan", access=access.public, limit="scan")
async def scan(actor: Actor, hall_id: UUID, form: ScanForm, request: Request, settings: Settings) -> Shown | Redirect:
    """Check in by the booking's QR."""
    if await _device(request, hall_id) is None:
        return Redirect(PAIR)
    token = form.token.strip().rsplit("/", 1)[-1]
    if await queue.is_served(token):
        return Redirect(url(f"/kiosk/{hall_id}/rate", slip=token))
    try:
        ticket = await queue.check_in_at_kiosk(actor, hall_id, token, form.green)
    except AppError as refused:
        return await _home(actor, hall_id, settings, refused)
    return _slip(hall_id, ticket)


@page(blueprint, "GET", "/<hall_id>/slip", access=access.public, limit=None)
async def slip(actor: Actor, hall_id: UUID, query: SlipQuery, request: Request, settings: Settings) -> Shown | Redirect:
    """Show the number and print it."""
    if await _device(request, hall_id) is None:
        return Redirect(PAIR)
    ticket = await queue.watch_by_code(actor, query.code, 0, 0)
    return "kiosk_slip.html", {
        "ticket": ticket,
        "hall": hall_id,
        "when": lambda moment: spoken(actor.locale, moment),
        "qr": inline(f"{settings.public_url}/q/{query.code}"),
    }


async def _device(request: Request, hall_id: UUID) -> UUID | None:
    """Know the kiosk by its cookie; None sends it to where it is let in."""
    try:
        return await queue.device_of(asking.cookie(request, asking.DEVICE_COOKIE), hall_id, DeviceKind.KIOSK)
    except NotFound:
        return None


def _slip(hall_id: UUID, ticket: queue.TicketOut) -> Redirect:
    return Redirect(url(f"/kiosk/{hall_id}/slip", code=ticket.code))
