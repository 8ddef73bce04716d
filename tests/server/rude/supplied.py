"""What lies on a hall manager's desk: a week, a rule, a machine, a bad rating, an authorisation that waits."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Anonymous, Staff
from server.features.booking.models import PolicyEdit, WeekPlan
from server.features.cases.models import Authorisation, Case, Delegation, PaperBatch, PaperLine, Parcel, Ruling
from server.features.certificates.models import CertificateChange
from server.features.complaints.models import Complaint, Kind, State
from server.features.documents import service as documents
from server.features.queue.models import DeviceKind, HallDevice, LineEdit
from server.features.ratings.models import PosterOrder, Sheet
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Ports
from tests.factories.cases import picture
from tests.factories.documents import bytes_of

_BAD = """
WITH burst AS (INSERT INTO rating_burst (id, created_at, kind) VALUES (gen_random_uuid(), $2, 'source') RETURNING id),
rated AS (
    INSERT INTO rating
        (id, created_at, thread_id, subject_kind, subject_id, department_id, hall_id, token, state, level, given_at,
        channel, burst_id, words_held)
    SELECT gen_random_uuid(), $2, $1, 'visit', gen_random_uuid(), department.id, $3, gen_random_uuid(), 'given',
        'dissatisfied', $2, 'code', burst.id, true
    FROM department, burst LIMIT 1 RETURNING id, department_id),
work AS (
    INSERT INTO rectification
        (id, created_at, rating_id, thread_id, department_id, hall_id, state, started_on, red_on, due_on)
    SELECT gen_random_uuid(), $2, id, $1, department_id, $3, 'assigned', $4, $4, $4 FROM rated RETURNING id, rating_id)
SELECT work.id AS rectification_id, work.id AS matter_id, work.rating_id, burst.id AS burst_id FROM work, burst
"""


# What shows a screenshot, where others show a picture of a bad rating.
_SCREENSHOTS = ("console_complaints.picture.picture_id", "console_complaints.small_picture.picture_id")
_CONSENT = """
INSERT INTO certificate_consent
    (id, created_at, certificate_id, enterprise_id, account_id, purpose, state, until)
SELECT gen_random_uuid(), $2::timestamptz, certificate.id, membership.enterprise_id, account.id, '样', 'asked',
    $2::timestamptz + interval '1 day'
FROM certificate JOIN membership USING (person_id) JOIN account USING (person_id)
WHERE certificate.thread_id = $1 LIMIT 1 RETURNING id
"""
_CHECK = """
INSERT INTO certificate_scan (id, created_at, certificate_id, token, account_id, result, way)
SELECT gen_random_uuid(), $2, certificate.id, '', account.id, 'valid', 'shown'
FROM certificate JOIN account USING (person_id) WHERE thread_id = $1 LIMIT 1 RETURNING id
"""


_BANK = """
INSERT INTO hall (id, created_at, key, name, kind, region_code, address, hours_text, served_by)
SELECT gen_random_uuid(), $2, 'bank-' || id, '取件柜', 'locker_bank', region_code, address, hours_text, id
FROM hall WHERE id = $1 ON CONFLICT (key) DO UPDATE SET name = excluded.name RETURNING id
"""
_CELL = """
INSERT INTO locker_cell (id, created_at, bank_id, number, size, state)
SELECT gen_random_uuid(), $2, $1, 1 + count(*), 'S', 'free' FROM locker_cell WHERE bank_id = $1 RETURNING id
"""


async def supplied(
    hall_id: UUID, department_id: UUID, author: Staff, thread_id: UUID, ports: Ports
) -> dict[str, object]:
    """Write one of each, in force long after the test."""
    far = clock.today() + timedelta(days=300)
    by = {"hall_id": hall_id, "staff_id": author.staff_id}
    plan = WeekPlan(skill="social", first_on=far, reason="检修线路", **by)
    edit = PolicyEdit(first_on=far, reason="检修线路", old={"hold_minutes": 10}, new={"hold_minutes": 11}, **by)
    line = LineEdit(first_on=far, reason="检修线路", old={"grace_minutes": 10}, new={"grace_minutes": 11}, **by)
    device = HallDevice(kind=DeviceKind.KIOSK, name="一楼东门", **by)
    given = Authorisation(
        department_id=department_id,
        kind="receive",
        number=str(new_id()),
        signed_by="测试局长",
        first_on=far, last_on=far, by_department=False, **by,
    )  # fmt: skip
    for row in (plan, edit, line, device, given):
        await row.save()
    parcel = Parcel(courier="ems", waybill=str(new_id()), received_on=clock.today(), **by)
    parcel.sender, parcel.contents = {"name": "赵长庚", "phone": ""}, "申请表 1 份"
    await parcel.save()
    batch = PaperBatch(
        number=str(new_id()), hall_id=hall_id, department_id=department_id, due_on=far, state="handed",
        giver_id=author.staff_id, handed_at=clock.now(),
    )  # fmt: skip
    await batch.save()
    case_id = await db.fetchval("SELECT id FROM case_record WHERE thread_id = $1 LIMIT 1", thread_id)
    paper = PaperLine(batch_id=batch.id, case_id=case_id, keys=["id_card"])
    await paper.save()
    certificate_id = await db.fetchval("SELECT id FROM certificate WHERE thread_id = $1", thread_id)
    asked = await CertificateChange.create(
        certificate_id=certificate_id, verb="suspend", basis="样", state="asked", staff_id=author.staff_id
    )
    now = clock.now()
    bad = await db.fetchrow(_BAD, thread_id, now, hall_id, clock.today())
    written = Complaint(
        number=str(new_id()), kind=Kind.QUESTION, state=State.ROUTED, nameless=True, token=str(new_id()),
        hall_id=hall_id, department_id=department_id, due_on=far,
    )  # fmt: skip
    written.words = "要带户口簿吗？"
    await written.save(force_create=True)
    return {
        "order_id": await _ordered(hall_id, author),
        "complaint_id": written.id,
        "asked_id": asked.id,
        "check_id": await db.fetchval(_CHECK, thread_id, now),
        "consent_id": await db.fetchval(_CONSENT, thread_id, now),
        **dict(bad or {}),
        **await _pictures(ports, (bad or {})["rating_id"], written.id),
        "authorisation_id": given.id,
        "delegation_id": await _delegated(hall_id, department_id, author, far),
        "batch_id": batch.id,
        "line_id": paper.id,
        "parcel_id": parcel.id,
        "device_id": device.id,
        "edit_id": edit.id,
        "line_edit_id": line.id,
        "plan_id": plan.id,
        **await _locker(hall_id),
    }


async def _pictures(ports: Ports, rating_id: UUID, complaint_id: UUID) -> dict[str, object]:
    screenshot = dict.fromkeys(_SCREENSHOTS, await pictured(ports, complaint_id))
    return {"picture_id": await pictured(ports, rating_id), **screenshot}


async def pictured(ports: Ports, beside: UUID) -> UUID:
    """Put a picture beside a bad rating, or beside what somebody wrote."""
    shot = await documents.offer(Anonymous(), ports, beside, bytes_of(picture()))
    await documents.exhibit([shot.id], beside)
    return shot.id


async def _delegated(hall_id: UUID, department_id: UUID, author: Staff, far: date) -> UUID:
    other = await db.fetchval("SELECT id FROM staff WHERE id <> $1 ORDER BY id LIMIT 1", author.staff_id)
    row = Delegation(
        department_id=department_id,
        hall_id=hall_id,
        representative_id=other,
        deeds=["accept"],
        number=str(new_id()),
        signed_by="测试局长",
        first_on=far,
        last_on=far,
        staff_id=author.staff_id,
    )
    await row.save(force_create=True)
    return row.id


async def _locker(hall_id: UUID) -> dict[str, object]:
    bank_id = await db.fetchval(_BANK, hall_id, clock.now())
    return {"bank": bank_id, "cell_id": await db.fetchval(_CELL, bank_id, clock.now())}


async def _ordered(hall_id: UUID, author: Staff) -> UUID:
    order = PosterOrder(hall_id=hall_id, staff_id=author.staff_id, sheet=Sheet.HALL, base="", places=[hall_id])
    order.state, order.drawn, order.pdf = "done", 1, b"%PDF"
    await order.save(force_create=True)
    return order.id


async def ruled(case_id: UUID) -> None:
    """Let the rules have looked at a case before a person decided it."""
    case = await Case.get(id=case_id)
    await Ruling(
        case_id=case.id, guide_id=case.guide_id, item_id=case.item_id, department_id=case.department_id,
        state="person", why="not_true", ended_at=clock.now(),
    ).save(force_create=True)  # fmt: skip
