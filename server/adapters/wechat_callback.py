"""What WeChat tells us unasked: its sender proven, its envelope opened, its words read; JSON or XML, in every mode."""

from __future__ import annotations

import base64
import hashlib
import hmac
import logging
import struct
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import msgspec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from server.adapters.wechat_xml import XmlError, read_xml
from server.config import Settings
from server.errors import Forbidden, Malformed
from server.kit import clock
from server.ports import WeChatAccount, WeChatEvent

MOST_BYTES = 64 * 1024
_FRESH_SECONDS = 600
_BLOCK = 32  # WeChat pads to 32 bytes, AES itself would need 16
_LONGEST = 256

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class _Account:
    """One account that may call, and what it proves itself with. Without a key its events come in the open."""

    name: WeChatAccount
    appid: str
    token: str = field(repr=False)
    key: bytes = field(repr=False)


class WeChatCallbacks:
    """The port. Both accounts call one address: whose token has signed says which one it is."""

    def __init__(self, accounts: tuple[_Account, ...]) -> None:
        self._accounts = accounts

    def echo(self, query: Mapping[str, str]) -> str:
        """Give back what proves to WeChat that this address is ours. Raises Forbidden."""
        self._sender(query, "signature")
        return query.get("echostr", "")[:_LONGEST]

    def read(self, query: Mapping[str, str], body: bytes) -> WeChatEvent | None:
        """Open what was pushed; None for what is no event. Raises Forbidden, Malformed."""
        if len(body) > MOST_BYTES:
            raise Malformed("callback_malformed")
        outer = _parsed(body)
        sealed = outer.pop("Encrypt", None)
        if sealed is None:
            account = self._sender(query, "signature")
            if account.key:
                # Its signature does not cover the body: with a key, only what was sealed with it counts.
                raise _refused("unsealed")
            return _event(account.name, outer)
        if not isinstance(sealed, str):
            raise Malformed("callback_malformed")
        account = self._sender(query, "msg_signature", sealed)
        return _event(account.name, _parsed(_opened(account, sealed)))

    def _sender(self, query: Mapping[str, str], name: str, *parts: str) -> _Account:
        stamp, nonce, given = (query.get(part, "") for part in ("timestamp", "nonce", name))
        # Every account is tried, and in constant time.
        found = [one for one in self._accounts if _same(_signature(one.token, stamp, nonce, *parts), given)]
        if not found:
            raise _refused("signature")
        if not _fresh(stamp):
            raise _refused("stale")
        return found[0]


def make(settings: Settings) -> WeChatCallbacks:
    """Make the port from settings; an account without a token is not listened to."""
    given: tuple[tuple[WeChatAccount, str, str, str], ...] = (
        ("program", settings.wechat_appid, settings.wechat_token, settings.wechat_aes_key),
        ("service", settings.service_account_appid, settings.service_account_token, settings.service_account_aes_key),
    )
    return WeChatCallbacks(
        tuple(_Account(name, appid, token, _aes_key(key)) for name, appid, token, key in given if token)
    )


def _refused(why: str) -> Forbidden:
    _log.warning("wechat callback refused: %s", why)
    return Forbidden("callback_refused")


def _signature(token: str, *parts: str) -> str:
    joined = "".join(sorted((token, *parts)))
    return hashlib.sha1(joined.encode("utf-8", "surrogateescape")).hexdigest()  # noqa: S324 - WeChat's own choice


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode(), other.encode("utf-8", "surrogateescape"))


def _fresh(stamp: str) -> bool:
    if not stamp.isascii() or not stamp.isdigit() or len(stamp) > 12:
        return False
    return abs(clock.now().timestamp() - int(stamp)) <= _FRESH_SECONDS


def _aes_key(text: str) -> bytes:
    return base64.b64decode(f"{text}=") if text else b""


def _opened(account: _Account, sealed: str) -> bytes:
    """Decrypt, and make sure that it was meant for this account."""
    if not account.key:
        raise _refused("sealed without a key")
    opening = Cipher(algorithms.AES(account.key), modes.CBC(account.key[:16])).decryptor()
    try:
        plain = opening.update(base64.b64decode(sealed, validate=True)) + opening.finalize()
    except ValueError:
        plain = b""
    pad = plain[-1] if plain else 0
    if not 1 <= pad <= _BLOCK or len(plain) < 20 + pad or plain[-pad:] != bytes([pad]) * pad:
        raise _refused("seal")
    (length,) = struct.unpack(">I", plain[16:20])
    content, whose = plain[20 : 20 + length], plain[20 + length : -pad]
    if not hmac.compare_digest(whose, account.appid.encode()):
        raise _refused("another appid")
    return content


def _parsed(body: bytes) -> dict[str, Any]:
    try:
        if body.lstrip().startswith(b"<"):
            return read_xml(body)
        return msgspec.json.decode(body, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError, XmlError):
        # The words of the error may hold a piece of what was sent.
        pass
    raise Malformed("callback_malformed")


def _event(account: WeChatAccount, content: dict[str, Any]) -> WeChatEvent | None:
    openid, name = _text(content, "FromUserName"), _text(content, "Event")
    if _text(content, "MsgType") != "event" or not name:
        return None
    rows = _rows(content)
    values = {key: str(value) for key, value in content.items() if isinstance(value, str | int)}
    return WeChatEvent(
        account=account,
        name=name,
        openid=openid,
        at=_moment(values.get("CreateTime", "")),
        key=_key(account, content),
        values=values,
        rows=rows,
    )


def _rows(content: Mapping[str, Any]) -> tuple[dict[str, str], ...]:
    """Find the List: flat in JSON, inside an element of the event's name in XML; one row is no list in either."""
    inside = [value for value in content.values() if isinstance(value, dict) and "List" in value]
    found = content.get("List", inside[0]["List"] if inside else [])
    rows = found if isinstance(found, list) else [found]
    return tuple(
        {key: str(value) for key, value in row.items() if isinstance(value, str | int)}
        for row in rows
        if isinstance(row, dict)
    )


def _key(account: WeChatAccount, content: Mapping[str, Any]) -> str:
    """Name the event, the same for each of its tries and for no other event, not even one of the same second."""
    msg_id = content.get("MsgId")
    parts: list[str]
    sender, moment, event = (str(content.get(name, "")) for name in ("FromUserName", "CreateTime", "Event"))
    if msg_id:
        parts = [account, sender, "MsgId", str(msg_id)]
    else:
        parts = [
            account,
            sender,
            moment,
            event,
            hashlib.sha256(msgspec.json.encode(content, order="sorted")).hexdigest(),
        ]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def _moment(text: str) -> datetime:
    if not text.isascii() or not text.isdigit() or len(text) > 11:
        return clock.now()
    return datetime.fromtimestamp(int(text), UTC)


def _text(content: Mapping[str, Any], name: str) -> str:
    value = content.get(name, "")
    return value if isinstance(value, str) else ""
