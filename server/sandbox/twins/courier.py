"""A courier: takes orders by their senders' own numbers, moves parcels along, and tells whoever ordered, signed."""

import asyncio
import re
import secrets
from datetime import UTC, datetime
from typing import Annotated, Any

import aiohttp
import msgspec

from server.sandbox.state import Parcel, ParcelEvent, ParcelState, Told
from server.sandbox.twins import signing
from server.sandbox.world import World

__all__ = ["PATH", "WAYS", "CourierError", "call", "move", "tell"]

PATH = "/twins/courier"
TRIES = 3
ORDER = re.compile(r"/orders/([A-Za-z0-9_-]{1,64})(/cancel)?")
# Where a parcel may go next; the courier's own page offers nothing else.
WAYS: dict[str, tuple[ParcelState, ...]] = {
    "ordered": ("picked_up",),
    "picked_up": ("in_transit", "lost"),
    "in_transit": ("out_for_delivery", "returned", "lost"),
    "out_for_delivery": ("signed", "returned", "lost"),
}
PLACES: dict[str, str] = {
    "picked_up": "颍上县城营业部",
    "in_transit": "阜阳处理中心",
    "out_for_delivery": "派送网点",
    "signed": "",
    "returned": "寄件网点",
    "lost": "",
}
# Nobody is fetched from or brought to there.
UNSERVED = "无人区"


class CourierError(Exception):
    """A refusal in the courier's words: {"code"} with a 4xx status."""

    def __init__(self, status: int, code: str) -> None:
        self.status = status
        self.code = code
        super().__init__(code)


class End(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    phone: Annotated[str, msgspec.Meta(min_length=5, max_length=20)]
    address: Annotated[str, msgspec.Meta(min_length=5, max_length=200)]


class Order(msgspec.Struct, kw_only=True, forbid_unknown_fields=True, rename={"sender": "from"}):
    order: Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{8,64}$")]
    sender: End
    to: End


def call(world: World, method: str, path: str, headers: dict[str, str], body: bytes) -> dict[str, Any]:
    """The JSON of the answer. Raises CourierError. `headers` by lower-case name, `path` without the twin's own."""
    _verify(world, method, path, headers, body)
    if (method, path) == ("POST", "/orders"):
        return _create(world, body)
    found = ORDER.fullmatch(path)
    parcel = next((one for one in world.state.parcels if found and one.order == found[1]), None)
    if found is None or parcel is None:
        raise CourierError(404, "unknown_order")
    if (method, bool(found[2])) == ("POST", True):
        return _cancel(world, parcel)
    if (method, bool(found[2])) == ("GET", False):
        return _shown(parcel)
    raise CourierError(405, "wrong_method")


def move(world: World, parcel: Parcel, state: ParcelState, *, anyhow: bool = False) -> None:
    """The parcel goes one step; `anyhow` one it cannot go, as a scanner held the wrong way round would say."""
    if not anyhow and state not in WAYS.get(parcel.state, ()):
        raise CourierError(409, "wrong_state")
    if not anyhow:
        parcel.state = state
    event = ParcelEvent(state=state, at=_now(world), place=PLACES[state])
    parcel.events.append(event)
    world.changed("parcel")


async def tell(world: World, parcel: Parcel, event: ParcelEvent, *, forged: bool = False, nonce: str = "") -> Told:
    """Tell whoever ordered, a few times if nobody answers; what was answered is kept beside the parcel."""
    body = msgspec.json.encode(
        {"order": parcel.order, "waybill": parcel.waybill, "state": event.state, "at": event.at, "place": event.place}
    )
    told = Told(state=event.state, at=_now(world), status=None, answer="")
    for number in range(TRIES if world.settings.courier_callback_url else 0):
        if number:
            await asyncio.sleep(0.2 * number)
        headers = signing.signed(world.settings.courier_secret, world.clock.now(), body, nonce=nonce, forged=forged)
        try:
            async with (
                aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=5)) as session,
                session.post(world.settings.courier_callback_url, data=body, headers=headers) as reply,
            ):
                told.status, told.answer = reply.status, (await reply.text("utf-8", "replace"))[:200]
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            told.answer = type(error).__name__
        if told.status is not None and told.status < 500:
            break
    parcel.told.append(told)
    world.changed("parcel")
    return told


def _create(world: World, body: bytes) -> dict[str, Any]:
    try:
        order = msgspec.json.decode(body, type=Order)
    except (msgspec.DecodeError, RecursionError):
        raise CourierError(400, "invalid_order") from None
    known = next((one for one in world.state.parcels if one.order == order.order), None)
    sender, to = msgspec.to_builtins(order.sender), msgspec.to_builtins(order.to)
    if known is not None:
        if (known.sender, known.to) != (sender, to):
            raise CourierError(409, "order_differs")
        return _shown(known)
    if UNSERVED in order.to.address:
        raise CourierError(422, "address_unserved")
    number = 1_000_000_000 + len(world.state.parcels) * 7_919 + secrets.randbelow(7_919)
    kept = Parcel(order=order.order, waybill=f"YZ{number}CN", sender=sender, to=to, at=_now(world))
    world.state.parcels.append(kept)
    world.changed("parcel")
    return _shown(kept)


def _cancel(world: World, parcel: Parcel) -> dict[str, Any]:
    if parcel.state not in ("ordered", "cancelled"):
        raise CourierError(409, "picked_up")
    parcel.state = "cancelled"
    world.changed("parcel")
    return _shown(parcel)


def _shown(parcel: Parcel) -> dict[str, Any]:
    return {"waybill": parcel.waybill, "state": parcel.state, "events": msgspec.to_builtins(parcel.events)}


def _now(world: World) -> str:
    return datetime.fromtimestamp(world.clock.now(), UTC).isoformat(timespec="seconds")


def _verify(world: World, method: str, path: str, headers: dict[str, str], body: bytes) -> None:
    if headers.get("x-client") != world.settings.courier_client:
        raise CourierError(401, "unknown_client")
    try:
        signing.check(world.settings.courier_secret, world.clock.now(), f"{method}\n{path}", headers, body)
    except signing.StrangerError as error:
        raise CourierError(401, str(error)) from None
