"""What can be looked at and turned: the account, faults, the clock, credits, the request log, people, staff codes."""

from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox import authenticator
from server.sandbox.control.talk import ControlError, body_of, encoded, many_of
from server.sandbox.faults import Fault
from server.sandbox.gate import world_of
from server.sandbox.state import Account, AuthenticatorEntry, Person
from server.sandbox.twins import identity, sms

__all__ = ["blueprint"]

blueprint = Blueprint("knobs", url_prefix="/_sandbox")


class ClockChange(msgspec.Struct, forbid_unknown_fields=True):
    advance: Annotated[float, msgspec.Meta(ge=0, le=315_360_000)] = 0  # seconds, ten years at most


class Grant(msgspec.Struct, forbid_unknown_fields=True):
    openid: str
    template_id: str
    count: Annotated[int, msgspec.Meta(ge=-1_000_000, le=1_000_000)] = 1


class NewAuthenticator(msgspec.Struct, forbid_unknown_fields=True):
    label: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    secret: Annotated[str, msgspec.Meta(min_length=8, max_length=200)]


def _limit(request: Request) -> int:
    text = request.args.get("limit") or "100"
    if not (text.isascii() and text.isdigit() and 1 <= int(text[:6]) <= 5_000):
        raise ControlError(422, "invalid_input", "limit must be 1 to 5000")
    return int(text)


@blueprint.get("/health")
async def health(request: Request) -> HTTPResponse:
    return encoded({"status": "ok", "now": world_of(request).clock.now()})


@blueprint.get("/templates")
async def templates(request: Request) -> HTTPResponse:
    """Those of the mini-program, or with ?account=service those of the service account."""
    world = world_of(request)
    held = world.service_templates if request.args.get("account") == "service" else world.templates
    return encoded(list(held.values()))


@blueprint.get("/sms-templates")
async def sms_templates(request: Request) -> HTTPResponse:  # noqa: ARG001 - Sanic's handler signature
    return encoded(list(sms.TEMPLATES.values()))


@blueprint.get("/account")
async def account(request: Request) -> HTTPResponse:
    return encoded(msgspec.structs.asdict(world_of(request).account) | {"appid": world_of(request).settings.appid})


@blueprint.patch("/account")
async def change_account(request: Request) -> HTTPResponse:
    """Only the given knobs are turned."""
    world = world_of(request)
    asked = body_of(request, dict[str, Any])
    try:
        changed = msgspec.convert(msgspec.to_builtins(world.account) | asked, type=Account)
    except msgspec.ValidationError as error:
        raise ControlError(422, "invalid_input", str(error)) from None
    for name in asked:
        setattr(world.account, name, getattr(changed, name))
    world.unsaved = True
    return encoded(world.account)


@blueprint.get("/sms")
async def texts(request: Request) -> HTTPResponse:
    number = request.args.get("number")
    world = world_of(request)
    return encoded(world.sms_to(number) if number else world.state.sms)


@blueprint.get("/credits")
async def credits_held(request: Request) -> HTTPResponse:
    """{balances: {openid: {credits, long_term, …}}, ledger: newest first}."""
    world, openid, limit = world_of(request), request.args.get("openid"), _limit(request)
    held = {key: value for key, value in world.state.subscriptions.items() if openid in {None, key}}
    ledger = [row for row in reversed(world.state.ledger) if openid in {None, row.openid}]
    return encoded({"balances": held, "ledger": ledger[:limit]})


@blueprint.post("/credits")
async def grant_credits(request: Request) -> HTTPResponse:
    """One grant or a list."""
    world = world_of(request)
    many, listed = many_of(request, Grant)
    for grant in many:
        if world.phones.by_openid(grant.openid) is None:
            raise ControlError(404, "no_such_openid", grant.openid[:60])
        if grant.template_id not in world.templates:
            raise ControlError(404, "no_such_template", grant.template_id[:60])
    balances = [world.subscriptions.grant(grant.openid, grant.template_id, grant.count) for grant in many]
    world.changed("subscription")
    return encoded(balances if listed else {"balance": balances[0]}, 201)


@blueprint.get("/requests")
async def requests(request: Request) -> HTTPResponse:
    world = world_of(request)
    rid = request.args.get("rid")
    if rid:
        found = world.journal.find(rid)
        return encoded([found] if found else [])
    return encoded(world.journal.entries(path=request.args.get("path"), limit=_limit(request)))


@blueprint.delete("/requests")
async def forget_requests(request: Request) -> HTTPResponse:
    world_of(request).journal.clear()
    return HTTPResponse(status=204)


@blueprint.get("/faults")
async def faults(request: Request) -> HTTPResponse:
    return encoded(world_of(request).faults.waiting)


@blueprint.post("/faults")
async def order_fault(request: Request) -> HTTPResponse:
    fault = body_of(request, Fault)
    world_of(request).faults.order(fault)
    return encoded(fault, 201)


@blueprint.delete("/faults")
async def clear_faults(request: Request) -> HTTPResponse:
    world_of(request).faults.clear()
    return HTTPResponse(status=204)


@blueprint.get("/clock")
async def clock(request: Request) -> HTTPResponse:
    held = world_of(request).clock
    return encoded({"now": held.now(), "offset": held.offset})


@blueprint.post("/clock")
async def move_clock(request: Request) -> HTTPResponse:
    held = world_of(request).clock
    held.advance(body_of(request, ClockChange).advance)
    world_of(request).hub.publish("clock")
    return encoded({"now": held.now(), "offset": held.offset})


@blueprint.post("/reset")
async def reset(request: Request) -> HTTPResponse:
    world_of(request).reset()
    return encoded({"ok": True})


@blueprint.get("/quotas")
async def quotas(request: Request) -> HTTPResponse:
    return encoded(world_of(request).quotas.used())


@blueprint.post("/tokens/expire")
async def expire_tokens(request: Request) -> HTTPResponse:
    for tokens in (world_of(request).tokens, world_of(request).service_tokens):
        tokens.expire()
    return encoded({"ok": True})


@blueprint.post("/tokens/revoke")
async def revoke_tokens(request: Request) -> HTTPResponse:
    """As when somebody else has forced a refresh: the present tokens are overwritten."""
    for tokens in (world_of(request).tokens, world_of(request).service_tokens):
        tokens.revoke()
    return encoded({"ok": True})


@blueprint.get("/people")
async def people(request: Request) -> HTTPResponse:
    return encoded(world_of(request).state.people)


@blueprint.post("/people")
async def register_people(request: Request) -> HTTPResponse:
    """One person or a list, for the identity check."""
    many, listed = many_of(request, Person)
    try:
        kept = [identity.register(world_of(request), one) for one in many]
    except identity.UnlikelyNumberError:
        raise ControlError(422, "invalid_number", "the number cannot be right, or the name is empty") from None
    return encoded(kept if listed else kept[0], 201)


@blueprint.get("/authenticator")
async def staff_codes(request: Request) -> HTTPResponse:
    world = world_of(request)
    now = world.clock.wall()
    return encoded([authenticator.shown(entry.label, entry.secret, now) for entry in world.state.authenticator])


@blueprint.post("/authenticator")
async def add_staff_code(request: Request) -> HTTPResponse:
    """One {label, secret} or a list; a label that exists gets the new secret."""
    world = world_of(request)
    many, _ = many_of(request, NewAuthenticator)
    try:
        for new in many:
            authenticator.decode_secret(new.secret)
    except authenticator.InvalidSecretError:
        raise ControlError(422, "invalid_secret", "the secret must be base32") from None
    held = {entry.label: entry for entry in world.state.authenticator}
    held |= {new.label: AuthenticatorEntry(label=new.label, secret=new.secret) for new in many}
    world.state.authenticator[:] = held.values()
    world.changed("authenticator")
    return encoded({"labels": list(held)}, 201)


@blueprint.delete("/authenticator")
async def remove_staff_codes(request: Request) -> HTTPResponse:
    world = world_of(request)
    world.state.authenticator.clear()
    world.changed("authenticator")
    return HTTPResponse(status=204)
