"""The gate of WeChat's server: which paths there are and what is checked before any of them, in its order."""

from collections.abc import Awaitable, Callable
from typing import Literal, NamedTuple

import msgspec

from server.sandbox.wechat import checks, library, links, login, sending, service, upkeep, wxacode
from server.sandbox.wechat.events import AccountKind
from server.sandbox.wechat.quotas import QUOTAS
from server.sandbox.wechat.wire import Call, Reply, WeChatError
from server.sandbox.world import World

__all__ = ["APIS", "PREFIXES", "answer"]

PREFIXES = ("/cgi-bin", "/sns", "/wxa", "/wxaapi", "/cityservice", "/intp")


class Api(NamedTuple):
    method: Literal["GET", "POST"]
    handle: Callable[[World, Call], Awaitable[Reply]]
    token: bool = True
    wrong_method: int | None = None
    account: AccountKind | None = "program"  # whose token it takes; None: either's
    form: bool = False  # takes a form as well as JSON


APIS: dict[str, Api] = {
    "/sns/jscode2session": Api("GET", login.exchange_code, token=False, wrong_method=41002),
    "/cgi-bin/token": Api("GET", login.classic_token, token=False),
    "/cgi-bin/stable_token": Api("POST", login.stable_token, token=False),
    "/wxa/business/getuserphonenumber": Api("POST", login.phone_number),
    "/cgi-bin/message/subscribe/send": Api("POST", sending.send_subscribe_message),
    "/wxa/getwxacodeunlimit": Api("POST", wxacode.unlimited_code),
    "/wxa/generate_urllink": Api("POST", links.url_link),
    "/wxa/query_urllink": Api("POST", links.query_link),
    "/wxa/generatescheme": Api("POST", links.scheme),
    "/wxaapi/newtmpl/getcategory": Api("GET", library.categories),
    "/wxaapi/newtmpl/getpubtemplatetitles": Api("GET", library.titles),
    "/wxaapi/newtmpl/getpubtemplatekeywords": Api("GET", library.keywords),
    "/wxaapi/newtmpl/gettemplate": Api("GET", library.taken),
    "/wxaapi/newtmpl/addtemplate": Api("POST", library.add, form=True),
    "/wxaapi/newtmpl/deltemplate": Api("POST", library.remove, form=True),
    "/wxa/msg_sec_check": Api("POST", checks.check_text),
    "/wxa/media_check_async": Api("POST", checks.check_media),
    "/wxa/getuserriskrank": Api("POST", checks.risk_rank),
    "/wxa/checksession": Api("GET", checks.session_good),
    "/cityservice/face/identify/getverifyid": Api("POST", checks.new_face_check),
    "/cityservice/face/identify/queryverifyinfo": Api("POST", checks.face_result),
    "/intp/realname/checkrealnameinfo": Api("POST", checks.real_name),
    "/cgi-bin/openapi/quota/get": Api("POST", upkeep.quota_of, account=None),
    "/cgi-bin/openapi/quota/clear": Api("POST", upkeep.clear_quota_of, account=None),
    "/cgi-bin/openapi/rid/get": Api("POST", upkeep.found_request),
    "/cgi-bin/clear_quota": Api("POST", upkeep.clear_quota, account=None),
    "/cgi-bin/clear_quota/v2": Api("POST", upkeep.clear_quota_by_secret, token=False),
    "/cgi-bin/getcallbackip": Api("GET", upkeep.addresses),
    "/cgi-bin/get_api_domain_ip": Api("GET", upkeep.addresses),
    "/cgi-bin/message/wxopen/template/send": Api("POST", upkeep.withdrawn(45103)),
    "/cgi-bin/message/wxopen/template/uniform_send": Api("POST", upkeep.withdrawn(45109)),
    "/cgi-bin/message/template/send": Api("POST", service.send_template_message, account="service"),
    "/cgi-bin/template/get_all_private_template": Api("GET", service.service_templates, account="service"),
    "/cgi-bin/user/info": Api("GET", service.user_info, account="service"),
}


async def answer(world: World, call: Call) -> Reply:
    """Path, method, token, quota, body, and then the API's own parameters."""
    api = APIS.get(call.path)
    if api is None:
        raise WeChatError(40066)
    if call.method != api.method:
        raise WeChatError(api.wrong_method or (43002 if api.method == "POST" else 43001))
    if api.token:
        login.check_token(world, call.query.get("access_token"), api.account)
    quota = QUOTAS.get(call.path)
    span = world.quotas.spend(call.path, quota) if quota else None
    if span is not None:
        raise WeChatError(45011 if span == "minute" else 45009)
    if api.method == "POST" and not (api.form and b"=" in call.raw and not call.raw.lstrip().startswith(b"{")):
        call.body = _object(call.raw)
    return await api.handle(world, call)


def _object(raw: bytes) -> dict[str, object]:
    if not raw.strip():
        raise WeChatError(44002)
    try:
        return msgspec.json.decode(raw, type=dict[str, object])
    except (msgspec.DecodeError, msgspec.ValidationError, RecursionError):
        raise WeChatError(47001) from None
