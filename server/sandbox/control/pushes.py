"""What the accounts' own servers are told: where, how, what was pushed, and events on order."""

from typing import Annotated, Any, get_args

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox.control.talk import ControlError, body_of, encoded
from server.sandbox.gate import world_of
from server.sandbox.wechat.events import AccountKind, Event
from server.sandbox.wechat.pusher import Callback

__all__ = ["blueprint"]

blueprint = Blueprint("pushes", url_prefix="/_sandbox")


class EventOrder(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Any event, as often as wanted: `count` of them carry one and the same second."""

    account: AccountKind
    openid: str
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=60)]
    values: dict[str, str | int] = {}
    rows: list[dict[str, str]] = []
    inside: str = ""
    count: Annotated[int, msgspec.Meta(ge=1, le=1_000)] = 1


def _account(name: str) -> AccountKind:
    known: tuple[AccountKind, ...] = get_args(AccountKind)
    for account in known:
        if name == account:
            return account
    raise ControlError(404, "no_such_account", name[:60])


@blueprint.get("/callbacks")
async def callbacks(request: Request) -> HTTPResponse:
    return encoded(world_of(request).pusher.callbacks)


@blueprint.patch("/callbacks/<name:str>")
async def change_callback(request: Request, name: str) -> HTTPResponse:
    """Only what is given changes."""
    pusher, account = world_of(request).pusher, _account(name)
    asked = body_of(request, dict[str, Any])
    try:
        changed = msgspec.convert(msgspec.to_builtins(pusher.callbacks[account]) | asked, type=Callback)
    except msgspec.ValidationError as error:
        raise ControlError(422, "invalid_input", str(error)) from None
    pusher.configure(account, changed)
    return encoded(changed)


@blueprint.post("/callbacks/<name:str>/verify")
async def verify(request: Request, name: str) -> HTTPResponse:
    """Asks the address for the echo, as WeChat's console does before it saves one."""
    good, answer = await world_of(request).pusher.verify(_account(name))
    return encoded({"verified": good, "answer": answer})


@blueprint.get("/pushes")
async def pushes(request: Request) -> HTTPResponse:
    """Newest first."""
    return encoded(list(reversed(world_of(request).pusher.pushes)))


@blueprint.post("/events")
async def order_events(request: Request) -> HTTPResponse:
    world, order = world_of(request), body_of(request, EventOrder)
    for _number in range(order.count):
        world.pusher.emit(
            Event(
                account=order.account,
                openid=order.openid,
                name=order.name,
                at=int(world.clock.now()),
                values=order.values,
                rows=order.rows,
                inside=order.inside,
            )
        )
    return encoded({"pushed": order.count}, 201)
