"""People to test with, made through the service itself. Nobody here exists: sequence 000 is never issued."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Mapping
from dataclasses import dataclass, field
from datetime import date
from itertools import count
from typing import Any, Literal
from uuid import UUID

import argon2
import pyotp
import pytest

from server.actor import Anonymous, Citizen, Grant, Role, ScopeKind, Staff, System
from server.config import Settings
from server.features.identity import service as identity
from server.features.identity.schemas import AddressIn, EnterpriseIn, RealNameIn
from server.features.identity.service import _staff
from server.features.mandates import service as mandates
from server.features.mandates.schemas import MandateIn
from server.kit import checks, clock
from server.ports import Checked, WeChatIdentity

_serial = count(1)
_COUNTY = "341226"
PASSWORD = "lantern-river-42"
HOME = AddressIn(
    name="样例", phone="13800001234", province="安徽省", city="阜阳市", county="颍上县", street="样例路 1 号"
)


class OpenWeChat:
    """WeChat's side of a login: every code is good once and says whose it is (`openid`, or `phone:<number>`)."""

    async def code_to_session(self, code: str) -> WeChatIdentity:
        return WeChatIdentity(code.partition("#")[0])

    async def phone_number(self, code: str, *, openid: str) -> str:  # noqa: ARG002 - the Protocol's shape
        return code.partition("#")[0]


class Register:
    """An authority that knows whoever the test says, and otherwise everybody."""

    def __init__(self) -> None:
        self.says: dict[str, Checked] = {}

    async def person(self, *, kind: str, name: str, number: str) -> Checked:  # noqa: ARG002 - the Protocol's shape
        return self.says.get(number, Checked.MATCH)

    async def enterprise(self, *, uscc: str, name: str, legal_name: str, legal_number: str) -> Checked:  # noqa: ARG002 - the Protocol's shape
        return self.says.get(uscc, Checked.MATCH)

    async def kinship(self, *, name: str, number: str, relative_name: str, relative_number: str) -> Checked:  # noqa: ARG002 - the Protocol's shape
        return self.says.get(f"kin:{number}", Checked.MATCH)


REGISTER: Any = Register()
WECHAT: Any = OpenWeChat()


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeCitizen:
    """A login on a phone. `headers` go with its requests; `actor` goes into services."""

    token: str
    account_id: UUID
    session_id: UUID
    person_id: UUID | None
    name: str
    number: str
    phone: str
    openid: str

    @property
    def headers(self) -> Mapping[str, str]:
        return {"authorization": f"Bearer {self.token}"}

    @property
    def actor(self) -> Citizen:
        return Citizen(account_id=self.account_id, session_id=self.session_id, person_id=self.person_id)


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeStaff:
    """Somebody behind a desk, logged in. `cookie` is the console session's token."""

    cookie: str
    actor: Staff
    username: str
    password: str = field(repr=False)
    totp_secret: str = field(repr=False)

    @property
    def headers(self) -> Mapping[str, str]:
        return {"cookie": f"onetrip_console={self.cookie}"}


def sample_number(born: date | None = None, area: str = _COUNTY) -> str:
    """Make a citizen's number nobody has; each call gives another birthday unless one is named."""
    serial = next(_serial)
    return checks.sample_resident_id(area, born or date(1950 + serial % 50, 1 + serial % 12, 1 + serial // 12 % 28))


def sample_phone() -> str:
    return f"199{next(_serial):08d}"


async def citizen(
    *,
    verified: bool = True,
    name: str = "王小明",
    number: str | None = None,
    born: date | None = None,
    kind: Literal["resident_id", "passport"] = "resident_id",
) -> SomeCitizen:
    """Log somebody in by WeChat; `verified` also gives consent, phone and real name."""
    serial = next(_serial)
    openid, phone, number = f"o{serial:027d}", sample_phone(), number or sample_number(born)
    nobody = Anonymous(address="127.0.0.1")
    login = await identity.login_wechat(nobody, f"{openid}#{serial}", WECHAT, "iPhone/wechat")
    actor = await identity.resolve_bearer(login.token)
    assert actor is not None
    if verified:
        privacy = identity.privacy(nobody)
        await identity.consent(actor, privacy.version)
        await identity.take_phone(actor, await identity.ask_phone(actor, f"{phone}#{serial}", WECHAT))
        given = RealNameIn(document_kind=kind, name=name, number=number)
        await identity.take_real_name(actor, await identity.check_real_name(actor, given, REGISTER))
        actor = await identity.resolve_bearer(login.token)
        assert actor is not None
    return SomeCitizen(
        token=login.token,
        account_id=actor.account_id,
        session_id=actor.session_id,
        person_id=actor.person_id,
        name=name,
        number=number,
        phone=phone,
        openid=openid,
    )


async def login(openid: str) -> str:
    """Log a WeChat account in on one more device; gives the token."""
    code = f"{openid}#{next(_serial)}"
    return (await identity.login_wechat(Anonymous(address="127.0.0.1"), code, WECHAT, "Android/wechat")).token


async def child_of(guardian: SomeCitizen, *, name: str = "王一一", born: date = date(2019, 5, 4)) -> UUID:
    """Make the citizen guardian of a child; gives the child's person id."""
    given = MandateIn(relation="guardian", name=name, number=sample_number(born))
    return (await mandates.ask(guardian.actor, await mandates.check(guardian.actor, given, REGISTER))).person_id


async def enterprise_of(owner: SomeCitizen, *, name: str = "颍上县样例餐饮有限公司") -> UUID:
    """Bind an enterprise to its legal representative; gives the enterprise's id."""
    uscc = checks.sample_uscc(_COUNTY, f"MA{next(_serial):06d}")
    claim = await identity.check_enterprise(owner.actor, EnterpriseIn(uscc=uscc, name=name), REGISTER)
    return (await identity.bind_enterprise(owner.actor, claim)).id


async def staff(
    *roles: Role | str,
    hall: UUID | None = None,
    department: UUID | None = None,
    region: str | None = None,
    name: str = "刘工",
) -> SomeStaff:
    """Take somebody on and log them in. Without a scope they reach the whole county."""
    scope = _scope(hall, department, region)
    granted = [Grant(Role(role), *scope) for role in roles or (Role.CLERK,)]
    identity.serve(_COUNTY)
    username, secret = f"staff{next(_serial)}", pyotp.random_base32()
    _cheap_passwords()
    await identity.create_staff(
        System(name="tests"), username=username, name=name, password=PASSWORD, grants=granted, totp_secret=secret
    )
    pending = await identity.staff_login(username, PASSWORD, address="127.0.0.1")
    cookie = await identity.staff_verify_totp(pending, totp_now(secret), address="127.0.0.1")
    actor = await identity.resolve_staff(cookie)
    assert actor is not None
    return SomeStaff(cookie=cookie, actor=actor, username=username, password=PASSWORD, totp_secret=secret)


def totp_now(secret: str) -> str:
    """Read the authenticator, by the product's clock."""
    return pyotp.TOTP(secret).at(int(clock.now().timestamp()))


def _scope(hall: UUID | None, department: UUID | None, region: str | None) -> tuple[ScopeKind, str]:
    if hall is not None:
        return ScopeKind.HALL, str(hall)
    if department is not None:
        return ScopeKind.DEPARTMENT, str(department)
    return ScopeKind.REGION, region or _COUNTY


def _cheap_passwords() -> None:
    # The real cost, a tenth of a second each, is for thieves; tests would only wait.
    cheap = argon2.PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
    _staff.hasher = cheap


AsCitizen = Callable[..., Coroutine[Any, Any, SomeCitizen]]
AsStaff = Callable[..., Coroutine[Any, Any, SomeStaff]]


@pytest.fixture
def as_citizen(database: None, settings: Settings) -> AsCitizen:
    """`someone = await as_citizen(verified=True, name="…")`; then `client.as_(someone.token)`."""
    identity.serve(settings.region)
    return citizen


@pytest.fixture
def as_staff(database: None, settings: Settings) -> AsStaff:
    """`clerk = await as_staff("clerk", hall=hall_id)`; then `client.in_console(clerk.cookie)` or `clerk.actor`."""
    identity.serve(settings.region)
    return staff
