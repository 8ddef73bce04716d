"""Who is it: the login code, the tokens and the phone number."""

from typing import Any

from server.sandbox.wechat.quotas import JSCODE2SESSION
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["check_app", "classic_token", "exchange_code", "phone_number", "stable_token"]


def check_app(world: World, values: dict[str, Any]) -> None:
    appid, secret = values.get("appid"), values.get("secret")
    if not appid:
        raise WeChatError(41002)
    if appid != world.settings.appid:
        raise WeChatError(40013)
    if not secret:
        raise WeChatError(41004)
    if secret != world.settings.secret:
        raise WeChatError(40125)
    if world.account.secret_frozen:
        raise WeChatError(40243)


async def exchange_code(world: World, call: Call) -> Reply:
    check_app(world, call.query)
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
    if world.quotas.spend(f"/sns/jscode2session {phone.openid}", JSCODE2SESSION):
        raise WeChatError(45011)
    world.login_codes.use(code)
    session_key = world.phones.fresh_session_key(phone, world.account.session_key_seconds)
    content = {"session_key": session_key, "openid": phone.openid, "unionid": phone.unionid}
    return as_reply(content, content_type="text/plain")


async def classic_token(world: World, call: Call) -> Reply:
    if call.query.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    _check_token_call(world, call, call.query)
    issued = world.tokens.classic()
    return as_reply({"access_token": issued.access_token, "expires_in": issued.expires_in})


async def stable_token(world: World, call: Call) -> Reply:
    if call.body.get("grant_type") != "client_credential":
        raise WeChatError(40002)
    force = call.body.get("force_refresh", False)
    if not isinstance(force, bool):
        raise WeChatError(47001)
    _check_token_call(world, call, call.body)
    issued = world.tokens.stable(force=force)
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


def _check_token_call(world: World, call: Call, values: dict[str, Any]) -> None:
    check_app(world, values)
    allowed = world.account.ip_allowlist
    if allowed and call.ip not in allowed:
        raise WeChatError(40164, f"invalid ip {call.ip} ipv6 ::ffff:{call.ip}, not in whitelist")
