"""The guide screen answers at a glance: what do I bring, how long, how much, where, and where I left off."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import msgspec
from msgspec import Struct
from sanic import Blueprint

from server.actor import Actor, Citizen
from server.features.booking import service as booking
from server.features.booking.service import BookingConfirmed, BookingTomorrow
from server.features.cases import service as cases
from server.features.cases.service import CaseAccepted, CaseGranted, CorrectionAsked
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, GuideContent, HallView, ItemView
from server.features.delivery.service import ReadyToCollect
from server.features.push import service as push
from server.features.queue import service as queue
from server.features.queue.service import Called, CrowdOut
from server.web import access, route

blueprint = Blueprint("phone_guide", url_prefix="/api/v1")
# What people will want to be told next, the soonest first. One tap asks for at most three templates: what follows the
# visit is asked for when its number is taken, and for what has not been agreed to the matter's own page offers it.
VISIT = (BookingConfirmed, BookingTomorrow, Called)
APPLICATION = (CaseAccepted, CorrectionAsked, CaseGranted, ReadyToCollect)


class Live(Struct, kw_only=True):
    """What I already have going for this item."""

    thread_id: UUID
    booking_id: UUID | None
    case_id: UUID | None


class Templates(Struct, kw_only=True):
    """Which WeChat templates to ask for at the tap that books or applies."""

    book: list[str]
    apply: list[str]


class Coming(Struct, kw_only=True):
    """A version that waits for its day, and what it changes."""

    effective_on: date
    reason: str


class GuideOut(Struct, kw_only=True):
    """An item without a published guide has `content` null: it is listed, and says where to ask."""

    item: ItemView
    department: DepartmentView
    guide_id: UUID | None
    version: int | None
    content: GuideContent | None
    halls: list[HallView]
    crowds: list[CrowdOut]
    templates: Templates
    live: Live | None
    can: list[str]
    coming: Coming | None


@route(blueprint, "GET", "/items/<item_id:uuid>", access=access.anyone)
async def guide(actor: Actor, item_id: UUID) -> GuideOut:
    """Show the guide of an item."""
    item = await catalogue.item(item_id)
    department = await catalogue.department(item.department_id)
    if item.guide_id is None:
        nothing = Templates(book=[], apply=[])
        return GuideOut(
            item=item,
            department=department,
            guide_id=None,
            version=None,
            content=None,
            halls=[],
            crowds=[],
            templates=nothing,
            live=None,
            can=[],
            coming=await _coming(item_id),
        )
    current = await catalogue.current_guide(item_id)
    content = current.content
    if content.by_rules is not None and not await cases.rules_run(item_id):
        # Nobody is promised what is switched off.
        content = msgspec.structs.replace(content, by_rules=None)
    halls = await catalogue.halls(keys=content.hall_keys)
    return GuideOut(
        item=item,
        department=department,
        guide_id=current.id,
        version=current.version,
        content=content,
        halls=halls,
        crowds=await queue.crowds(actor.locale, [hall.id for hall in halls]),
        templates=Templates(
            book=await push.templates_for(actor, *VISIT),
            apply=await push.templates_for(actor, *APPLICATION),
        ),
        live=await _live(actor, item_id) if isinstance(actor, Citizen) else None,
        can=[deed for deed, open_ in (("book", content.bookable), ("apply", content.online)) if open_],
        coming=await _coming(item_id),
    )


async def _coming(item_id: UUID) -> Coming | None:
    next_ = await catalogue.coming_guide(item_id)
    return None if next_ is None else Coming(effective_on=next_.effective_on, reason=next_.reason)


async def _live(actor: Citizen, item_id: UUID) -> Live | None:
    booked = await booking.live_booking(actor, item_id)
    case = await cases.live_case(actor, item_id)
    if booked is not None:
        return Live(thread_id=booked.thread_id, booking_id=booked.id, case_id=case.id if case else None)
    return Live(thread_id=case.thread_id, booking_id=None, case_id=case.id) if case else None
