"""The hall's machines: kiosks and screens let in and shut out, the poster for the wall, giving numbers at all."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.drawing import inline
from server.console.frame import FRONT, chosen_hall, frame
from server.features.queue import service as queue
from server.features.queue.service import DeviceKind
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_devices", url_prefix="/console/queue/devices")
DESK = access.staff(*FRONT)
HERE = "/console/queue/devices"


class HallQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall."""

    hall: UUID | None = None


class HallForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The hall to come back to."""

    hall: UUID


class AddForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Another machine."""

    hall: UUID
    kind: DeviceKind
    name: Annotated[str, Meta(min_length=1, max_length=40)]


class TakingForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether the hall gives numbers to those who have not booked."""

    hall: UUID
    taking: Annotated[str, Meta(pattern="^[01]$")] = "0"


@page(blueprint, "GET", "", access=DESK)
async def devices(actor: Staff, query: HallQuery, settings: Settings) -> Shown:
    """List the machines of a hall."""
    return "devices.html", await _screen(actor, query.hall, settings)


@page(blueprint, "POST", "", access=DESK)
async def add(actor: Staff, form: AddForm, settings: Settings) -> Shown:
    """Let another machine in: its code is shown once."""
    _, code = await queue.add_device(actor, form.hall, form.kind, form.name)
    return "devices.html", await _screen(actor, form.hall, settings, code=code)


@page(blueprint, "POST", "/<device_id>/pair", access=DESK)
async def pair_again(actor: Staff, device_id: UUID, form: HallForm, settings: Settings) -> Shown:
    """Give a machine that has forgotten a new code."""
    code = await queue.pair_again(actor, device_id)
    return "devices.html", await _screen(actor, form.hall, settings, code=code)


@page(blueprint, "POST", "/<device_id>/revoke", access=DESK)
async def revoke(actor: Staff, device_id: UUID, form: HallForm) -> Redirect:
    """Shut a machine out."""
    await queue.revoke_device(actor, device_id)
    return Redirect(url(HERE, hall=form.hall))


@page(blueprint, "POST", "/taking", access=DESK)
async def taking(actor: Staff, form: TakingForm) -> Redirect:
    """Stop or go on giving numbers to those who have not booked."""
    await queue.take_numbers(actor, form.hall, taking=form.taking == "1")
    return Redirect(url(HERE, hall=form.hall))


@page(blueprint, "GET", "/poster", access=DESK)
async def poster(actor: Staff, query: HallQuery, settings: Settings) -> Shown:
    """Show what hangs on the wall, ready to be printed."""
    hall, _ = await chosen_hall(actor, query.hall)
    token = await queue.hall_token(hall.id)
    return "poster.html", frame(
        actor,
        "queue",
        hall=hall,
        at_door=(await queue.policy_of(hall.id)).at_door,
        qr=inline(f"{settings.public_url}/q/{token}"),
    )


async def _screen(actor: Staff, asked: UUID | None, settings: Settings, code: str = "") -> dict[str, object]:
    hall, halls = await chosen_hall(actor, asked)
    policy = await queue.policy_of(hall.id)
    return frame(
        actor,
        "queue",
        hall=hall,
        halls=halls,
        rows=await queue.devices_of(actor, hall.id),
        kinds=list(DeviceKind),
        taking=policy.taking,
        address=f"{settings.public_url}/kiosk",
        code=code,
        manages=actor.has(Role.HALL_MANAGER),
    )
