"""What the tests of mandates share: who asks, who is related, and what each side then sees."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from server.actor import Citizen
from server.features.identity import service as identity
from server.features.identity.service import Scope
from tests.factories.identity import sample_number
from tests.fixtures_web import Answer
from tests.server.identity.conftest import NewPhone, Phone

GROWN = date(1985, 6, 1)


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


async def asked(phone: Phone, number: str, name: str = "王一一", *, known: bool = True, **more: Any) -> Answer:
    if known:
        phone.outside.people["resident_id", number] = name
    return await phone.post("/mandates", {"relation": "guardian", "name": name, "number": number, **more})


async def parent(phone: Phone, *children: str, name: str = "王小明") -> str:
    """Prove a grown person's name; the authority knows these children as theirs."""
    number = sample_number()
    await phone.verified(name, number)
    phone.outside.kin |= {(child, number) for child in children}
    return number


async def actor_of(phone: Phone) -> Citizen:
    found = await identity.resolve_bearer(phone.token)
    assert found is not None
    return found


async def acts_for(phone: Phone, scope: Scope = Scope.EVERYTHING) -> int:
    return len((await identity.parties(await actor_of(phone), scope)).person_ids) - 1


async def mine(phone: Phone) -> list[dict[str, Any]]:
    answer = await phone.get("/mandates")
    assert answer.status == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


async def inbox(phone: Phone) -> list[str]:
    return [row["kind"] for row in (await phone.get("/inbox")).json["items"]]


async def addressees(phone: Phone, kind: str) -> list[str | None]:
    return [row["addressee"] for row in (await phone.get("/inbox")).json["items"] if row["kind"] == kind]


async def grandmother_and(new_phone: NewPhone, **more: Any) -> tuple[Phone, Phone, str]:
    grandmother, helper, number = new_phone(), new_phone(), sample_number(date(1948, 3, 12))
    await grandmother.verified("张桂兰", number)
    await parent(helper, name="刘洋")
    answer = await asked(helper, number, "张桂兰", **{"relation": "relative", **more})
    assert (answer.status, answer.json["state"]) == (201, "asked"), answer.text
    return grandmother, helper, answer.json["id"]


def ids_of(text: str) -> UUID:

    return UUID(text)
