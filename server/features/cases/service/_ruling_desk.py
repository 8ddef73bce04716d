"""The rules at the desk: what they came to, a person's look at some of it afterwards, and the switch of each item."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Literal
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, Forbidden, NotFound
from server.features.audit import service as audit
from server.features.cases.models import MOVES, Case, Ruling, RulingSwitch
from server.features.cases.schemas import RuledItem, RulingAtDesk, RulingRow
from server.features.cases.service._desk import case_for, moment
from server.features.cases.service._front import on_record
from server.features.cases.service._ruling_view import beside
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

READERS = (Role.REVIEWER, Role.SUPERVISOR, Role.AUDITOR)
Which = Literal["look", "granted", "person", "all"]
COUNTED = timedelta(days=30)
_RULINGS = thread.listing(
    "ruling r JOIN case_record c ON c.id = r.case_id JOIN thread t ON t.id = c.thread_id",
    "r.id",
    since=db.By("r.created_at", datetime),
    # What nobody looks at comes last.
    look=db.By("coalesce(r.look_on, '9000-01-01')", date),
)
_COUNTS = f"""
    SELECT r.item_id, count(*) FILTER (WHERE r.state = 'granted') AS granted,
        count(*) FILTER (WHERE r.state = 'person') AS "left"
    FROM ruling r JOIN case_record c ON c.id = r.case_id
    WHERE r.item_id = ANY($1) AND r.created_at >= $2 AND {thread.real("c.thread_id")} GROUP BY r.item_id
"""  # noqa: S608 - our own words
_SWITCH = """
    INSERT INTO ruling_switch (item_id, created_at, running, reason, staff_id) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (item_id) DO UPDATE SET created_at = $2, running = $3, reason = $4, staff_id = $5
"""


async def rulings(actor: Staff, which: Which) -> db.Found[RulingRow]:
    """List what rules came to in the actor's departments: to look at, the soonest due first; else the newest first."""

    async def shown(ids: list[UUID]) -> list[RulingRow]:
        return await _rows(actor, await db.in_order(Ruling, ids))

    within = await _departments(actor, *READERS)
    if which == "look":
        to_look = _RULINGS.by(look=db.By("r.look_on", date)).found(shown, usual="look")
        return to_look.where("r.look = 'to_look'").within("r.department_id", within)
    found = _RULINGS.found(shown, usual="-since").within("r.department_id", within)
    return found if which == "all" else found.where("r.state = {}", which)


async def _rows(actor: Staff, found: list[Ruling]) -> list[RulingRow]:
    cases = {one.id: one for one in await Case.filter(id__in=[row.case_id for row in found])}
    threads = await thread.many([one.thread_id for one in cases.values()])
    people = await identity.people([one.person_id for one in cases.values()])
    items = await catalogue.items([row.item_id for row in found])
    return [
        RulingRow(
            id=row.id,
            case_id=row.case_id,
            number=threads[cases[row.case_id].thread_id].number,
            item=items[row.item_id].name,
            applicant=masking.name(people[cases[row.case_id].person_id].name),
            state=row.state,
            why=None if row.why is None else text(actor.locale, f"cases.ruling.why.{row.why}"),
            look=row.look,
            look_on=row.look_on,
            late=row.look == "to_look" and row.look_on is not None and row.look_on < clock.today(),
            created_at=row.created_at,
        )
        for row in found
    ]


async def ruling_counts(actor: Staff) -> tuple[int, int]:
    """Count what the officer's departments have to look at, and how much of it is late."""
    rows = _within(await _departments(actor, *MOVES["look_after"].roles)).filter(look="to_look")
    return await rows.count(), await rows.filter(look_on__lt=clock.today()).count()


async def ruling(actor: Staff, case_id: UUID) -> tuple[RulingRow, RulingAtDesk]:
    """Show what the rules said last of a case, to whoever answers for it or audits it; the applicant can read that."""
    row = await _within(await _departments(actor, *READERS)).filter(case_id=case_id).order_by("-created_at").first()
    if row is None:
        raise NotFound
    case = await Case.get(id=case_id)
    at_desk = await beside(row, await catalogue.guide(row.guide_id), actor.locale)
    async with db.tx():
        await audit.record(actor, "cases.viewed", "case", case.id, person_id=case.holder_id, thread_id=case.thread_id)
    return (await _rows(actor, [row]))[0], at_desk


@db.transactional
async def look_after(actor: Staff, case_id: UUID, *, in_order: bool, found: str) -> None:
    """Write down what a person found of a grant by rules; it stands. A wrong one stops the rules of the item.

    Refuses `cases.nothing_to_look_at`, `cases.already_checked` (who and when), `cases.wrong_state`.
    """
    words = await documents.printable(found)
    case = await case_for(actor, "look_after", case_id)
    row = await Ruling.filter(id=case.ruling_id, look__not_isnull=True).select_for_update().first()
    if row is None:
        raise Conflict("cases.nothing_to_look_at")
    if row.looked_by is not None and row.looked_at is not None:
        who = (await identity.staff_labels([row.looked_by]))[row.looked_by][1]
        raise Conflict("cases.already_checked", who=who, at=moment(actor.locale, row.looked_at))
    row.look, row.found = "in_order" if in_order else "wrong", words
    row.looked_by, row.looked_at = actor.staff_id, clock.now()
    await row.save(update_fields=["look", "found_sealed", "looked_by", "looked_at"])
    await case.move("look_after", actor)
    await on_record(actor, "cases.ruling_in_order" if in_order else "cases.ruling_wrong", case)
    if not in_order:
        number = (await thread.get(case.thread_id)).number
        reason = text("zh-CN", "cases.ruling.stopped_by", number=number)
        await _set(case.item_id, running=False, reason=reason, by=None)
        await audit.record(actor, "cases.rules_stopped", "item", case.item_id, reason=reason)


@db.transactional
async def switch_rules(actor: Staff, item_id: UUID, *, running: bool, reason: str) -> None:
    """Stop the rules of an item, or let them run again: its department's deed. Refuses `cases.no_rules`, Forbidden."""
    words = await documents.printable(reason)
    guide = await catalogue.current_guide(item_id)
    if guide.content.by_rules is None:
        raise Conflict("cases.no_rules")
    departments = await _departments(actor, Role.REVIEWER)
    if departments is not None and guide.department.id not in departments:
        raise Forbidden("forbidden")
    await _set(item_id, running=running, reason=words, by=actor.staff_id)
    await audit.record(actor, "cases.rules_run" if running else "cases.rules_stopped", "item", item_id, reason=words)


async def _set(item_id: UUID, *, running: bool, reason: str, by: UUID | None) -> None:
    await db.execute(_SWITCH, item_id, clock.now(), running, reason, by)


async def ruled_items(actor: Staff) -> list[RuledItem]:
    """List the items of the actor's departments whose guide in force grants by rules."""
    departments = await _departments(actor, *READERS)
    guides = [
        guide for guide in await catalogue.ruled_guides() if departments is None or guide.department.id in departments
    ]
    ids = [guide.item.id for guide in guides]
    switches = {row.item_id: row for row in await RulingSwitch.filter(item_id__in=ids)}
    counts = {row["item_id"]: row for row in await db.fetch(_COUNTS, ids, clock.now() - COUNTED)}
    officers = await identity.staff_labels([row.staff_id for row in switches.values() if row.staff_id])
    return [
        _item(guide, switches.get(guide.item.id), officers, dict(counts.get(guide.item.id) or {})) for guide in guides
    ]


def _item(
    guide: GuideView, switch: RulingSwitch | None, officers: dict[UUID, tuple[str, str]], counts: dict[str, int]
) -> RuledItem:
    rules = guide.content.by_rules
    assert rules is not None  # noqa: S101 - only such guides are listed
    return RuledItem(
        item_id=guide.item.id,
        name=guide.item.name,
        department=guide.department.name,
        rules=rules.name,
        rule_names=[rule.name for rule in rules.rules],
        look_percent=rules.look_percent,
        running=switch is None or switch.running,
        reason=switch.reason if switch else None,
        by=officers[switch.staff_id][1] if switch and switch.staff_id else None,
        at=switch.created_at if switch else None,
        granted=counts.get("granted", 0),
        left=counts.get("left", 0),
    )


async def _departments(actor: Staff, *roles: Role) -> Sequence[UUID] | None:
    return await catalogue.departments_within(await identity.reach(actor, *roles))


def _within(departments: Sequence[UUID] | None) -> QuerySet[Ruling]:
    return Ruling.all() if departments is None else Ruling.filter(department_id__in=departments)
