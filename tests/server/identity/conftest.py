"""The app with an outside that the test writes: WeChat's codes, sent messages, and an authority's register."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field, replace
from typing import Any

import pytest

from server.app import create_app
from server.config import Settings
from server.kit import checks, ids
from server.ports import Checked, OutsideError, Ports, WeChatIdentity
from tests.clean_state import CleanState
from tests.fixtures_web import Answer, Client, Serving, serve


@dataclass
class Outside:
    """WeChat, the SMS provider and the identity authority, as far as they can be seen from here."""

    logins: dict[str, str] = field(default_factory=dict)
    phones: dict[str, tuple[str, str]] = field(default_factory=dict)
    sent: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    people: dict[tuple[str, str], str] = field(default_factory=dict)
    enterprises: dict[str, tuple[str, str, str]] = field(default_factory=dict)
    kin: set[tuple[str, str]] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    fault: OutsideError | None = None

    def forget(self) -> None:
        for kept in (self.logins, self.phones, self.sent, self.people, self.enterprises, self.kin, self.asked):
            kept.clear()
        self.fault = None

    def login_code(self, openid: str) -> str:
        """What `wx.login` gives on the phone of this WeChat account."""
        code = ids.token()
        self.logins[code] = openid
        return code

    def phone_code(self, openid: str, number: str) -> str:
        """What the phone-number button gives."""
        code = ids.token()
        self.phones[code] = (openid, number)
        return code

    async def code_to_session(self, code: str) -> WeChatIdentity:
        self._ask("login")
        if code not in self.logins:
            raise OutsideError("40029", final=True)
        return WeChatIdentity(self.logins.pop(code))

    async def phone_number(self, code: str, *, openid: str) -> str:
        self._ask("phone")
        owner, number = self.phones.pop(code, ("", ""))
        if owner != openid:
            raise OutsideError("40029", final=True)
        return number

    async def send(self, phone: str, template: str, params: dict[str, str]) -> str:
        self._ask("sms")
        self.sent.append((phone, template, params))
        return str(len(self.sent))

    async def person(self, *, kind: str, name: str, number: str) -> Checked:
        self._ask("person")
        known = self.people.get((kind, number))
        return Checked.UNKNOWN if known is None else Checked.MATCH if known == name else Checked.MISMATCH

    async def enterprise(self, *, uscc: str, name: str, legal_name: str, legal_number: str) -> Checked:
        self._ask("enterprise")
        known = self.enterprises.get(uscc)
        if known is None:
            return Checked.UNKNOWN
        return Checked.MATCH if known == (name, legal_name, legal_number) else Checked.MISMATCH

    async def kinship(self, *, name: str, number: str, relative_name: str, relative_number: str) -> Checked:  # noqa: ARG002 - the Protocol's shape
        self._ask("kinship")
        return Checked.MATCH if (number, relative_number) in self.kin else Checked.UNKNOWN

    def _ask(self, what: str) -> None:
        self.asked.append(what)
        if self.fault is not None:
            raise self.fault


_outside = Outside()


@pytest.fixture
def outside() -> Outside:
    _outside.forget()
    return _outside


@pytest.fixture(scope="session")
async def serving(settings: Settings, ports: Ports, _clean_state: CleanState) -> AsyncIterator[Serving]:
    here: Any = _outside
    mine = replace(ports, wechat=here, sms=here, identity_check=here)
    running = await serve(create_app(settings=settings, ports=mine))
    yield running
    await running.stop()


@dataclass
class Phone:
    """One device: what it sends, with a fresh Idempotency-Key for each deed."""

    client: Client
    outside: Outside
    openid: str = ""
    token: str = ""

    async def get(self, path: str) -> Answer:
        return await self._me.get(f"/api/v1{path}")

    async def post(self, path: str, body: dict[str, Any] | None = None, **headers: str) -> Answer:
        key = {"idempotency-key": ids.token(), **headers}
        return await self._me.post(f"/api/v1{path}", json={} if body is None else body, headers=key)

    async def put(self, path: str, body: dict[str, Any]) -> Answer:
        return await self._me.put(f"/api/v1{path}", json=body, headers={"idempotency-key": ids.token()})

    async def delete(self, path: str) -> Answer:
        return await self._me.delete(f"/api/v1{path}", headers={"idempotency-key": ids.token()})

    @property
    def _me(self) -> Client:
        return self.client.as_(self.token) if self.token else self.client

    async def me(self) -> Any:  # noqa: ANN401 - JSON
        return (await self.get("/me")).json

    async def log_in(self, openid: str = "") -> Any:  # noqa: ANN401 - JSON
        """Log in by WeChat."""
        self.openid = openid or self.openid or f"o{ids.token()}"
        answer = await self.post("/login/wechat", {"code": self.outside.login_code(self.openid)})
        assert answer.status == 200, answer.text
        self.token = answer.json["token"]
        return answer.json["me"]

    async def ask_code(self, number: str) -> str:
        """Ask for a code by SMS and read it off the phone."""
        answer = await self.post("/login/code", {"phone": number})
        assert answer.status == 204, answer.text
        to, template, params = self.outside.sent[-1]
        assert (to, template) == (checks.mobile(number), "login_code")
        return params["code"]

    async def log_in_by_sms(self, number: str, **more: str) -> Any:  # noqa: ANN401 - JSON
        code = await self.ask_code(number)
        answer = await self.post("/login/phone", {"phone": number, "code": code, **more})
        assert answer.status == 200, answer.text
        self.token = answer.json["token"]
        return answer.json["me"]

    async def agree(self) -> Any:  # noqa: ANN401 - JSON
        version = (await self.get("/privacy")).json["version"]
        answer = await self.post("/me/consent", {"version": version})
        assert answer.status == 200, answer.text
        return answer.json

    async def give_phone(self, number: str) -> Answer:
        return await self.post("/me/phone", {"code": self.outside.phone_code(self.openid, number)})

    async def give_name(self, name: str, number: str, kind: str = "resident_id", *, known: bool = True) -> Answer:
        """Give a real name; `known` puts it into the authority's register first."""
        if known:
            self.outside.people[kind, number] = name
        return await self.post("/me/real-name", {"document_kind": kind, "name": name, "number": number})

    async def verified(self, name: str, number: str, phone: str = "") -> Any:  # noqa: ANN401 - JSON
        """Go the whole way."""
        await self.log_in()
        await self.agree()
        if phone:
            assert (await self.give_phone(phone)).status == 200
        answer = await self.give_name(name, number)
        assert answer.status == 200, answer.text
        return answer.json


NewPhone = Callable[[], Phone]


@pytest.fixture
def new_phone(client: Client, outside: Outside) -> NewPhone:
    return lambda: Phone(client, outside)


@pytest.fixture
def phone(new_phone: NewPhone) -> Phone:
    return new_phone()
