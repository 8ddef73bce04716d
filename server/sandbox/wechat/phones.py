"""The people of the sandbox, each with a phone, an openid and a number."""

import base64
import hashlib
import re
import secrets
from pathlib import Path
from typing import Annotated

import msgspec

from server.sandbox.clock import Clock
from server.sandbox.state import Phone, State

__all__ = ["NewPhone", "PhoneConflictError", "Phones"]

FILE = Path(__file__).parent.parent / "data" / "phones.json"
PhoneNumber = Annotated[str, msgspec.Meta(pattern=r"^1\d{10}$")]
WeChatId = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{6,64}$")]


class PhoneConflictError(Exception):
    """Another phone has this openid already."""


class NewPhone(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    key: Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9][a-z0-9_-]{0,59}$")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=40)]
    phone_number: PhoneNumber
    openid: WeChatId | None = None
    unionid: WeChatId | None = None
    caption: Annotated[str, msgspec.Meta(max_length=60)] = ""
    hidden: bool = False


class Phones:
    def __init__(self, state: State, clock: Clock, appid: str, service_appid: str) -> None:
        self._held = state.phones
        self._clock = clock
        self._appid = appid
        self._service_appid = service_appid
        self._by_openid = {phone.openid: phone for phone in self._held.values()}
        for phone in self._held.values():
            phone.service_openid = phone.service_openid or self._service_openid(phone.key)
        self._by_service_openid = {phone.service_openid: phone for phone in self._held.values()}

    def all(self) -> list[Phone]:
        return list(self._held.values())

    def get(self, key: str) -> Phone | None:
        return self._held.get(key)

    def by_openid(self, openid: str) -> Phone | None:
        return self._by_openid.get(openid)

    def by_service_openid(self, openid: str) -> Phone | None:
        return self._by_service_openid.get(openid)

    def by_number(self, number: str) -> list[Phone]:
        return [phone for phone in self._held.values() if phone.phone_number == number]

    def put(self, new: NewPhone, *, sample: bool = False) -> Phone:
        """Adds a phone or changes the one of that key. The invented samples step aside for the first real one."""
        if not sample and not new.hidden:
            self._drop_samples(besides=new.key)
        before = self._held.get(new.key)
        openid = new.openid or (before.openid if before else _made_up_id(f"{self._appid}/{new.key}"))
        owner = self._by_openid.get(openid)
        if owner is not None and owner.key != new.key:
            raise PhoneConflictError(openid)
        if before is not None:
            self._by_openid.pop(before.openid, None)
        phone = Phone(
            key=new.key,
            name=new.name,
            phone_number=new.phone_number,
            openid=openid,
            unionid=new.unionid or (before.unionid if before else _made_up_id(f"union/{new.key}")),
            caption=new.caption,
            hidden=new.hidden,
            sample=sample,
            session_key=before.session_key if before else "",
            session_key_at=before.session_key_at if before else 0,
            visited_at=before.visited_at if before else 0,
            service_openid=before.service_openid if before else self._service_openid(new.key),
            follows=before.follows if before else False,
            followed_at=before.followed_at if before else 0,
        )
        self._held[phone.key] = self._by_openid[openid] = self._by_service_openid[phone.service_openid] = phone
        return phone

    def remove(self, key: str) -> bool:
        phone = self._held.pop(key, None)
        if phone is not None:
            self._by_openid.pop(phone.openid, None)
            self._by_service_openid.pop(phone.service_openid, None)
        return phone is not None

    def add_samples(self) -> None:
        for new in msgspec.json.decode(FILE.read_bytes(), type=list[NewPhone]):
            self.put(new, sample=True)

    def fresh_session_key(self, phone: Phone, life: float) -> str:
        """A login may renew the session key, but does not each time."""
        now = self._clock.now()
        if not phone.session_key or now - phone.session_key_at >= life:
            phone.session_key = base64.b64encode(secrets.token_bytes(16)).decode()
            phone.session_key_at = now
        return phone.session_key

    def _service_openid(self, key: str) -> str:
        return _made_up_id(f"{self._service_appid}/{key}")

    def _drop_samples(self, *, besides: str) -> None:
        for phone in self.all():
            if phone.sample and phone.key != besides:
                self.remove(phone.key)


def _made_up_id(text: str) -> str:
    """28 characters beginning with `o`, the same for the same person after every restart."""
    letters = base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).decode()
    return "o" + re.sub(r"=+$", "", letters)[:27]
