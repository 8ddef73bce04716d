"""How full a hall is: places by hour and weekday, windows by hour, and where another opening would help."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from msgspec import Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import chosen_hall, frame, named_skill
from server.features.booking import service as booking
from server.features.queue import service as queue
from server.kit import clock, texts
from server.web import access
from server.web.pages import Shown, page

blueprint = Blueprint("console_load", url_prefix="/console/calendar/load")
MANAGER = access.staff(Role.HALL_MANAGER)


class LoadQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which hall."""

    hall: UUID | None = None


@page(blueprint, "GET", "", access=MANAGER)
async def load(actor: Staff, query: LoadQuery) -> Shown:
    """Show the heat maps of a hall."""
    hall, halls = await chosen_hall(actor, query.hall)
    places = await booking.load(actor, hall.id)
    return "load.html", frame(
        actor,
        "calendar",
        hall=hall,
        halls=halls,
        missed=await booking.missed(actor, hall.id),
        places=places,
        served={one.skill for one in places},
        windows=await queue.window_load(actor, hall.id),
        skill=lambda key: named_skill(actor, key),
        skills=lambda keys: texts.text(actor.locale, "common.comma").join(named_skill(actor, key) for key in keys),
        coming=coming,
        heat=lambda percent: "none" if percent is None else min(percent // 20, 5),
    )


def coming(weekday: int) -> date:
    """Give the next day of a weekday, Monday being 0; today is over before anybody is told."""
    tomorrow = clock.today() + timedelta(days=1)
    return tomorrow + timedelta(days=(weekday - tomorrow.weekday()) % 7)
