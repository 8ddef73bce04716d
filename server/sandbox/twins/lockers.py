"""Locker banks: doors that open on a signed command or a typed code, and terminals that ask whose code it is."""

from typing import Annotated, Any, Literal

import aiohttp
import msgspec

from server.sandbox.state import Cell
from server.sandbox.twins import signing
from server.sandbox.world import World

__all__ = ["PATH", "LockerError", "open_cell", "say"]

PATH = "/twins/lockers"


class LockerError(Exception):
    """A refusal in the lockers' words: {"code"} with a 4xx status."""

    def __init__(self, status: int, code: str) -> None:
        self.status = status
        self.code = code
        super().__init__(code)


class Command(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    bank: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    cell: Annotated[int, msgspec.Meta(ge=1, le=9999)]


class Answer(msgspec.Struct):
    """What our owner's server said: the cell to open, or why none does."""

    status: int | None
    cell: int | None = None
    text: str = ""


def open_cell(world: World, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The window opens a door from afar. Raises LockerError."""
    try:
        signing.check(world.settings.locker_secret, world.clock.now(), f"POST\n{path}", headers, body)
        asked = msgspec.json.decode(body, type=Command)
    except signing.StrangerError as error:
        raise LockerError(401, str(error)) from None
    except (msgspec.DecodeError, RecursionError):
        raise LockerError(400, "invalid_command") from None
    cell = _cell(world, asked.bank, asked.cell)
    if cell.jammed:
        raise LockerError(409, "jammed")
    cell.open = True
    world.changed("locker")
    return {"open": True}


async def say(
    world: World,
    bank: str,
    event: Literal["code", "taken", "fault"],
    *,
    code: str = "",
    cell: int = 0,
    nonce: str = "",
    forged: bool = False,
) -> Answer:
    """One thing happens at a terminal; doors follow what is answered."""
    body = msgspec.json.encode({"bank": bank, "event": event, "code": code, "cell": cell})
    headers = signing.signed(world.settings.locker_secret, world.clock.now(), body, nonce=nonce, forged=forged)
    try:
        async with (
            aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
            session.post(world.settings.locker_callback_url, data=body, headers=headers) as reply,
        ):
            said = msgspec.json.decode(await reply.read(), type=dict[str, Any])
            answer = Answer(reply.status, said.get("cell"), str(said.get("title") or said.get("detail") or ""))
            answer.text = answer.text or str(said.get("code", ""))
    except (aiohttp.ClientError, TimeoutError, OSError, msgspec.DecodeError) as error:
        return Answer(None, text=type(error).__name__)
    if answer.status == 200 and answer.cell is not None:
        door = _cell(world, bank, answer.cell)
        door.open = event == "code" and not door.jammed
        door.jammed = door.jammed or event == "fault"
        world.changed("locker")
    return answer


def _cell(world: World, bank: str, number: int) -> Cell:
    doors = world.state.lockers.setdefault(bank, {})
    return doors.setdefault(str(number), Cell())
