"""What an account's owner asks about its own use: quotas, requests by their rid, and where WeChat itself is."""

from collections.abc import Awaitable, Callable

from server.sandbox.quotas import Quota
from server.sandbox.wechat.login import check_app
from server.sandbox.wechat.quotas import QUOTAS
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = [
    "addresses",
    "clear_quota",
    "clear_quota_by_secret",
    "clear_quota_of",
    "found_request",
    "quota_of",
    "withdrawn",
]

CLEAR_A_MONTH = 10
CLEAR_ONE_A_MONTH = 50


async def quota_of(world: World, call: Call) -> Reply:
    path = call.body.get("cgi_path")
    quota = QUOTAS.get(path) if isinstance(path, str) else None
    if quota is None or not isinstance(path, str):
        raise WeChatError(76_021)
    used = world.quotas.used().get(path, {}).get("day", 0)
    limit = quota.per_day or 0
    return as_reply(
        {
            "errcode": 0,
            "errmsg": "ok",
            "quota": {"daily_limit": limit, "used": used, "remain": max(0, limit - used)},
            "rate_limit": {"call_count": quota.per_minute or 0, "refresh_second": 60},
        }
    )


async def clear_quota(world: World, call: Call) -> Reply:
    if call.body.get("appid") not in {world.settings.appid, world.settings.service_appid}:
        raise WeChatError(40013)
    _spend_month(world, "clear_quota", CLEAR_A_MONTH)
    for path in QUOTAS:
        world.quotas.clear(path)
    return as_reply({"errcode": 0, "errmsg": "ok"})


async def clear_quota_by_secret(world: World, call: Call) -> Reply:
    """Needs no token: the calls for one may be what is used up."""
    check_app(world, {"appid": call.body.get("appid"), "secret": call.body.get("appsecret")})
    return await clear_quota(world, call)


async def clear_quota_of(world: World, call: Call) -> Reply:
    path = call.body.get("cgi_path")
    if not isinstance(path, str) or path not in QUOTAS:
        raise WeChatError(76_021)
    _spend_month(world, "clear_quota_of", CLEAR_ONE_A_MONTH)
    world.quotas.clear(path)
    return as_reply({"errcode": 0, "errmsg": "ok"})


async def found_request(world: World, call: Call) -> Reply:
    rid = call.body.get("rid")
    entry = world.journal.find(rid) if isinstance(rid, str) else None
    if entry is None or entry.path.startswith("/sns/"):
        raise WeChatError(76_001)
    return as_reply(
        {
            "errcode": 0,
            "errmsg": "ok",
            "request": {
                "invoke_time": int(entry.at),
                "cost_in_ms": int(entry.took_ms),
                "request_url": "&".join(f"{name}={value}" for name, value in entry.query.items()),
                "request_body": str(entry.body),
                "response_body": str(entry.reply),
                "client_ip": "127.0.0.1",
            },
        }
    )


async def addresses(world: World, call: Call) -> Reply:  # noqa: ARG001 - every API has this shape
    return as_reply({"ip_list": ["127.0.0.1"]})


def withdrawn(errcode: int) -> Callable[[World, Call], Awaitable[Reply]]:
    """An API that WeChat has ended; it still answers, with this code."""

    async def answer(world: World, call: Call) -> Reply:  # noqa: ARG001 - as above
        raise WeChatError(errcode)

    return answer


def _spend_month(world: World, name: str, most: int) -> None:
    month = f"{name} {int((world.clock.now() + 28_800) // (30 * 86_400))}"
    if world.quotas.spend(month, Quota(per_day=most)) is not None:
        raise WeChatError(48_006)
