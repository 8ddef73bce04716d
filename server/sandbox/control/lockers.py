"""A bank as it stands in the hall: doors, and a keypad."""

from typing import Annotated, Literal

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox.control.courier import pages
from server.sandbox.control.talk import ControlError, body_of, encoded
from server.sandbox.gate import world_of
from server.sandbox.state import Cell
from server.sandbox.twins import lockers

__all__ = ["blueprint"]

blueprint = Blueprint("lockers")
MOST_CELLS = 200


class Press(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A code was typed, an open cell was emptied and shut, a door does not open. `nonce`: one that was used before."""

    event: Literal["code", "taken", "fault"]
    code: Annotated[str, msgspec.Meta(max_length=20)] = ""
    cell: Annotated[int, msgspec.Meta(ge=0, le=9999)] = 0
    nonce: Annotated[str, msgspec.Meta(max_length=64)] = ""
    forged: bool = False


class Bank(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A bank with so many doors."""

    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9_]{1,60}$")]
    cells: Annotated[int, msgspec.Meta(ge=1, le=MOST_CELLS)]


@blueprint.get("/lockers")
async def screen(_request: Request) -> HTTPResponse:
    return HTTPResponse(
        pages.get_template("lockers.html").render(),
        content_type="text/html; charset=utf-8",
        headers={"Content-Security-Policy": "default-src 'self'; base-uri 'none'; form-action 'none'"},
    )


@blueprint.get("/_sandbox/lockers")
async def banks(request: Request) -> HTTPResponse:
    """{bank: {number: {open, jammed}}}."""
    return encoded(world_of(request).state.lockers)


@blueprint.post("/_sandbox/lockers")
async def build(request: Request) -> HTTPResponse:
    """Put a bank up, or give it more doors."""
    world, asked = world_of(request), body_of(request, Bank)
    doors = world.state.lockers.setdefault(asked.key, {})
    for number in range(1, asked.cells + 1):
        doors.setdefault(str(number), Cell())
    world.changed("locker")
    return encoded(doors, 201)


@blueprint.post("/_sandbox/lockers/<key:str>")
async def press(request: Request, key: str) -> HTTPResponse:
    """One thing happens at the terminal; what our owner's server answered comes back."""
    world, asked = world_of(request), body_of(request, Press)
    doors = world.state.lockers.get(key)
    if doors is None:
        raise ControlError(404, "no_such_bank", key[:60])
    if asked.event == "taken" and not (str(asked.cell) in doors and doors[str(asked.cell)].open):
        raise ControlError(409, "shut", str(asked.cell))
    answer = await lockers.say(
        world, key, asked.event, code=asked.code, cell=asked.cell, nonce=asked.nonce, forged=asked.forged
    )  # fmt: skip
    if asked.event == "taken":
        # Put in by the window or taken by somebody: the door is shut.
        doors[str(asked.cell)].open = False
        world.changed("locker")
    return encoded(answer)
