"""What every screen of the desk has: who is logged in, where they may go, and how moments are written."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from server.actor import Role, Staff
from server.errors import FieldError, Forbidden, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.supervision import service as supervision
from server.kit import clock, texts
from server.kit.spoken import spoken

DECADE = timedelta(days=3653)
FRONT = (Role.CLERK, Role.HALL_MANAGER)
EVERYONE = ("clerk", "reviewer", "hall_manager", "supervisor", "auditor", "administrator", "evaluator")


@dataclass(frozen=True, slots=True)
class Tab:
    """One screen in the menu, and the roles that see it."""

    name: str
    path: str
    roles: tuple[Role, ...]


# The menu: its areas, and the screens of each in the order of a clerk's day.
MENU: dict[str, tuple[Tab, ...]] = {
    "home": (Tab("home", "/console", tuple(Role)),),
    "hall": (
        Tab("confirm", "/console/confirm", FRONT),
        Tab("bookings", "/console/bookings", FRONT),
        Tab("calendar", "/console/calendar", (Role.HALL_MANAGER,)),
        Tab("reception", "/console/reception", FRONT),
        Tab("queue", "/console/queue", FRONT),
        Tab("help", "/console/help", FRONT),
    ),
    "cases": (
        Tab("cases", "/console/cases", (*FRONT, Role.REVIEWER)),
        Tab("post", "/console/post", FRONT),
        Tab("batches", "/console/batches", (*FRONT, Role.REVIEWER)),
        Tab("pledges", "/console/pledges", (Role.REVIEWER,)),
        Tab("rulings", "/console/rulings", (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)),
        Tab("substitutions", "/console/substitutions", (Role.REVIEWER,)),
        Tab("reports", "/console/reports", (Role.REVIEWER, Role.SUPERVISOR)),
        Tab("authorisations", "/console/authorisations", (Role.HALL_MANAGER, Role.REVIEWER)),
        Tab("delegations", "/console/delegations", (Role.HALL_MANAGER, Role.REVIEWER)),
        Tab("mandates", "/console/mandates", FRONT),
    ),
    "results": (
        Tab("handovers", "/console/handovers", (*FRONT, Role.REVIEWER)),
        Tab("results", "/console/results", FRONT),
        Tab("lockers", "/console/lockers", FRONT),
        Tab("delivered", "/console/delivered", (Role.REVIEWER,)),
        Tab("parcels", "/console/parcels", (*FRONT, Role.REVIEWER)),
        Tab("attempts", "/console/attempts", (*FRONT, Role.AUDITOR)),
        Tab("certificates", "/console/certificates", (Role.REVIEWER,)),
        Tab("certificate_window", "/console/certificates/window", FRONT),
    ),
    "voices": (
        Tab("rectifications", "/console/rectifications", (*FRONT, Role.REVIEWER, Role.SUPERVISOR)),
        Tab("own_ratings", "/console/own-ratings", FRONT),
        Tab("complaints", "/console/complaints", (Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)),
    ),
    "oversight": (
        Tab("board", "/console/board", supervision.LOOKERS),
        Tab("assignments", "/console/assignments", (Role.SUPERVISOR, Role.REVIEWER)),
        Tab("indicators", "/console/indicators", supervision.LOOKERS),
        Tab("bulletins", "/console/bulletins", supervision.LOOKERS),
        Tab("seals", "/console/seals", (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)),
        Tab("messages", "/console/messages", push.MANAGERS),
        Tab("audit", "/console/audit", (Role.AUDITOR,)),
        Tab("certificate_keys", "/console/certificates/keys", (Role.ADMINISTRATOR, Role.AUDITOR)),
        Tab("privacy", "/console/privacy", (Role.ADMINISTRATOR,)),
    ),
    "settings": (
        Tab("guides", "/console/guides", (Role.ADMINISTRATOR,)),
        Tab("certificate_types", "/console/certificate-types", (Role.ADMINISTRATOR,)),
        Tab("policies", "/console/policies", (Role.ADMINISTRATOR,)),
        Tab("staff", "/console/staff", (Role.ADMINISTRATOR,)),
        Tab("halls", "/console/halls", (Role.ADMINISTRATOR,)),
        Tab("holidays", "/console/holidays", (Role.ADMINISTRATOR,)),
    ),
}


def menu_of(actor: Staff) -> list[tuple[str, list[Tab]]]:
    """List the areas and screens the actor's roles open; an area without any is left out."""
    seen = ((area, [tab for tab in tabs if actor.has(*tab.roles)]) for area, tabs in MENU.items())
    return [(area, tabs) for area, tabs in seen if tabs]


def frame(actor: Staff, tab: str, **more: object) -> dict[str, object]:
    """Put a screen's context together."""
    return {
        "actor": actor,
        "tab": tab,
        "area": next((area for area, tabs in MENU.items() if tab in {one.name for one in tabs}), ""),
        "menu": menu_of(actor),
        "when": lambda moment: spoken(actor.locale, moment),
        "hour": hour,
        "named": lambda prefix, keys: [(key, texts.text(actor.locale, f"{prefix}.{key}")) for key in keys],
        "role": next((grant.role.value for grant in actor.grants), ""),
        **more,
    }


def hour(moment: datetime) -> str:
    """Write only the time of day, in Shanghai."""
    return moment.astimezone(clock.SHANGHAI).strftime("%H:%M")


def minute_of(written: str | None) -> int | None:
    """Read a time of day as minutes after midnight; None where nothing is written."""
    if not written:
        return None
    hours, _, minutes = written.partition(":")
    return int(hours) * 60 + int(minutes)


def clock_of(minute: int | None) -> str:
    """Write minutes after midnight as a time of day."""
    return "" if minute is None else f"{minute // 60:02}:{minute % 60:02}"


def named_skill(actor: Staff, key: str) -> str:
    """Say what kind of business a skill is."""
    return texts.find(actor.locale, f"catalogue.skill.{key}") or key


async def halls_of(actor: Staff) -> list[HallView]:
    """List the halls the actor works for."""
    within = await catalogue.halls_within(await identity.reach(actor, *FRONT))
    return [hall for hall in await catalogue.halls() if within is None or hall.id in within]


async def chosen_hall(actor: Staff, asked: UUID | None) -> tuple[HallView, list[HallView]]:
    """Give the hall asked for (the first of the actor's, if none is) and all to choose from.

    Raises NotFound for a hall that is not the actor's, Forbidden `console.no_hall` for an actor who has none.
    """
    halls = await halls_of(actor)
    if not halls:
        raise Forbidden("console.no_hall")
    found = next((hall for hall in halls if asked in (None, hall.id)), None)
    if found is None:
        raise NotFound
    return found, halls


def day_asked(asked: date | None) -> date:
    """Give the day asked for, today if none is. Refuses days no hall has ever been open or booked for."""
    today = clock.today()
    if asked is not None and abs(asked - today) > DECADE:
        raise InvalidInput("invalid_input", fields=(FieldError("day", "out_of_range"),))
    return asked or today
