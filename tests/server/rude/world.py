"""Two people who have each gone the whole way, and everybody who might look at their things."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from PIL import Image

from server import db
from server.actor import Anonymous, Staff
from server.features.booking import service as booking
from server.features.booking.models import Appeal, HallChange, Waiting, WaitState
from server.features.booking.schemas import BookIn, SlotOut
from server.features.cases import service as cases
from server.features.cases.schemas import CaseOut, DeliveryIn, DraftIn, MaterialIn, ReportIn, StartIn, SubmitIn
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, HallView
from server.features.certificates import service as certificates
from server.features.delivery import service as delivery
from server.features.documents import service as documents
from server.features.documents.schemas import UploadIn
from server.features.identity import service as identity
from server.features.privacy.models import DataRequest, Wish, WishState
from server.features.queue import service as queue
from server.kit import clock
from server.kit.ids import new_id, token
from server.ports import Ports
from tests.factories import booking as places
from tests.factories import catalogue as make
from tests.factories import identity as people
from tests.factories.cases import authorise, shelved
from tests.factories.documents import bytes_of
from tests.factories.identity import SomeCitizen
from tests.server.rude.desks import staff_of
from tests.server.rude.given import given
from tests.server.rude.names import nothings
from tests.server.rude.supplied import ruled, supplied

APPEAL = "那天下大雨路断了没能赶到"
OPINION = "经核查材料与档案一致"

# A message that has been on its way to a phone.
_SENT = """
SELECT inbox.id FROM inbox JOIN outbox ON outbox.inbox_id = inbox.id
WHERE inbox.person_id = $1 AND inbox.thread_id IS NOT NULL ORDER BY inbox.id DESC LIMIT 1
"""
_BROADCAST = """
INSERT INTO broadcast (id, created_at, kind, words, audience, chosen, state, expected, author_id)
VALUES ($1, $2, 'booking.hall_closed', $3::jsonb, 'queue.waiting', $4::jsonb, 'waiting', 1, $5)
"""
_BIRTHDAYS = (date(2018, 3, day) for day in range(1, 29))


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """One citizen with one of everything. `ids` go into paths, queries and bodies by name.

    The case is a draft, since only a draft takes papers; `handed_in` is the one that officers see.
    """

    citizen: SomeCitizen
    ids: Mapping[str, str]
    handed_in: UUID

    @property
    def at_desk(self) -> dict[str, str]:
        """The ids as the desk uses them."""
        return {**self.ids, "case_id": str(self.handed_in)}


@dataclass(frozen=True, slots=True, kw_only=True)
class World:
    """`staff` is name to (console cookie, actor); `given` fills what a request needs and nobody owns."""

    a: Holder
    b: Holder
    unverified: SomeCitizen
    staff: Mapping[str, tuple[str, Staff]]
    given: Mapping[str, Any]
    absent: Mapping[str, str] = field(default_factory=nothings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """Where it happens: one hall, one item that ends in a certificate, one that is only begun."""

    hall: HallView
    first: GuideView
    second: GuideView
    clerk: Staff
    reviewer: Staff
    ports: Ports

    async def slots(self, guide: GuideView) -> list[SlotOut]:
        """List what is free."""
        return await places.Bookable(hall=self.hall, guide=guide).slots()


def picture() -> bytes:
    """A small JPEG."""
    sink = io.BytesIO()
    Image.new("RGB", (64, 40), "#88aacc").save(sink, "JPEG")
    return sink.getvalue()


async def seed(ports: Ports) -> World:
    """Build it. Moves the product's clock to shortly before the first appointment."""
    await certificates.define_standard_types()
    town = await _town(ports)
    a, b = await people.citizen(name="陈甲样"), await people.citizen(name="林乙样")
    visits = await _visits(town, a, b)
    holders = [await _holder(town, one, visit) for one, visit in zip((a, b), visits, strict=True)]
    free = await town.slots(town.second)
    await certificates.publish_status_list(ports.signer)
    return World(
        a=holders[0],
        b=holders[1],
        unverified=await people.citizen(verified=False),
        staff=await staff_of(town.hall, town.first.department.id),
        given=await given(town, holders, free),
    )


async def _town(ports: Ports) -> Town:
    first = await places.bookable(
        capacity=9,
        confirmation="auto",
        result={"name": "老年优待证", "kind": "certificate", "certificate_type": "senior_card"},
    )
    second = await make.guide()
    await catalogue.upsert_department(make.TESTER, "police", "颍上县公安局", region_code=make.COUNTY, uscc=make.USCC)
    clerk = await people.staff("clerk", hall=first.hall.id)
    reviewer = await people.staff("reviewer", department=first.guide.department.id)
    await authorise(first.guide.department.id, clerk, reviewer)
    writer = await people.staff("administrator")
    await catalogue.begin_draft(writer.actor, second.item.id)
    return Town(
        hall=first.hall, first=first.guide, second=second, clerk=clerk.actor, reviewer=reviewer.actor, ports=ports
    )


async def _visits(town: Town, *citizens: SomeCitizen) -> list[tuple[UUID, UUID]]:
    """Let each book the same hour, come and be served; give thread and ticket of each."""
    # Far enough ahead that the clock only ever moves forward, whatever the time of day is.
    soon = clock.now() + timedelta(minutes=30)
    slot = next(slot for slot in await town.slots(town.first) if slot.starts_at > soon)
    booked = [
        await places.book(one.actor, BookIn(item_id=town.first.item.id, slot_id=slot.id, ticked=[])) for one in citizens
    ]
    clock.advance(slot.starts_at - timedelta(minutes=10) - clock.now())
    window = (await catalogue.windows(town.hall.id))[0]
    visits = []
    for one in booked:
        ticket = await queue.check_in_at_desk(town.clerk, one.id)
        called = await queue.call_next(town.clerk, window.id)
        assert called == ticket.id
        await queue.finish(town.clerk, ticket.id)
        visits.append((one.thread_id, ticket.id))
    await booking.set_policy(town.hall.id, confirmation="staff")
    return visits


async def _holder(town: Town, one: SomeCitizen, visit: tuple[UUID, UUID]) -> Holder:
    case_id, file_id = await _granted(town, one, town.first.item.id)
    await ruled(case_id)
    return Holder(citizen=one, ids=await _everything(town, one, visit, file_id), handed_in=case_id)


async def _everything(town: Town, one: SomeCitizen, visit: tuple[UUID, UUID], file_id: UUID) -> dict[str, str]:
    thread_id, ticket_id = visit
    pickup = await _ready(town, one, thread_id)
    later = (await town.slots(town.second))[-1]
    booked = await places.book(one.actor, BookIn(item_id=town.second.item.id, slot_id=later.id, ticked=[]))
    await booking.confirm(town.clerk, [booked.id])
    begun = await _drafted(town, one)
    upload = await documents.begin_upload(one.actor, UploadIn(name="样 3.jpg", size=len(picture())))
    child = await people.child_of(one, born=next(_BIRTHDAYS))
    enterprise = await people.enterprise_of(one)
    clerk = await identity.authorise_clerk(one.actor, enterprise, people.sample_phone())
    mandate = (await identity.me(one.actor)).represents[0].mandate_id
    second = await identity.login_wechat(Anonymous(), f"{one.openid}#{token()}", people.WECHAT, "iPad/wechat")
    sessions = {session.id for session in second.me.sessions} - {one.session_id}
    (certificate,) = await certificates.wallet(one.actor)
    notices = await documents.notices_of(thread_id, "zh-CN")
    message_id = await db.fetchval(_SENT, one.person_id)
    erasure = DataRequest(person_id=one.person_id, kind=Wish.ERASURE, state=WishState.ASKED)
    await erasure.save()
    waiting = await _in_line(town, one, later.starts_at.astimezone(clock.SHANGHAI).date())
    colleague = await people.staff("clerk", hall=town.hall.id)
    window = (await catalogue.windows(town.hall.id))[0]
    found = {
        "address_id": (await identity.add_address(one.actor, people.HOME)).items[0].id,
        "booking_id": booked.id,
        "case_id": begun.id,
        "certificate_id": certificate.id,
        "clerk_id": clerk.id,
        "CodeForm.code": pickup[1],
        "CheckForm.code": pickup[1],
        "delivery_id": pickup[0],
        "DeskQuery.done": thread_id,
        "PanelQuery.done": thread_id,
        "enterprise_id": enterprise,
        "erasure_id": erasure.id,
        "file_id": file_id,
        "upload_id": upload.id,
        "for_person_id": child,
        "hall": town.hall.id,
        "hall_id": town.hall.id,
        "ids": booked.id,
        "mandate_id": mandate,
        "list_id": await db.fetchval("SELECT list_id FROM handover_line WHERE delivery_id = $1", UUID(str(pickup[0]))),
        "receipt_id": await delivery.check(town.clerk, pickup[1]),
        "message_id": message_id,
        "notice_id": notices[0].id,
        "person_id": one.person_id,
        "report_id": await db.fetchval("SELECT id FROM field_report WHERE case_id = $1", begun.id),
        "session_id": min(sessions),
        "staff_id": colleague.actor.staff_id,
        "thread": thread_id,
        "thread_id": thread_id,
        "ticket_id": ticket_id,
        "waiting_id": waiting.id,
        "window": window.id,
        "window_id": window.id,
    }
    found |= await _of_managers(town, booked.id, thread_id, colleague.actor)
    return {name: str(value) for name, value in found.items()}


async def _drafted(town: Town, one: SomeCitizen) -> CaseOut:
    """Begin an application with one paper, and report that the name filled in is wrong."""
    begun = await cases.start(one.actor, StartIn(item_id=town.second.item.id))
    loose = await documents.store(one.actor, town.ports, "样 2.jpg", bytes_of(picture()))
    draft = DraftIn(
        form={"name": one.name}, materials=[MaterialIn(key="id_card", file_id=loose.id)], version=begun.version
    )
    kept = await cases.save_draft(one.actor, begun.id, draft)
    return await cases.report(one.actor, begun.id, ReportIn(key="name", right="另一个名字", version=kept.version))


async def _of_managers(town: Town, booking_id: UUID, thread_id: UUID, author: Staff) -> dict[str, object]:
    """What a hall manager answers: an appeal, a change of the hall's days, a broadcast that waits for a second look."""
    appeal = Appeal(booking_id=booking_id, hall_id=town.hall.id)
    appeal.reason = APPEAL
    await appeal.save()
    far = clock.today() + timedelta(days=300)
    change = HallChange(
        hall_id=town.hall.id, kind="closed", first_on=far, last_on=far, weekdays=list(range(7)), reason="检修线路"
    )
    await change.save()
    broadcast_id, hall = new_id(), str(town.hall.id)
    words, chosen = json.dumps({"hall": hall, "day": far.isoformat()}), json.dumps({"hall": hall})
    await db.execute(_BROADCAST, broadcast_id, clock.now(), words, chosen, author.staff_id)
    found = {"appeal_id": appeal.id, "broadcast_id": broadcast_id, "change_id": change.id}
    return found | await supplied(town.hall.id, town.first.department.id, author, thread_id, town.ports)


async def _in_line(town: Town, one: SomeCitizen, day: date) -> Waiting:
    row = Waiting(
        hall_id=town.hall.id,
        item_id=town.second.item.id,
        skill="general",
        day=day,
        person_id=one.person_id,
        account_id=one.account_id,
        state=WaitState.WAITING,
    )
    await row.save()
    return row


async def _granted(town: Town, one: SomeCitizen, item_id: UUID) -> tuple[UUID, UUID]:
    """Apply with one paper, be accepted and granted; give the case and the paper."""
    begun = await cases.start(one.actor, StartIn(item_id=item_id))
    file = await documents.store(one.actor, town.ports, "样 1.jpg", bytes_of(picture()))
    application = SubmitIn(
        form={"name": one.name, "reason": "年满八十"},
        materials=[MaterialIn(key="id_card", file_id=file.id)],
        version=begun.version,
        delivery=DeliveryIn(method="counter", hall_id=town.hall.id),
    )
    await cases.submit(one.actor, begun.id, application)
    await cases.accept(town.clerk, begun.id)
    await cases.grant(town.reviewer, town.ports.signer, begun.id, OPINION)
    return begun.id, file.id


async def _ready(town: Town, one: SomeCitizen, thread_id: UUID) -> tuple[UUID, str]:
    """Lay the result on the shelf; give the delivery and its code."""
    await shelved(town.clerk, town.reviewer, thread_id)
    shown = await delivery.of_thread(one.actor, thread_id)
    assert shown is not None
    assert shown.pickup_code is not None
    return shown.id, shown.pickup_code
