"""What officers see: only cases within their reach, and every look is on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, Forbidden, NotFound
from server.features.cases.models import (
    BY_OFFICE,
    MOVES,
    POWERS,
    TO_ACCEPT,
    Case,
    CaseState,
    ReviewTask,
)
from server.features.cases.service._rights import right_to
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.spoken import spoken
from server.kit.texts import text

# What is done with a theme as one; everything else is done with the case of one of its items. At a window it is
# written down first, and becomes those cases when it is accepted.
OF_THEMES = ("accept",)
AT_WINDOW = (*OF_THEMES, "receive", "fill_in", "check", "scan", "take_back")
DECIDED = (CaseState.GRANTED, CaseState.DENIED)


async def in_reach(actor: Staff, *roles: Role) -> QuerySet[Case]:
    """Reach the cases within the scope of these roles (all of the actor's, if none is named)."""
    reach = await identity.reach(actor, *roles)
    return Case.in_reach(await catalogue.halls_within(reach), await catalogue.departments_within(reach))


async def case_at_desk(actor: Staff, case_id: UUID, *roles: Role) -> Case:
    """Reach one case within the scope of these roles (all of the actor's, if none is named), or see nothing.

    With no role named also one that the actor's department is asked about: whoever is asked reads what it is about.
    """
    found = await (await in_reach(actor, *roles)).get_or_none(id=case_id)
    if found is None and not roles and await _is_asked(actor, case_id):
        found = await Case.get_or_none(id=case_id)
    return _found(found)


async def _is_asked(actor: Staff, case_id: UUID) -> bool:
    departments = await catalogue.departments_within(await identity.reach(actor, *MOVES["answer_opinion"].roles))
    asked = ReviewTask.filter(case_id=case_id, department_id__in=departments or ()).exclude(state="recalled")
    return await asked.exists()


async def thread_at_desk(actor: Staff, case_id: UUID) -> UUID:
    """Name the thread of a case the actor may see, for its papers."""
    return (await case_at_desk(actor, case_id)).thread_id


async def case_to_change(actor: Staff, case_id: UUID, *roles: Role) -> Case:
    """Reach one case as `case_at_desk`, and wait until nobody else is changing it."""
    await lock_whole(case_id)
    return _found(await (await in_reach(actor, *roles)).select_for_update().get_or_none(id=case_id))


_PARENT = "SELECT 1 FROM case_record WHERE id = (SELECT parent_id FROM case_record WHERE id = $1) FOR UPDATE"


async def lock_whole(case_id: UUID) -> None:
    """Take the case of the theme before that of an item, as everybody does: two who meet wait, and none gets stuck."""
    await db.fetchval(_PARENT, case_id)


async def case_for(actor: Staff, verb: str, case_id: UUID, *, seen: int | None = None) -> Case:
    """Reach one case to do a deed of `MOVES` with it: within the scope of the roles whose deed it is, and in its place.

    `seen` is the version the officer has before them, if they said. Refuses what `require` refuses.
    """
    case = await case_to_change(actor, case_id, *MOVES[verb].roles)
    await require(actor, case, verb, seen=seen)
    return case


def shut_for_themes(case: Case) -> set[str]:
    """Name the deeds that are done with the items of a theme and not with the theme; none for any other case."""
    if not case.whole:
        return set()
    return MOVES.keys() - set(AT_WINDOW if case.channel in BY_OFFICE and case.state in TO_ACCEPT else OF_THEMES)


async def require(actor: Staff, case: Case, verb: str, *, seen: int | None = None) -> None:
    """Refuse a deed the case is not open to (any more), saying who was faster and when.

    Refuses `cases.theme_by_item`, `cases.already_decided`, `cases.moved_on`, `cases.moved_by_itself`, and
    `cases.wrong_state`; what a window does in the department's name without its authorisation as
    `cases.not_authorised`, what a chief representative was not given as `cases.not_delegated`.
    """
    if verb in shut_for_themes(case):
        raise Conflict("cases.theme_by_item")
    if case.state in MOVES[verb].sources and seen in (None, case.version):
        case.right = await right_to(actor, case, verb, lock=True)
        # Of a theme its items are accepted, each by the right its own department gives.
        if case.right is None and not case.whole:
            raise Forbidden("cases.not_authorised" if verb in POWERS else "cases.not_delegated")
        return
    if case.moved_at is None:
        raise Conflict("cases.wrong_state")
    at = moment(actor.locale, case.moved_at)
    if case.moved_by is None:
        raise Conflict("cases.moved_by_itself", at=at, state=text(actor.locale, f"cases.state.{case.state.value}"))
    who = (await identity.staff_labels([case.moved_by]))[case.moved_by][1]
    raise Conflict("cases.already_decided" if case.state in DECIDED else "cases.moved_on", who=who, at=at)


async def has_power(actor: Staff, case: Case) -> bool:
    """Say whether the actor may accept for the department: as one of its own, or by what it has given in writing."""
    case.right = await right_to(actor, case, "accept")
    return case.right is not None


def moment(locale: str, at: datetime) -> str:
    """Say when: the time of day, and the day where it was not today."""
    local = at.astimezone(clock.SHANGHAI)
    return f"{local:%H:%M}" if local.date() == clock.today() else spoken(locale, at)


def _found(case: Case | None) -> Case:
    if case is None:
        raise NotFound
    return case


@thread.handled_by
async def _halls_of(thread_id: UUID) -> list[UUID]:
    handed_in = Case.filter(thread_id=thread_id, submitted_at__not_isnull=True, hall_id__not_isnull=True)
    rows: list[UUID] = await handed_in.values_list("hall_id", flat=True)  # type: ignore[assignment]
    return rows


async def within(actor: Staff, case: Case, *roles: Role) -> bool:
    """Say whether the case lies within the scope of any of these roles."""
    if not actor.has(*roles):
        return False
    return await (await in_reach(actor, *roles)).filter(id=case.id).exists()
