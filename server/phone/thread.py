"""One matter on one screen: its number, its timeline, and everything that hangs on it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.service import BookingConfirmed, BookingOut
from server.features.cases import service as cases
from server.features.cases.service import CaseAccepted, CaseGranted, CaseOut
from server.features.certificates import service as certificates
from server.features.certificates.service import CertificateCard
from server.features.delivery import service as delivery
from server.features.delivery.service import DeliveryOut, ReadyToCollect
from server.features.documents import service as documents
from server.features.documents.service import NoticeOut
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.queue.service import Called, TicketOut
from server.features.ratings import service as ratings
from server.features.ratings.service import Invited, RatingRef
from server.features.thread import service as thread
from server.ports import Ports
from server.web import access, limits, route

blueprint = Blueprint("phone_thread", url_prefix="/api/v1")


class StepOut(Struct, kw_only=True):
    """One thing that happened."""

    at: datetime
    name: str
    text: str


class ClockOut(Struct, kw_only=True):
    """The clock of the decision; `days_left` counts working days to the promise."""

    promise_on: date
    law_on: date
    days_left: int | None
    light: str


class ThreadScreen(Struct, kw_only=True):
    """The whole matter."""

    id: UUID
    number: str
    title: str
    item_id: UUID
    state: str
    steps: list[StepOut]
    clock: ClockOut | None
    booking: BookingOut | None
    ticket: TicketOut | None
    case: CaseOut | None
    certificates: list[CertificateCard]
    delivery: DeliveryOut | None
    rating: RatingRef | None
    notices: list[NoticeOut]
    carry: push.WillCarry


class TrackQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The public number, as it is on the notice, and the last four digits of the applicant's phone."""

    number: Annotated[str, Meta(min_length=1, max_length=40)]
    phone_tail: Annotated[str, Meta(min_length=1, max_length=8)]


class TrackOut(Struct, kw_only=True):
    """Where the matter stands, for whoever knows number and phone; no names, no papers."""

    number: str
    title: str
    state: str
    steps: list[StepOut]


@route(blueprint, "GET", "/threads/<thread_id:uuid>", access=access.citizen)
async def screen(actor: Citizen, thread_id: UUID) -> ThreadScreen:
    """Show one matter of mine."""
    seen = await thread.view(actor, thread_id)
    steps = [step for step in await thread.timeline(thread_id) if step.public]
    booked = await booking.of_thread(thread_id)
    clocks = [one for one in await thread.clocks(thread_id) if one.kind is thread.ClockKind.DECIDE]
    case = await cases.of_thread(actor, thread_id)
    sent = await delivery.of_thread(actor, thread_id)
    rated = await ratings.of_thread(thread_id)
    return ThreadScreen(
        id=seen.id,
        number=seen.number,
        title=seen.title,
        item_id=seen.item_id,
        state=seen.state.value,
        steps=[_step(step, actor) for step in steps],
        clock=_clock(clocks[-1]) if clocks else None,
        booking=None if booked is None else await booking.get(actor, booked.id),
        ticket=await queue.of_thread(actor, thread_id),
        case=case,
        certificates=await certificates.cards_of_thread(actor, thread_id),
        delivery=sent,
        rating=rated,
        notices=await documents.notices_of(thread_id, actor.locale),
        carry=await push.will_carry(actor, _next(booked, case, sent, rated)),
    )


@route(blueprint, "GET", "/track", access=access.public, limit="track")
async def track(actor: Actor, query: TrackQuery, ports: Ports) -> TrackOut:
    """Show the progress to whoever knows the number and the phone's last four digits."""
    number = thread.parse_number(query.number)
    if number is not None:
        await limits.count(ports, "track_number", number)
    found = await thread.track(query.number, query.phone_tail)
    return TrackOut(
        number=found.number,
        title=found.title,
        state=found.state.value,
        steps=[_step(step, actor) for step in found.steps],
    )


# What the person will want to be told next, by how the visit and the case stand. Nothing more follows other states.
_OF_VISIT: Mapping[str, tuple[type[push.Message], ...]] = {
    "requested": (BookingConfirmed,),
    "confirmed": (),
}
_OF_CASE: Mapping[str, tuple[type[push.Message], ...]] = {
    "submitted": (CaseAccepted, CaseGranted),
    "pre_review": (CaseAccepted, CaseGranted),
    "correction_asked": (CaseAccepted, CaseGranted),
    "accepted": (CaseGranted,),
    "accepted_with_deficiency": (CaseGranted,),
    "in_review": (CaseGranted,),
}


def _next(
    booked: booking.Booking | None, case: CaseOut | None, sent: DeliveryOut | None, rated: RatingRef | None
) -> list[type[push.Message]]:
    """List what this matter will say next, the soonest first."""
    said = None if booked is None else _OF_VISIT.get(booked.state.value)
    visit = () if booked is None or said is None else (*said, *booking.reminders_left(booked), Called)
    decided = () if case is None else _OF_CASE.get(case.state, ())
    handed_out = case is not None and case.delivery is not None and case.delivery.method == "counter"
    collects = handed_out and (bool(decided) or (sent is not None and sent.state == "preparing"))
    goes_on = visit or decided or collects or sent is not None
    invited = rated is None and bool(goes_on)
    return [*visit, *decided, *((ReadyToCollect,) if collects else ()), *((Invited,) if invited else ())]


def _step(step: thread.StepView, actor: Actor) -> StepOut:
    return StepOut(at=step.at, name=step.name, text=thread.step_text(actor.locale, step.name, step.data))


def _clock(clock: thread.ClockView) -> ClockOut:
    return ClockOut(promise_on=clock.promise_on, law_on=clock.law_on, days_left=clock.days_left, light=clock.light)
