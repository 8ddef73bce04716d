"""What waits for an answer, fit for a telephone in one hand: yes to one or many, no with a reason and another time."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, frame
from server.console.walked import walk_mark
from server.features.booking import service as booking
from server.features.booking.service import DeskBooking
from server.kit import clock
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_answering", url_prefix="/console/confirm")
DESK = access.staff(*FRONT)
HERE = "/console/confirm"
# What halls most often have to say; the text may be changed before it is sent.
REASONS = ("papers", "full", "closed", "elsewhere")


class AnswerQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall; `confirmed` and `declined` count what has just been answered."""

    hall: UUID | None = None
    confirmed: Annotated[int, Meta(ge=0, le=200)] = 0
    declined: Annotated[int, Meta(ge=0, le=1)] = 0


class ConfirmForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The bookings ticked."""

    ids: Annotated[list[UUID], Meta(min_length=1, max_length=200)]
    hall: UUID


class DeclineForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why not, and what is offered instead; the person reads it."""

    reason: Annotated[str, Meta(min_length=1, max_length=100)]
    offer: UUID | None = None
    hall: UUID


@page(blueprint, "GET", "", access=DESK)
async def waiting(actor: Staff, query: AnswerQuery) -> Shown:
    """List what waits at a hall, the nearest day first."""
    counts = await booking.unanswered(actor)
    asked = query.hall or next((hall_id for _, hall_id, _ in counts), None)
    hall, halls = await chosen_hall(actor, asked)
    rows = await booking.to_answer(actor, hall.id)
    return "confirm.html", frame(
        actor,
        "confirm",
        hall=hall,
        halls=halls,
        walked=await walk_mark(actor, hall.region_code),
        elsewhere=sum(number for _, hall_id, number in counts if hall_id != hall.id),
        days=_by_day(rows),
        waiting=len(rows),
        offers=await booking.next_free(hall.id) if rows else {},
        reasons=REASONS,
        confirmed=query.confirmed,
        declined=query.declined,
    )


@page(blueprint, "POST", "", access=DESK)
async def confirm(actor: Staff, form: ConfirmForm) -> Redirect:
    """Say yes to all that are ticked."""
    confirmed = await booking.confirm(actor, form.ids)
    return Redirect(url(HERE, hall=form.hall, confirmed=confirmed))


@page(blueprint, "POST", "/<booking_id>/decline", access=DESK)
async def decline(actor: Staff, booking_id: UUID, form: DeclineForm) -> Redirect:
    """Say no, with the reason, and another time if there is one."""
    await booking.decline(actor, booking_id, form.reason, form.offer)
    return Redirect(url(HERE, hall=form.hall, declined=1))


def _by_day(rows: Sequence[DeskBooking]) -> list[tuple[date, list[DeskBooking]]]:
    grouped = groupby(rows, key=lambda row: row.starts_at.astimezone(clock.SHANGHAI).date())
    return [(day, list(several)) for day, several in grouped]
