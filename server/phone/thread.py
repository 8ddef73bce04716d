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
from server.features.delivery.service import DeliveryOut, InLocker, Posted, ReadyToCollect
from server.features.documents import service as documents
from server.features.documents.service import NoticeOut
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.queue.service import Called, TicketOut
from server.features.ratings import service as ratings
from server.features.ratings.service import Invited, RatingRef
from server.features.thread import service as thread
from server.kit.texts import text
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


class ResultOut(Struct, kw_only=True):
    """The result of one item of a theme, and where it is."""

    thread_id: UUID
    name: str
    state: str
    state_text: str
    hall: str


class ThreadScreen(Struct, kw_only=True):
    """The whole matter."""

    id: UUID
    number: str
    title: str
    item_id: UUID
    state: str
    standing: str
    standing_text: str
    steps: list[StepOut]
    clock: ClockOut | None
    booking: BookingOut | None
    ticket: TicketOut | None
    case: CaseOut | None
    certificates: list[CertificateCard]
    delivery: DeliveryOut | None
    results: list[ResultOut]
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
    booked = await booking.of_thread(thread_id)
    clocks = [one for one in await thread.clocks(thread_id) if one.kind is thread.ClockKind.DECIDE]
    case = await cases.of_thread(actor, thread_id)
    standing, draft = (await thread.standings([seen], actor.locale))[thread_id]
    sent = await delivery.of_thread(actor, thread_id)
    rated = await ratings.of_thread(thread_id, actor)
    return ThreadScreen(
        id=seen.id,
        number=seen.number,
        title=seen.title,
        item_id=seen.item_id,
        state=seen.state.value,
        standing=standing.value,
        standing_text=thread.standing_text(actor.locale, standing, draft),
        steps=await _steps(actor, thread_id, case),
        clock=_clock(clocks[-1]) if clocks else await _latest(case),
        booking=None if booked is None else await booking.get(actor, booked.id),
        ticket=await queue.of_thread(actor, thread_id),
        case=case,
        certificates=await certificates.cards_of_thread(actor, thread_id),
        delivery=sent,
        results=await _results(actor, case),
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
    found = await thread.track(number, query.phone_tail)
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

# Until it lies where it is collected, or is posted.
_ON_ITS_WAY = ("preparing", "handed_to_window")
# By the way the result is to come.
_ARRIVES: Mapping[str, type[push.Message]] = {"counter": ReadyToCollect, "locker": InLocker, "post": Posted}


def _next(
    booked: booking.Booking | None, case: CaseOut | None, sent: DeliveryOut | None, rated: RatingRef | None
) -> list[type[push.Message]]:
    """List what this matter will say next, the soonest first."""
    said = None if booked is None else _OF_VISIT.get(booked.state.value)
    visit = () if booked is None or said is None else (*said, *booking.reminders_left(booked), Called)
    decided = () if case is None else _OF_CASE.get(case.state, ())
    arrives = None if case is None or case.delivery is None else _ARRIVES.get(case.delivery.method)
    collects = arrives is not None and (bool(decided) or (sent is not None and sent.state in _ON_ITS_WAY))
    goes_on = visit or decided or collects or sent is not None
    invited = rated is None and bool(goes_on)
    return [*visit, *decided, *((arrives,) if arrives and collects else ()), *((Invited,) if invited else ())]


async def _results(actor: Citizen, case: CaseOut | None) -> list[ResultOut]:
    found = []
    for part in case.parts if case is not None else ():
        sent = await delivery.of_thread(actor, part.thread_id)
        if sent is not None:
            found.append(
                ResultOut(
                    thread_id=part.thread_id,
                    name=part.name,
                    state=sent.state,
                    state_text=sent.state_text,
                    hall=sent.hall.name,
                )
            )
    return found


async def _latest(case: CaseOut | None) -> ClockOut | None:
    """Show of a theme the clock of the item that is decided last: none of them is due later."""
    clocks = await thread.clocks_of([part.thread_id for part in case.parts]) if case is not None and case.parts else {}
    deciding = [one for each in clocks.values() for one in each if one.kind is thread.ClockKind.DECIDE]
    running = [one for one in deciding if one.state != "stopped"]
    return _clock(max(running, key=lambda one: one.promise_on)) if running else None


async def _steps(actor: Citizen, thread_id: UUID, case: CaseOut | None) -> list[StepOut]:
    """Tell what happened on the matter; of a theme on all of its items, each step with its item's name."""
    parts = case.parts if case is not None else []
    taken = await thread.timelines([thread_id, *(part.thread_id for part in parts)])
    steps = [_step(step, actor) for step in taken[thread_id] if step.public]
    for part in parts:
        for step in taken[part.thread_id]:
            if step.public and step.at >= steps[0].at:
                own = _step(step, actor)
                steps.append(
                    StepOut(
                        at=own.at,
                        name=own.name,
                        text=text(actor.locale, "thread.of_item", item=part.name, text=own.text),
                    )
                )
    return sorted(steps, key=lambda step: step.at)


def _step(step: thread.StepView, actor: Actor) -> StepOut:
    return StepOut(at=step.at, name=step.name, text=thread.step_text(actor.locale, step.name, step.data))


def _clock(clock: thread.ClockView) -> ClockOut:
    return ClockOut(promise_on=clock.promise_on, law_on=clock.law_on, days_left=clock.days_left, light=clock.light)
