"""Content security, sessions, and who somebody is: answered by what the control plane has said of words and people."""

import base64
import hashlib
import hmac
import secrets
from typing import Any

from server.sandbox.state import FaceCheck, Phone
from server.sandbox.wechat.events import Event
from server.sandbox.wechat.wire import Call, Reply, WeChatError, as_reply
from server.sandbox.world import World

__all__ = [
    "check_media",
    "check_text",
    "face_result",
    "new_face_check",
    "real_name",
    "risk_rank",
    "session_good",
]

VISIT = 7_200  # content is checked only of people who were here within two hours
FACE_LIFE = 3_600
LONGEST_TEXT = 2_500


async def check_text(world: World, call: Call) -> Reply:
    phone = _visitor(world, call.body)
    content = call.body.get("content")
    if call.body.get("version") != 2 or call.body.get("scene") not in {1, 2, 3, 4}:
        raise WeChatError(40_129)
    if not isinstance(content, str) or not 1 <= len(content) <= LONGEST_TEXT:
        raise WeChatError(47001)
    suggest = _suggestion(world, content)
    trace = _trace(world, phone)
    result = {"suggest": suggest, "label": 100 if suggest == "pass" else 20_001}
    detail = [{"strategy": "keyword", "errcode": 0, **result}]
    return as_reply({"errcode": 0, "errmsg": "ok", "trace_id": trace, "result": result, "detail": detail})


async def check_media(world: World, call: Call) -> Reply:
    """The verdict comes as an event; a picture is judged by the words in its address."""
    phone, url = _visitor(world, call.body), call.body.get("media_url")
    if not isinstance(url, str) or not url.startswith(("http://", "https://")):
        raise WeChatError(40_097)
    suggest = _suggestion(world, url)
    trace = _trace(world, phone)
    world.pusher.emit(
        Event(
            account="program",
            openid=phone.openid,
            name="wxa_media_check",
            at=int(world.clock.now()),
            values={"appid": world.settings.appid, "trace_id": trace, "version": 2, "errcode": 0, "suggest": suggest},
        )
    )
    return as_reply({"errcode": 0, "errmsg": "ok", "trace_id": trace})


async def risk_rank(world: World, call: Call) -> Reply:
    phone = _visitor(world, call.body)
    return as_reply({"errcode": 0, "errmsg": "ok", "risk_rank": world.account.risk_rank, "unoin_id": phone.unionid})


async def session_good(world: World, call: Call) -> Reply:
    """The key of the HMAC is the text or its bytes: WeChat's page does not say which, so both are taken."""
    phone = world.phones.by_openid(call.query.get("openid", ""))
    if phone is None:
        raise WeChatError(40003)
    if call.query.get("sig_method") != "hmac_sha256":
        raise WeChatError(87_008)
    given = call.query.get("signature", "")
    keys = [phone.session_key.encode(), base64.b64decode(phone.session_key)] if phone.session_key else []
    if not any(hmac.compare_digest(hmac.digest(key, b"", "sha256").hex(), given) for key in keys):
        raise WeChatError(87_009)
    return as_reply({"errcode": 0, "errmsg": "ok"})


async def new_face_check(world: World, call: Call) -> Reply:
    phone = world.phones.by_openid(_word(call.body, "openid"))
    info = call.body.get("cert_info")
    if phone is None:
        raise WeChatError(40003)
    number = _word(call.body, "out_seq_no")
    if not 5 <= len(number) <= 32 or any(check.out_seq_no == number for check in world.face_checks.values()):
        raise WeChatError(84_012)
    if not isinstance(info, dict) or info.get("cert_type") != "IDENTITY_CARD":
        raise WeChatError(84_013)
    verify_id = secrets.token_urlsafe(24)
    world.face_checks[verify_id] = FaceCheck(phone.openid, number, _cert_hash(info), world.clock.now())
    return as_reply({"errcode": 0, "errmsg": "ok", "verify_id": verify_id, "expires_in": FACE_LIFE})


async def face_result(world: World, call: Call) -> Reply:
    check = world.face_checks.get(_word(call.body, "verify_id"))
    asked = tuple(_word(call.body, name) for name in ("openid", "out_seq_no", "cert_hash"))
    if check is None or asked != (check.openid, check.out_seq_no, check.cert_hash):
        raise WeChatError(84_010)
    if world.clock.now() - check.at > FACE_LIFE:
        raise WeChatError(84_011)
    return as_reply({"errcode": 0, "errmsg": "ok", "verify_ret": world.account.face_result})


async def real_name(world: World, call: Call) -> Reply:
    """Name and number against the people the control plane knows; the code is one of a login."""
    body = call.body
    if not _word(body, "code"):
        raise WeChatError(80_111)
    state = world.login_codes.look(_word(body, "code"))
    phone = world.phones.get(state.payload or "")
    if state.refused is not None or phone is None or phone.openid != _word(body, "openid"):
        raise WeChatError(80_113)
    world.login_codes.use(_word(body, "code"))
    wanted = (_word(body, "real_name"), _word(body, "cred_id"))
    same = any((person.name, person.number) == wanted for person in world.state.people)
    told = ("V_OP_NM_MA", "V_NM_ID_MA") if same else ("V_OP_NM_UM", "V_NM_ID_UM")
    return as_reply({"errcode": 0, "errmsg": "ok", "verify_openid": told[0], "verify_real_name": told[1]})


def _visitor(world: World, body: dict[str, Any]) -> Phone:
    phone = world.phones.by_openid(_word(body, "openid"))
    if phone is None:
        raise WeChatError(40003)
    if not phone.visited_at or world.clock.now() - phone.visited_at > VISIT:
        raise WeChatError(61_010)
    return phone


def _suggestion(world: World, words: str) -> str:
    if any(word in words for word in world.account.sensitive_words):
        return "risky"
    return "review" if any(word in words for word in world.account.doubtful_words) else "pass"


def _trace(world: World, phone: Phone) -> str:
    return f"{int(world.clock.now()):x}-{hashlib.sha256(phone.openid.encode()).hexdigest()[:8]}-{secrets.token_hex(4)}"


def _cert_hash(info: dict[str, Any]) -> str:
    """As the page has it: base64 of each value, joined like a query, hashed."""
    names = ("cert_type", "cert_name", "cert_no")
    parts = ((name, base64.b64encode(str(info.get(name, "")).encode()).decode()) for name in names)
    return hashlib.sha256("&".join(f"{name}={value}" for name, value in parts).encode()).hexdigest()


def _word(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    return value if isinstance(value, str) else ""
