"""What requests need besides somebody's id, by the name of the field; `Struct.field` where names are not enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server import db
from server.features.booking import service as booking
from server.features.booking.schemas import SlotOut
from server.features.certificates import service as certificates
from server.features.complaints import service as complaints
from server.features.complaints.schemas import ComplaintIn
from server.features.complaints.service import Kind
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import identity as people
from tests.server.rude.supplied import pictured

if TYPE_CHECKING:
    from tests.server.rude.world import Holder, Town

_OTHER_DEPARTMENTS = ("AskForm.department", "EarlyForm.department", "SuitsForm.department", "FoundForm.department")
HOLIDAYS = '{"year": 2027, "days": [{"name": "元旦", "date": "2027-01-01", "isOffDay": true}]}'
_LETTER = "SELECT id FROM complaint WHERE number = $1"
_WAY = "SELECT channel FROM outbox WHERE inbox_id = $1 LIMIT 1"


# What is asked about the board, and about what only its own have.
_WATCHED = {
    "matter": "rectifications",
    "indicator": "rated",
    "RowsQuery.month": "2026-11",
    "bulletin_id": str(new_id()),
    "assignment_id": str(new_id()),
    "draw_id": str(new_id()),
    "place": 0,
    "DrawForm.first_on": "2026-01-01",
    "DrawForm.last_on": "2026-01-02",
    "walk_id": str(new_id()),
    "AssignForm.days": 5,
    "WalkForm.code": "none",
    "file": "pdf",
    "BulletinForm.period": "2026",
}


async def given(town: Town, holders: Sequence[Holder], free: list[SlotOut]) -> dict[str, Any]:
    """Put it together. What a slip opens is the second holder's, so that the first one's is nowhere."""
    owner, other = holders
    return {
        **_WATCHED,
        **await _at_desk(town, owner),
        **await _in_hall(town, other),
        **await _on_phone(town, owner, free),
        **_at_window(owner),
    }


def _at_window(owner: Holder) -> dict[str, Any]:
    """Whoever shows a document at any window of the county is served there, and reads who looked."""
    return {
        "paper_id": owner.ids["certificate_id"],
        "HolderForm.number": owner.citizen.number,
        "PrintForm.number": owner.citizen.number,
        "PrintForm.checked": "yes",
    }


async def _at_desk(town: Town, owner: Holder) -> dict[str, Any]:
    return {
        "commitment_id": str(new_id()),
        "CommitIn.agreed": True,
        "CommitIn.version": "2026-11",
        "ChangeForm.first_on": (clock.today() + timedelta(days=9)).isoformat(),
        "ChangeForm.last_on": (clock.today() + timedelta(days=9)).isoformat(),
        "PauseForm.kind": "hearing",
        "RuleForm.region_code": "341226",
        "RuleForm.first_on": clock.today().isoformat(),
        "RuleForm.last_on": clock.today().isoformat(),
        **dict.fromkeys(_OTHER_DEPARTMENTS, str(town.second.department.id)),
        "DelegateForm.seat": str(town.hall.id),
        "DelegateForm.deeds": ["accept"],
        **dict.fromkeys(("AskForm.days", "EarlyForm.days"), 1),
        **dict.fromkeys(("OpinionForm.agrees", "FoundForm.passed"), "true"),
        "RecallForm.question": str(new_id()),
        "Choice.kind": "booking.hall_closed",
        "Choice.audience": "queue.waiting",
        "Choice.hall": str(town.hall.id),
        "Choice.to_hall": str(town.hall.id),
        "Choice.day": clock.today().isoformat(),
        "GrantForm.role": "clerk",
        "GrantForm.scope": f"hall:{town.hall.id}",
        "AgainForm.channel": await db.fetchval(_WAY, UUID(owner.ids["message_id"])),
        "AgainForm.reason": "not_received",
        "AnswerForm.reason": "还有办件没有办结",
        "TakeOnForm.scope": f"hall:{town.hall.id}",
        "TakeOnForm.username": "newcomer",
        "NewForm.agent_number": people.sample_number(),
        "NewForm.person_number": people.sample_number(),
        "ReceiveForm.item": str(town.second.item.id),
        "NewForm.shown": ["signed_authority"],
        "DecisionForm.shown": ["household_register"],
        "LineForm.ids": [],
        "LineForm.weekdays": [2],
        "LineForm.opens": "19:00",
        "LineForm.closes": "20:00",
        "LineForm.first_on": clock.today().isoformat(),
        "BookingForm.first_on": clock.today().isoformat(),
        **{f"BookingForm.{name}": least for name, (least, _) in booking.RANGES.items()},
        "BookingForm.release_minute": "09:00",
        **{f"QueueForm.{name}": least for name, (least, _) in queue.RANGES.items()},
        "QueueForm.walk_in_from": "08:00",
        "QueueForm.walk_in_until": "17:30",
        "HallForm.name": town.hall.name,
        "section": "conditions",
        "type_key": "health_card",
        "before": 1,
        "after": 0,
        "NewWindowForm.number": 77,
        "skills": ["general"],
        "topic": (await push.topics(owner.citizen.actor)).topics[0].topic,
        "first": 1,
        "start": 0,
        "last": 1,
        "notice": HOLIDAYS,
    }


async def _in_hall(town: Town, other: Holder) -> dict[str, Any]:
    on_the_wall = await queue.hall_token(town.hall.id)
    slip = await queue.code_of(town.clerk, UUID(other.ids["ticket_id"]))
    return {
        "queue.arrival.token": on_the_wall,
        "queue.place.token": slip,
        "SlipQuery.code": slip,
        "PlaceQuery.token": await thread.standing_code("place", town.hall.id),
        "NumberForm.skill": "general",
        "WalkInIn.token": on_the_wall,
        "CheckInIn.token": on_the_wall,
    }


async def _on_phone(town: Town, owner: Holder, free: list[SlotOut]) -> dict[str, Any]:
    shown = await certificates.present(owner.citizen.actor, UUID(owner.ids["certificate_id"]), "http://x")
    opened = await thread.get(UUID(owner.ids["thread_id"]))
    live = await booking.get(owner.citizen.actor, UUID(owner.ids["booking_id"]))
    letter = await complaints.write(
        owner.citizen.actor, ComplaintIn(kind=Kind.QUESTION, words="要带户口簿吗？", item_id=town.second.item.id)
    )
    rating = await ratings.of_thread(opened.id)
    assert rating is not None
    return {
        "item_id": str(town.second.item.id),
        "guide_id": str(town.second.id),
        "hall_id": str(town.hall.id),
        "slot_id": str(free[len(free) // 2].id),
        "name": "desk.css",
        "line": "id_card",
        "BatchForm.department": str(town.first.department.id),
        "waybill": "EA341226999CN",
        "ReturnIn.reason": "unreadable",
        "ParcelIn.received_on": clock.today().isoformat(),
        "token": rating.token,
        "TakeDownForm.number": opened.number,
        "ComplaintQuery.token": letter.token,
        "complaints.picture.picture_id": await pictured(town.ports, await db.fetchval(_LETTER, letter.number)),
        "ComplaintJudgeIn.token": letter.token,
        "ComplaintRef.token": letter.token,
        "ComplaintIn.kind": "stuck",
        "ComplaintIn.reason": "hard",
        "ScanForm.token": live.code,
        "CheckIn.token": shown.token,
        "day": clock.today().isoformat(),
        "version": 3,
        "form": {"name": owner.citizen.name},
        "MaterialIn.key": "id_card",
        "ConsentIn.version": identity.privacy(owner.citizen.actor).version,
        "number": people.sample_number(),
        "TrackQuery.number": opened.number,
        "phone_tail": owner.citizen.phone[-4:],
        "phone": people.sample_phone(),
        "uscc": "91341226MA00000018",
        "EnterpriseIn.name": "颍上县样例有限公司",
        "RealNameIn.name": owner.citizen.name,
        "MandateIn.name": "陈小样",
        "keys": ["id_card"],
        "reasons": ["看不清"],
        "reason": "材料不合格",
        "ShelfForm.shelf": "B-01",
        "q": "测试",
    }
