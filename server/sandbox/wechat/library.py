"""The mini-program's templates: the public library of its category, what it has taken from there and gives up."""

import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs

import msgspec

from server.sandbox.wechat.templates import TYPE_NUMBER, Template, read_templates
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["add", "categories", "keywords", "remove", "taken", "titles"]

CATEGORY = 2_616  # 政务民生
MOST_TAKEN = 50
LIBRARY = {template.tid: template for template in read_templates().values()}


async def categories(world: World, call: Call) -> Reply:  # noqa: ARG001 - every API has this shape
    return _good([{"id": CATEGORY, "name": "政务民生"}])


async def titles(world: World, call: Call) -> Reply:  # noqa: ARG001 - as above
    ids = call.query.get("ids", "")
    start, limit = _number(call, "start", 200_017), _number(call, "limit", 200_018)
    if not ids:
        raise WeChatError(200_016)
    if not 1 <= limit <= 30:
        raise WeChatError(200_018)
    rows = [
        {"tid": one.tid, "title": one.title, "type": TYPE_NUMBER[one.kind], "categoryId": str(CATEGORY)}
        for one in LIBRARY.values()
        if str(CATEGORY) in ids.split(",")
    ]
    return as_reply({"errcode": 0, "errmsg": "ok", "count": len(rows), "data": rows[start : start + limit]})


async def keywords(world: World, call: Call) -> Reply:  # noqa: ARG001 - as above
    template = LIBRARY.get(_number(call, "tid", 200_014))
    if template is None:
        raise WeChatError(200_014)
    rows = [
        {"kid": number, "name": field.label, "example": field.example, "rule": field.key.rstrip("0123456789")}
        for number, field in enumerate(template.fields, 1)
    ]
    return as_reply({"errcode": 0, "errmsg": "ok", "count": len(rows), "data": rows})


async def taken(world: World, call: Call) -> Reply:  # noqa: ARG001 - as above
    return _good([row.official() for row in world.templates.values()])


async def add(world: World, call: Call) -> Reply:
    """The same template with the same fields is not taken twice: 200022 names the one there is."""
    body = _form(call)
    template = LIBRARY.get(_as_number(body.get("tid"), 200_014))
    if template is None:
        raise WeChatError(200_014)
    kids = [_as_number(kid, 200_020) for kid in body.get("kidList") or []]
    known = all(1 <= kid <= len(template.fields) for kid in kids)
    if not known or not 2 <= len(kids) <= 5 or len(set(kids)) != len(kids):
        raise WeChatError(200_020)
    if len(str(body.get("sceneDesc") or "")) > 15:
        raise WeChatError(200_021)
    if len(world.templates) >= MOST_TAKEN:
        raise WeChatError(200_012)
    chosen = [template.fields[kid - 1] for kid in kids]
    for held in world.templates.values():
        if held.tid == template.tid and [field.label for field in held.fields] == [field.label for field in chosen]:
            raise WeChatError(200_022)
    made = msgspec.structs.replace(template, id=_made_up_id(world, template, kids), fields=chosen)
    world.templates[made.id] = made
    return as_reply({"errcode": 0, "errmsg": "ok", "priTmplId": made.id})


async def remove(world: World, call: Call) -> Reply:
    found = _form(call).get("priTmplId")
    if not isinstance(found, str) or world.templates.pop(found, None) is None:
        raise WeChatError(200_014)
    return as_reply({"errcode": 0, "errmsg": "ok"})


def _good(data: list[dict[str, object]]) -> Reply:
    return as_reply({"errcode": 0, "errmsg": "ok", "data": data})


def _form(call: Call) -> dict[str, Any]:
    """The older page wants a form, the newer one JSON: both are taken."""
    if call.raw.lstrip().startswith(b"{"):
        return call.body
    given = parse_qs(call.raw.decode("utf-8", "replace"))
    return {name: values if name == "kidList" else values[0] for name, values in given.items()}


def _number(call: Call, name: str, errcode: int) -> int:
    return _as_number(call.query.get(name), errcode)


def _as_number(value: object, errcode: int) -> int:
    text = str(value) if isinstance(value, int | str) else ""
    if not text.isascii() or not text.isdigit() or len(text) > 9:
        raise WeChatError(errcode)
    return int(text)


def _made_up_id(world: World, template: Template, kids: list[int]) -> str:
    digest = hashlib.sha256(f"{world.settings.appid}/{template.tid}/{kids}".encode()).digest()
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")
