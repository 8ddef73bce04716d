"""Links into the mini-program: they last as long as was asked, and lead to a phone of this sandbox."""

import secrets

from server.sandbox.state import Link
from server.sandbox.wechat.sending import page_is_released
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["link_target", "query_link", "scheme", "url_link"]

LONGEST = 30 * 86_400
SHORTEST = 60


async def url_link(world: World, call: Call) -> Reply:
    body = call.body
    ticket = _keep(world, body, _expiry(world, body))
    return as_reply({"errcode": 0, "errmsg": "ok", "url_link": f"{world.settings.public_url}/l/{ticket}"})


async def scheme(world: World, call: Call) -> Reply:
    body, jump = call.body, call.body.get("jump_wxa")
    lasting = not body.get("is_expire", False)
    ticket = _keep(world, jump if isinstance(jump, dict) else {}, None if lasting else _expiry(world, body))
    return as_reply({"errcode": 0, "errmsg": "ok", "openlink": f"weixin://dl/business/?t={ticket}"})


async def query_link(world: World, call: Call) -> Reply:
    given = call.body.get("url_link")
    ticket = given.rpartition("/")[2].partition("?")[0] if isinstance(given, str) else ""
    link = world.links.get(ticket)
    if link is None:
        raise WeChatError(85_403)
    return as_reply(
        {
            "errcode": 0,
            "errmsg": "ok",
            "url_link_info": {
                "appid": world.settings.appid,
                "path": link.page,
                "expire_time": int(link.expires_at or 0),
            },
        }
    )


def link_target(world: World, text: str) -> str | None:
    """The page a link opens; None when it is none of ours, unknown or over."""
    prefix = f"{world.settings.public_url}/l/"
    link = world.links.get(text.removeprefix(prefix).partition("?")[0]) if text.startswith(prefix) else None
    over = link is None or (link.expires_at is not None and link.expires_at <= world.clock.now())
    return None if link is None or over else link.page


def _keep(world: World, asked: dict[str, object], expires_at: float | None) -> str:
    path, query = asked.get("path") or world.account.home_page, asked.get("query") or ""
    if not isinstance(path, str) or not isinstance(query, str):
        raise WeChatError(47001)
    if len(query) > 1_024:
        raise WeChatError(40_212)
    if not page_is_released(world, path.lstrip("/")):
        raise WeChatError(40_165)
    ticket = secrets.token_urlsafe(9)
    world.links[ticket] = Link(f"{path.lstrip('/')}?{query}".rstrip("?"), expires_at)
    return ticket


def _expiry(world: World, body: dict[str, object]) -> float:
    now = world.clock.now()
    days, moment = body.get("expire_interval"), body.get("expire_time")
    if body.get("expire_type") == 1:
        at = now + days * 86_400 if isinstance(days, int) else now
    else:
        at = float(moment) if isinstance(moment, int) else now + LONGEST
    if not SHORTEST <= at - now <= LONGEST:
        raise WeChatError(85_401)
    return at
