"""One matter on one screen: its number, its timeline, and everything that hangs on it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.service import BookingOut
from server.features.cases import service as cases
from server.features.cases.service import CaseOut
from server.features.certificates import service as certificates
from server.features.certificates.service import CertificateCard
from server.features.delivery import service as delivery
from server.features.delivery.service import DeliveryOut, ReadyToCollect
from server.features.documents import service as documents
from server.features.documents.service import NoticeOut
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.queue.service import TicketOut
from server.features.ratings import service as ratings
from server.features.ratings.service import Invited, RatingRef
from server.features.thread import service as thread
from server.web import access, route

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
    ask: list[str]


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
        case=await cases.of_thread(actor, thread_id),
        certificates=await certificates.cards_of_thread(actor, thread_id),
        delivery=await delivery.of_thread(actor, thread_id),
        rating=await ratings.of_thread(thread_id),
        notices=await documents.notices_of(thread_id, actor.locale),
        ask=await push.templates_for(actor, ReadyToCollect, Invited),
    )


@route(blueprint, "GET", "/track", access=access.public, limit="code")
async def track(actor: Actor, query: TrackQuery) -> TrackOut:
    """Show the progress to whoever knows the number and the phone's last four digits."""
    found = await thread.track(query.number, query.phone_tail)
    return TrackOut(
        number=found.number,
        title=found.title,
        state=found.state.value,
        steps=[_step(step, actor) for step in found.steps],
    )


def _step(step: thread.StepView, actor: Actor) -> StepOut:
    return StepOut(at=step.at, name=step.name, text=thread.step_text(actor.locale, step.name, step.data))


def _clock(clock: thread.ClockView) -> ClockOut:
    return ClockOut(promise_on=clock.promise_on, law_on=clock.law_on, days_left=clock.days_left, light=clock.light)
