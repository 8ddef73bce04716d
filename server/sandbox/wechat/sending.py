"""subscribe/send: the checks in WeChat's order, one credit, and a card in the person's chat."""

import asyncio
import re
from typing import Any

from server.sandbox.state import Message, MessageField, Phone
from server.sandbox.wechat import events, fields
from server.sandbox.wechat.templates import Template
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["checked_values", "page_is_released", "send_subscribe_message", "text_of"]

PAGE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_./-]*(?:\?[^\s#]*)?")
CORE_LENGTH = 48  # WeChat cuts the words of 47003 here
STATES = {"developer", "trial", "formal"}
LANGUAGES = {"zh_CN", "en_US", "zh_HK", "zh_TW"}


async def send_subscribe_message(world: World, call: Call) -> Reply:
    phone = world.phones.by_openid(text_of(call.body, "touser"))
    if phone is None:
        raise WeChatError(40003)
    if phone.openid in world.sending:
        raise WeChatError(43108)
    world.sending.add(phone.openid)
    try:
        if world.account.send_latency > 0:
            await asyncio.sleep(world.account.send_latency)
        message = _deliver(world, phone, call.body)
    finally:
        world.sending.discard(phone.openid)
    content: dict[str, Any] = {"errcode": 0, "errmsg": "ok"}
    if world.account.return_msgid:
        content["msgid"] = int(message.msgid)
    return as_reply(content)


def page_is_released(world: World, page: str) -> bool:
    """No leading slash; and one of the released pages, when the sandbox was told them."""
    if not PAGE.fullmatch(page):
        return False
    return not world.account.pages or page.partition("?")[0] in world.account.pages


def _deliver(world: World, phone: Phone, body: dict[str, Any]) -> Message:
    template = world.templates.get(text_of(body, "template_id"))
    if template is None:
        raise WeChatError(40037)
    values = checked_values(template, body.get("data"))
    page = _optional(body, "page", "")
    if page and not page_is_released(world, page):
        raise WeChatError(41030)
    if any(word in value for word in world.account.sensitive_words for value in values.values()):
        raise WeChatError(45168)
    if world.account.subscribe_banned:
        raise WeChatError(43107)
    state = _optional(body, "miniprogram_state", "formal")
    lang = _optional(body, "lang", "zh_CN")
    if state not in STATES or lang not in LANGUAGES:
        raise WeChatError(40097)
    if not world.subscriptions.may_send(phone.openid, template):
        raise WeChatError(43101)
    world.subscriptions.spend(phone.openid, template)
    shown = [MessageField(field.key, field.label, values[field.key]) for field in template.fields]
    message = Message(
        msgid=str(world.next_msgid()),
        at=world.clock.now(),
        template_id=template.id,
        title=template.title,
        fields=shown,
        page=page or None,
        miniprogram_state=state,
        lang=lang,
    )
    code = world.account.sent_event_error
    if code == 0:
        world.keep_message(phone, message)
    status = "success" if code == 0 else world.account.sent_event_status
    now = world.clock.now()
    world.pusher.emit(events.sent(phone.openid, now, template.id, message.msgid, code=code, status=status))
    return message


def checked_values(template: Template, data: object) -> dict[str, str]:
    """Data sent as a JSON text instead of an object is met as `is empty`, as in the field."""
    held = data if isinstance(data, dict) else {}
    values = {}
    for field in template.fields:
        cell = held.get(field.key)
        value = cell.get("value") if isinstance(cell, dict) else None
        problem = fields.problem_with(field.key, value, field.choices)
        if problem is not None:
            words = "is empty" if problem == "empty" else "invalid"
            raise WeChatError(47003, f"argument invalid! data.{field.key}.value {words}"[:CORE_LENGTH])
        values[field.key] = str(value)
    return values


def text_of(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""


def _optional(body: dict[str, Any], name: str, default: str) -> str:
    value = body.get(name)
    if value is None or value == "":
        return default
    if not isinstance(value, str):
        raise WeChatError(47001)
    return value
