"""The courier's own screen: every parcel, and its next step."""

from pathlib import Path
from typing import Annotated

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox.control.talk import ControlError, body_of, encoded
from server.sandbox.gate import world_of
from server.sandbox.state import Parcel, ParcelState
from server.sandbox.twins import courier

__all__ = ["blueprint"]

blueprint = Blueprint("courier")
pages = Environment(
    loader=FileSystemLoader(Path(__file__).parent.parent / "templates"), autoescape=True, undefined=StrictUndefined
)


class Step(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """`anyhow`: said though it cannot be; `forged`: signed with another key; `nonce`: one that was used before."""

    state: ParcelState
    anyhow: bool = False
    forged: bool = False
    nonce: Annotated[str, msgspec.Meta(max_length=64)] = ""


@blueprint.get("/courier")
async def screen(_request: Request) -> HTTPResponse:
    return HTTPResponse(
        pages.get_template("courier.html").render(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'"},
    )


@blueprint.get("/_sandbox/parcels")
async def parcels(request: Request) -> HTTPResponse:
    """The newest first, each with the steps it may take."""
    return encoded([_shown(one) for one in reversed(world_of(request).state.parcels)])


@blueprint.post("/_sandbox/parcels/<waybill:str>")
async def step(request: Request, waybill: str) -> HTTPResponse:
    """One step, told to whoever ordered; the answer comes back."""
    world, asked = world_of(request), body_of(request, Step)
    parcel = next((one for one in world.state.parcels if one.waybill == waybill), None)
    if parcel is None:
        raise ControlError(404, "no_such_parcel", waybill[:40])
    try:
        courier.move(world, parcel, asked.state, anyhow=asked.anyhow)
    except courier.CourierError as error:
        raise ControlError(error.status, error.code, parcel.state) from None
    told = await courier.tell(world, parcel, parcel.events[-1], forged=asked.forged, nonce=asked.nonce)
    return encoded({"parcel": _shown(parcel), "told": told})


def _shown(parcel: Parcel) -> object:
    return msgspec.to_builtins(parcel) | {"next": courier.WAYS.get(parcel.state, ())}
