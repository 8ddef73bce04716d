"""Phones: who has one, what their owner does with it, and what is in it."""

from typing import Annotated, Any

import msgspec
from sanic import Blueprint, Request
from sanic.response import HTTPResponse

from server.sandbox.control.talk import ControlError, body_of, encoded, many_of, phone_of
from server.sandbox.gate import world_of
from server.sandbox.qr import LONGEST_TEXT
from server.sandbox.state import Choice, Phone
from server.sandbox.wechat import events
from server.sandbox.wechat.phones import NewPhone, PhoneConflictError
from server.sandbox.wechat.service import follow
from server.sandbox.wechat.subscriptions import PopupError
from server.sandbox.world import PhoneNumberGrant, World

__all__ = ["blueprint"]

blueprint = Blueprint("phones", url_prefix="/_sandbox/phones")


class NumberChoice(msgspec.Struct, forbid_unknown_fields=True):
    number: Annotated[str, msgspec.Meta(pattern=r"^1\d{10}$")] | None = None


class SubscribeAsk(msgspec.Struct, forbid_unknown_fields=True):
    tmplIds: Any = None  # noqa: N815 - wx.requestSubscribeMessage's own name; its faults have WeChat's own codes


class SubscribeAnswer(msgspec.Struct, forbid_unknown_fields=True):
    tmplIds: Any = None  # noqa: N815
    accept: list[str] = []
    always: bool = False


class SettingChange(msgspec.Struct, forbid_unknown_fields=True):
    mainSwitch: bool | None = None  # noqa: N815
    itemSettings: dict[str, Choice] = {}  # noqa: N815


class FollowChoice(msgspec.Struct, forbid_unknown_fields=True):
    follow: bool = True


class CodeShown(msgspec.Struct, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=LONGEST_TEXT)]
    label: Annotated[str, msgspec.Meta(max_length=100)] = ""
    lasting: bool = False


class CodeHidden(msgspec.Struct, forbid_unknown_fields=True):
    text: str | None = None


class ReadMark(msgspec.Struct, forbid_unknown_fields=True):
    messages: bool = False
    service: bool = False
    sms: bool = False


def summary(world: World, phone: Phone) -> dict[str, Any]:
    unread = {
        "messages": sum(not message.read for message in world.messages(phone)),
        "service": sum(not message.read for message in world.service_messages(phone)),
        "sms": sum(not sms.read for sms in world.sms_to(phone.phone_number)),
    }
    shown = msgspec.structs.asdict(phone)
    return {name: shown[name] for name in SHOWN} | {"unread": unread}


SHOWN = ("key", "name", "caption", "phone_number", "openid", "unionid", "service_openid", "follows", "hidden", "sample")


@blueprint.get("/")
async def list_phones(request: Request) -> HTTPResponse:
    world = world_of(request)
    everyone = request.args.get("hidden") == "1"
    return encoded([summary(world, phone) for phone in world.phones.all() if everyone or not phone.hidden])


@blueprint.post("/")
async def put_phones(request: Request) -> HTTPResponse:
    """One phone, or a list of them; a key that exists is changed."""
    world = world_of(request)
    many, listed = many_of(request, NewPhone)
    try:
        phones = [world.phones.put(one) for one in many]
    except PhoneConflictError as error:
        raise ControlError(409, "openid_taken", str(error)) from None
    world.changed("phones")
    shown = [summary(world, phone) for phone in phones]
    return encoded(shown if listed else shown[0], 201)


@blueprint.get("/<key:str>")
async def show_phone(request: Request, key: str) -> HTTPResponse:
    world, phone = world_of(request), phone_of(request, key)
    inside = {
        "messages": world.messages(phone),
        "service_messages": world.service_messages(phone),
        "texts": world.sms_to(phone.phone_number),
        "setting": world.subscriptions.setting(phone.openid),
        "subscription": world.subscriptions.of(phone.openid),
    }
    return encoded(summary(world, phone) | inside)


@blueprint.delete("/<key:str>")
async def remove_phone(request: Request, key: str) -> HTTPResponse:
    world, phone = world_of(request), phone_of(request, key)
    world.phones.remove(phone.key)
    world.changed("phones")
    return HTTPResponse(status=204)


@blueprint.get("/<key:str>/messages")
async def messages(request: Request, key: str) -> HTTPResponse:
    return encoded(world_of(request).messages(phone_of(request, key)))


@blueprint.get("/<key:str>/sms")
async def texts(request: Request, key: str) -> HTTPResponse:
    return encoded(world_of(request).sms_to(phone_of(request, key).phone_number))


@blueprint.post("/<key:str>/read")
async def mark_read(request: Request, key: str) -> HTTPResponse:
    world, phone, mark = world_of(request), phone_of(request, key), body_of(request, ReadMark)
    fresh = [message for message in world.messages(phone) if mark.messages and not message.read]
    fresh += [message for message in world.service_messages(phone) if mark.service and not message.read]
    fresh_sms = [sms for sms in world.sms_to(phone.phone_number) if mark.sms and not sms.read]
    for message in fresh:
        message.read = True
    for sms in fresh_sms:
        sms.read = True
    if fresh or fresh_sms:
        world.changed("read", phone.key)
    return encoded(summary(world, phone))


@blueprint.post("/<key:str>/login")
async def log_in(request: Request, key: str) -> HTTPResponse:
    """wx.login."""
    code = world_of(request).login_codes.issue(phone_of(request, key).key)
    return encoded({"code": code, "errMsg": "login:ok"})


@blueprint.post("/<key:str>/phone-number")
async def give_number(request: Request, key: str) -> HTTPResponse:
    """The owner allowed the phone number; without `number` it is the phone's own."""
    phone = phone_of(request, key)
    number = body_of(request, NumberChoice).number or phone.phone_number
    code = world_of(request).phone_codes.issue(PhoneNumberGrant(phone.openid, number))
    return encoded({"code": code, "errMsg": "getPhoneNumber:ok"})


@blueprint.post("/<key:str>/subscribe/ask")
async def ask_to_subscribe(request: Request, key: str) -> HTTPResponse:
    """What the popup has to show: {ask: [template…], settled: {id: answer}}, or 409 with WeChat's errCode."""
    phone = phone_of(request, key)
    asked = body_of(request, SubscribeAsk)
    try:
        return encoded(world_of(request).subscriptions.ask(phone.openid, asked.tmplIds))
    except PopupError as error:
        return encoded({"errCode": error.errcode, "errMsg": error.text}, 409)


@blueprint.post("/<key:str>/subscribe")
async def subscribe(request: Request, key: str) -> HTTPResponse:
    """The owner pressed a button: `accept` are the ticked ids. Answers as wx.requestSubscribeMessage does."""
    world, phone, answer = world_of(request), phone_of(request, key), body_of(request, SubscribeAnswer)
    try:
        asked = world.subscriptions.ask(phone.openid, answer.tmplIds).ask
        result = world.subscriptions.answer(phone.openid, answer.tmplIds, answer.accept, always=answer.always)
    except PopupError as error:
        return encoded({"errCode": error.errcode, "errMsg": error.text}, 409)
    if asked:
        # Only what was shown: of a popup that a kept choice suppresses WeChat's page says nothing.
        choices = {template.id: result[template.id] for template in asked}
        world.pusher.emit(events.popup(phone.openid, world.clock.now(), choices))
    world.changed("subscription", phone.key)
    return encoded(result)


@blueprint.get("/<key:str>/subscribe-setting")
async def show_setting(request: Request, key: str) -> HTTPResponse:
    return encoded(world_of(request).subscriptions.setting(phone_of(request, key).openid))


@blueprint.put("/<key:str>/subscribe-setting")
async def change_setting(request: Request, key: str) -> HTTPResponse:
    world, phone, change = world_of(request), phone_of(request, key), body_of(request, SettingChange)
    unknown = [tmpl_id for tmpl_id in change.itemSettings if tmpl_id not in world.templates]
    if unknown:
        raise ControlError(404, "no_such_template", unknown[0][:60])
    if change.mainSwitch is not None:
        world.subscriptions.set_main_switch(phone.openid, on=change.mainSwitch)
    for tmpl_id, choice in change.itemSettings.items():
        world.subscriptions.keep(phone.openid, tmpl_id, choice)
        if choice == "reject":
            world.pusher.emit(events.changed(phone.openid, world.clock.now(), tmpl_id))
    world.changed("subscription", phone.key)
    return encoded(world.subscriptions.setting(phone.openid))


@blueprint.get("/<key:str>/service-messages")
async def service_messages(request: Request, key: str) -> HTTPResponse:
    return encoded(world_of(request).service_messages(phone_of(request, key)))


@blueprint.post("/<key:str>/follow")
async def follow_account(request: Request, key: str) -> HTTPResponse:
    """The owner follows the service account, or leaves it."""
    world, phone = world_of(request), phone_of(request, key)
    changed = follow(world, phone, on=body_of(request, FollowChoice).follow)
    return encoded(summary(world, phone) | {"changed": changed})


@blueprint.post("/<key:str>/codes")
async def show_code(request: Request, key: str) -> HTTPResponse:
    world, phone, shown = world_of(request), phone_of(request, key), body_of(request, CodeShown)
    world.visible.show(phone.key, shown.text, shown.label, lasting=shown.lasting)
    world.hub.publish("codes", phone.key)
    return encoded({"ok": True}, 201)


@blueprint.post("/<key:str>/codes/hide")
async def hide_code(request: Request, key: str) -> HTTPResponse:
    """POST, because a closing page can only beacon that."""
    world, phone, hidden = world_of(request), phone_of(request, key), body_of(request, CodeHidden)
    world.visible.hide(phone.key, hidden.text)
    world.hub.publish("codes", phone.key)
    return encoded({"ok": True})
