"""An office that takes applications, and applications at every stage of their way."""

from __future__ import annotations

import io
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from PIL import Image

from server import db
from server.actor import Staff
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import GuideView, HallView
from server.features.certificates import service as certificates
from server.features.delivery import service as delivery
from server.features.documents import service as documents
from server.features.documents.service import FileOut
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories.booking import key
from tests.factories.documents import bytes_of
from tests.factories.identity import SomeCitizen, SomeStaff, citizen, staff
from tests.fixtures_web import Answer, Client

CASES = "/api/v1/cases"
# Decided and made at the window itself, so that nothing is handed over by list.
ON_THE_SPOT: dict[str, Any] = {
    "handling": "instant",
    "promise_days": 0,
    "steps": [{"key": "decide", "name": "办理", "who": "综合窗口", "days": 0, "what": "当场办结。"}],
}
SIGNED = "120,420 260,300 340,520 460,280 520,560 640,340;700,300 820,480 900,320"
CERTIFICATE = {"name": "老年优待证", "kind": "certificate", "certificate_type": "senior_card"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """An item, the hall that takes it in and the department that decides it, and somebody at each desk."""

    hall: HallView
    guide: GuideView
    clerk: SomeStaff
    reviewer: SomeStaff

    @property
    def item_id(self) -> UUID:
        return self.guide.item.id


async def office(*, uscc: str | None = make.USCC, authorised: bool = True, **guide: Any) -> Office:
    """Open an office whose windows may accept; what is named changes its guide.

    Its result is a certificate unless the guide says otherwise.
    """
    await certificates.define_standard_types()
    hall = await make.county()
    published = await make.guide(**{"result": CERTIFICATE} | guide)
    await catalogue.upsert_department(make.TESTER, "police", "颍上县公安局", region_code=make.COUNTY, uscc=uscc)
    clerk = await staff("clerk", hall=hall.id)
    reviewer = await staff("reviewer", department=published.department.id)
    if authorised:
        await authorise(published.department.id, clerk, reviewer)
    return Office(hall=hall, guide=published, clerk=clerk, reviewer=reviewer)


async def authorise(department_id: UUID, first: SomeStaff, second: SomeStaff, *, hall_id: UUID | None = None) -> None:
    """Let a hall (every one, if none is named) accept everything of a department, by what two have written down."""
    await db.execute(
        "INSERT INTO authorisation (id, created_at, department_id, hall_id, kind, number, signed_by, first_on, last_on,"
        " state, by_department, staff_id, answered_by, answered_at) VALUES ($1, $2, $3, $4, 'accept', '测授 1 号',"
        " '测试局长', $5, $6, 'active', false, $7, $8, $2) ON CONFLICT DO NOTHING",
        new_id(), clock.now(), department_id, hall_id, date(2020, 1, 1), date(2090, 1, 1), first.actor.staff_id,
        second.actor.staff_id,
    )  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Applicant:
    """Somebody with a phone and, once begun, an application."""

    someone: SomeCitizen
    phone: Client
    office: Office
    ports: Ports
    case: dict[str, Any]

    @property
    def id(self) -> UUID:
        return UUID(self.case["id"])

    @property
    def thread_id(self) -> UUID:
        return UUID(self.case["thread_id"])

    async def picture(self, shade: str = "#88aacc") -> FileOut:
        """Upload a picture; another shade is another file."""
        return await documents.store(self.someone.actor, self.ports, "身份证.jpg", bytes_of(picture(shade)))

    async def post(self, deed: str, body: dict[str, Any] | None = None) -> Answer:
        """Do something with the case, and keep its new state when it was done."""
        method = "PUT" if deed == "draft" else "POST"
        options: dict[str, Any] = {} if body is None else {"json": body}
        answer = await self.phone.request(method, f"{CASES}/{self.id}/{deed}", headers=key(), **options)
        if answer.status == 200:
            self.case = answer.json
        return answer

    async def application(self, **changes: object) -> dict[str, Any]:
        """Fill in what the default guide asks for."""
        given: dict[str, Any] = {
            "form": {"name": self.someone.name, "reason": "年满八十"},
            "materials": [{"key": "id_card", "file_id": str((await self.picture()).id)}],
            "version": self.case["version"],
            "delivery": {"method": "counter", "hall_id": str(self.office.hall.id)},
        }
        return given | changes

    async def screen(self) -> dict[str, Any]:
        """Look at the whole matter."""
        shown: dict[str, Any] = (await self.phone.get(f"/api/v1/threads/{self.thread_id}")).json
        return shown


async def begun(client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None, **wish: Any) -> Applicant:
    """An application that has been begun."""
    someone = someone or await citizen(name="张桂兰")
    phone = client.as_(someone.token)
    started = await phone.post(CASES, json={"item_id": str(at.item_id)} | wish, headers=key())
    assert started.status == 201, started.text
    return Applicant(someone=someone, phone=phone, office=at, ports=ports, case=started.json)


async def submitted(
    client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None, **wish: Any
) -> Applicant:
    """An application that has been handed in."""
    who = await begun(client, ports, at, someone, **wish)
    answer = await who.post("submit", await who.application())
    assert answer.status == 200, answer.text
    return who


async def granted(client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None) -> Applicant:
    """An application that was granted; its result is being prepared."""
    who = await submitted(client, ports, at, someone)
    await cases.accept(at.clerk.actor, who.id)
    await cases.grant(at.reviewer.actor, ports.signer, who.id, None)
    return who


async def ready(client: Client, ports: Ports, at: Office, someone: SomeCitizen | None = None) -> tuple[Applicant, str]:
    """An application whose result lies at the counter, and the code to collect it with."""
    who = await granted(client, ports, at, someone)
    await shelved(at.clerk.actor, at.reviewer.actor, who.thread_id)
    return who, (await who.screen())["delivery"]["pickup_code"]


async def shelved(clerk: Staff, reviewer: Staff, thread_id: UUID, shelf: str = "A-03") -> None:
    """Hand a result over by list, and put it on a shelf of the counter."""
    sent = await db.fetchrow("SELECT department_id, hall_id FROM delivery WHERE thread_id = $1", thread_id)
    assert sent is not None
    number = (await thread.get(thread_id)).number
    list_id = await delivery.begin_list(reviewer, sent["department_id"], sent["hall_id"])
    await delivery.scan_on(reviewer, list_id, number)
    await delivery.give(reviewer, list_id)
    await delivery.count(clerk, list_id, number, shelf)
    await delivery.receive(clerk, list_id)


def picture(shade: str = "#88aacc") -> bytes:
    """A small photograph."""
    sink = io.BytesIO()
    Image.new("RGB", (64, 40), shade).save(sink, "JPEG")
    return sink.getvalue()
