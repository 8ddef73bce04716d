"""Who is it: the login code, the tokens and the phone number."""

from typing import Any

from server.sandbox.wechat.events import AccountKind
from server.sandbox.wechat.quotas import JSCODE2SESSION
from server.sandbox.wechat.tokens import Tokens
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["check_app", "check_token", "classic_token", "exchange_code", "phone_number", "stable_token"]


def check_app(world: World, values: dict[str, Any]) -> AccountKind:
    appid, secret = values.get("appid"), values.get("secret")
    if not appid:
        raise WeChatError(41002)
    if appid not in {world.settings.appid, world.settings.service_appid}:
        raise WeChatError(40013)
    if not secret:
        raise WeChatError(41004)
    account: AccountKind = "program" if appid == world.settings.appid else "service"
    if secret != (world.settings.secret if account == "program" else world.settings.service_secret):
        raise WeChatError(40125)
    if world.account.secret_frozen:
        raise WeChatError(40243)
    return account


def check_token(world: World, value: str | None, account: AccountKind | None) -> None:
    """Each account has its own token: the other's is no right to call, except where none is named."""
    own, other = _tokens(world, account or "program"), _tokens(world, "program" if account == "service" else "service")
    if value and other.knows(value):
        if account is not None:
            raise WeChatError(48001)
        own = other
    own.check(value)


async def exchange_code(world: World, call: Call) -> Reply:
    if check_app(world, call.query) != "program":
        raise WeChatError(40013)
    code = call.query.get("js_code")
    if not code:
        raise WeChatError(41008)
    if call.query.get("grant_type") != "authorization_code":
        raise WeChatError(40002)
    state = world.login_codes.look(code)
    if state.refused is not None:
        raise WeChatError(40163 if state.refused == "used" else 40029)
    phone = world.phones.get(state.payload or "")
    if phone is None:
        raise WeChatError(40029)
    if phone.openid in world.account.blocked_openids:
        raise WeChatError(40226)
    if world.quotas.spend(f"/sns/jscode2session {phone.openid}", JSCODE2SESSION):
        raise WeChatError(45011)
    world.login_codes.use(code)
    phone.visited_at = world.clock.now()
    session_key = world.phones.fresh_session_key(phone, world.account.session_key_seconds)
    content = {"session_key": session_key, "openid": phone.openid, "unionid": phone.unionid}
    return as_reply(content, content_type="text/plain")


async def classic_token(world: World, call: Call) -> Reply:
    if call.query.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    account = _check_token_call(world, call, call.query)
    issued = _tokens(world, account).classic()
    return as_reply({"access_token": issued.access_token, "expires_in": issued.expires_in})


async def stable_token(world: World, call: Call) -> Reply:
    if call.body.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    force = call.body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise WeChatError(47001)
    account = _check_token_call(world, call, call.body)
    issued = _tokens(world, account).stable(force=force)
    return as_reply({"access_token": issued.access_token, "expires_in": issued.expires_in})


async def phone_number(world: World, call: Call) -> Reply:
    code, openid = call.body.get("code"), call.body.get("openid")
    if not isinstance(code, str) or not code:
        raise WeChatError(40029)
    state = world.phone_codes.look(code)
    if state.refused is not None or state.payload is None:
        raise WeChatError(40029)
    if openid is not None and openid != state.payload.openid:
        # WeChat's page names no code for this mismatch.
        raise WeChatError(40003)
    world.phone_codes.use(code)
    number = state.payload.number
    info = {
        "phoneNumber": number,
        "purePhoneNumber": number,
        "countryCode": "86",
        "watermark": {"timestamp": int(world.clock.now()), "appid": world.settings.appid},
    }
    return as_reply({"errcode": 0, "errmsg": "ok", "phone_info": info})


def _tokens(world: World, account: AccountKind) -> Tokens:
    return world.tokens if account == "program" else world.service_tokens


def _check_token_call(world: World, call: Call, values: dict[str, Any]) -> AccountKind:
    account = check_app(world, values)
    allowed = world.account.ip_allowlist
    if allowed and call.ip not in allowed:
        raise WeChatError(40164, f"invalid ip {call.ip} ipv6 ::ffff:{call.ip}, not in whitelist")
    return account
