"""The service account: whom it may write to, template messages, and what it is told of its followers."""

from typing import Any

from server.sandbox.state import Message, MessageField, Phone
from server.sandbox.wechat import events
from server.sandbox.wechat.sending import checked_values, text_of
from server.sandbox.wechat.templates import Template
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = ["follow", "send_template_message", "service_templates", "user_info"]

SAME_MESSAGE = 600  # seconds a client_msg_id is remembered
MINUTE = 60
MOST_REMEMBERED = 50_000


def follow(world: World, phone: Phone, *, on: bool) -> bool:
    """The person follows or leaves the account; says whether that changed anything."""
    if phone.follows is on:
        return False
    phone.follows, phone.followed_at = on, world.clock.now()
    tell = events.followed if on else events.unfollowed
    world.pusher.emit(tell(phone.service_openid, world.clock.now()))
    world.changed("follow", phone.key)
    return True


async def send_template_message(world: World, call: Call) -> Reply:
    phone = world.phones.by_service_openid(text_of(call.body, "touser"))
    if phone is None:
        raise WeChatError(40003)
    template = world.service_templates.get(text_of(call.body, "template_id"))
    if template is None:
        raise WeChatError(40037)
    if not phone.follows:
        raise WeChatError(43004)
    values = checked_values(template, call.body.get("data"))
    again = _seen(world, phone, call.body)
    if again is not None:
        return _accepted(again)
    _check_frequency(world, phone, template, values)
    msgid = str(world.next_msgid())
    _remember(world, phone, call.body, msgid)
    status = world.account.job_status
    if status == "success":
        world.keep_service_message(phone, _message(world, template, values, call.body, msgid))
    world.pusher.emit(events.job_finished(phone.service_openid, world.clock.now(), msgid, status))
    return _accepted(msgid)


async def user_info(world: World, call: Call) -> Reply:
    phone = world.phones.by_service_openid(call.query.get("openid", ""))
    if phone is None:
        raise WeChatError(40003)
    if not phone.follows:
        return as_reply({"subscribe": 0, "openid": phone.service_openid})
    return as_reply(
        {
            "subscribe": 1,
            "openid": phone.service_openid,
            "language": "zh_CN",
            "subscribe_time": int(phone.followed_at),
            "unionid": phone.unionid,
            "remark": "",
            "groupid": 0,
            "tagid_list": [],
            "subscribe_scene": "ADD_SCENE_QR_CODE",
        }
    )


async def service_templates(world: World, call: Call) -> Reply:  # noqa: ARG001 - every API has this shape
    rows = [
        {
            "template_id": template.id,
            "title": template.title,
            "primary_industry": "",
            "deputy_industry": "",
            "content": template.content(),
            "example": template.example(),
        }
        for template in world.service_templates.values()
    ]
    return as_reply({"template_list": rows})


def _accepted(msgid: str) -> Reply:
    return as_reply({"errcode": 0, "errmsg": "ok", "msgid": int(msgid)})


def _seen(world: World, phone: Phone, body: dict[str, Any]) -> str | None:
    given = text_of(body, "client_msg_id")
    if len(given) > 32:
        raise WeChatError(40097)
    at, msgid = world.client_msg_ids.get((phone.service_openid, given), (0.0, ""))
    return msgid if given and world.clock.now() - at < SAME_MESSAGE else None


def _remember(world: World, phone: Phone, body: dict[str, Any], msgid: str) -> None:
    given, now = text_of(body, "client_msg_id"), world.clock.now()
    if given:
        world.client_msg_ids[phone.service_openid, given] = (now, msgid)
    if len(world.client_msg_ids) > MOST_REMEMBERED:
        kept = {key: held for key, held in world.client_msg_ids.items() if now - held[0] < SAME_MESSAGE}
        world.client_msg_ids = kept


def _check_frequency(world: World, phone: Phone, template: Template, values: dict[str, str]) -> None:
    """A knob each: how many a minute one person may get, and for how long the same words count as a duplicate."""
    now, account = world.clock.now(), world.account
    recent = [message for message in world.service_messages(phone) if now - message.at < MINUTE]
    if account.service_per_minute and len(recent) >= account.service_per_minute:
        raise WeChatError(43117)
    same = [
        message
        for message in recent
        if message.template_id == template.id and {field.key: field.value for field in message.fields} == values
    ]
    if account.refuse_duplicates and same:
        raise WeChatError(40241)


def _message(world: World, template: Template, values: dict[str, str], body: dict[str, Any], msgid: str) -> Message:
    program = body.get("miniprogram")
    page = program.get("pagepath") if isinstance(program, dict) else None
    if isinstance(program, dict) and program.get("appid") != world.settings.appid:
        raise WeChatError(40013)
    return Message(
        msgid=msgid,
        at=world.clock.now(),
        template_id=template.id,
        title=template.title,
        fields=[MessageField(field.key, field.label, values[field.key]) for field in template.fields],
        page=page if isinstance(page, str) and page else None,
        miniprogram_state="formal",
        lang="zh_CN",
    )
