"""After a grant on a pledge, its department looks whether it was true (事中事后核查), in the days of the policy.

True: that is the end of it. Untrue: the applicant is told in writing and may not pledge again for a time, and a second
officer may take the grant back (行政许可法 69).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from tortoise.queryset import QuerySet

from server import db
from server.actor import Actor, Staff
from server.errors import Conflict
from server.features.audit import service as audit
from server.features.cases import messages
from server.features.cases.models import MOVES, Case, Pledge, PledgeBar, Ruling
from server.features.cases.schemas import PledgePolicy, SpotCheck
from server.features.cases.service._desk import case_for, moment
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._paper import LOCALE, give_notice
from server.features.cases.service._pledges import hold_party
from server.features.cases.service._substitutes import hands_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.certificates import service as certificates
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.ids import is_walked
from server.kit.spoken import spoken
from server.kit.texts import text

ANSWERED = ("true", "untrue")
_CHECKS = thread.listing("pledge p JOIN case_record c ON c.id = p.case_id JOIN thread t ON t.id = c.thread_id", "p.id")
Said = type[messages.PledgeToCheck | messages.PledgeTrue | messages.PledgeUntrue | messages.CaseRevoked]


async def open_checks(actor: Actor, case: Case, guide: GuideView) -> None:
    """Give the department its checks once the case is granted, and tell the applicant; in the caller's transaction."""
    if is_walked(case.thread_id) or not await Pledge.filter(case_id=case.id, state="signed").exists():
        return
    rule = await catalogue.policy(PledgePolicy, case.region_code)
    drawn = draw(rule.check_percent)
    # Nobody chooses whose pledge is looked at: by what chance, and how it fell, is on record.
    await audit.record(
        actor, "cases.check_drawn", "case", case.id,
        person_id=case.holder_id, thread_id=case.thread_id, percent=rule.check_percent, drawn=drawn,
    )  # fmt: skip
    if not drawn:
        return
    due_on = await catalogue.add_working_days(clock.today(), rule.check_days)
    await Pledge.filter(case_id=case.id, state="signed").update(state="to_check", due_on=due_on)
    await thread.record(case.thread_id, "cases.check_opened", actor, case_id=str(case.id), due_on=due_on)
    await _say(case, guide, messages.PledgeToCheck)


def draw(percent: int) -> bool:
    """Draw one: of a hundred so many come out."""
    return secrets.randbelow(100) < percent


@db.transactional
async def answer_check(actor: Staff, case_id: UUID, key: str, *, is_true: bool, found: str) -> None:
    """Write down what was found of one pledge; it stands. Untrue bars the applicant and is told in writing.

    Refuses `cases.already_checked` (who and when), `cases.nothing_to_check`, `cases.wrong_state`.
    """
    words = await documents.printable(found)
    case = await case_for(actor, "verify", case_id)
    row = await Pledge.filter(case_id=case.id, rule_key=key).exclude(state="void").select_for_update().first()
    if row is None or row.state == "signed":
        raise Conflict("cases.nothing_to_check")
    if row.checked_by is not None and row.checked_at is not None:
        who = (await identity.staff_labels([row.checked_by]))[row.checked_by][1]
        raise Conflict("cases.already_checked", who=who, at=moment(actor.locale, row.checked_at))
    row.state, row.found = "true" if is_true else "untrue", words
    row.checked_by, row.checked_at = actor.staff_id, clock.now()
    await row.save(update_fields=["state", "found_sealed", "checked_by", "checked_at"])
    await case.move("verify", actor)
    guide = await catalogue.guide(case.guide_id)
    if is_true:
        await thread.record(case.thread_id, "cases.pledge_true", actor, case_id=str(case.id))
        await _say(case, guide, messages.PledgeTrue)
    else:
        await _bar(actor, case, guide, row, words)
    await on_record(actor, "cases.pledge_true" if is_true else "cases.pledge_untrue", case, key=key)


async def _bar(actor: Staff, case: Case, guide: GuideView, row: Pledge, words: str) -> None:
    rule = await catalogue.policy(PledgePolicy, case.region_code)
    until_on = clock.today() + timedelta(days=rule.barred_days)
    await hold_party(case)
    await PledgeBar(
        pledge_id=row.id,
        person_id=None if case.enterprise_id else case.person_id,
        enterprise_id=case.enterprise_id,
        until_on=until_on,
    ).save(force_create=True)
    name = next((one.name for one in guide.content.materials if one.key == row.rule_key), row.rule_key)
    said = [("pledge", name), ("barred_until", spoken(LOCALE, until_on))]
    asked = [(text(LOCALE, f"documents.notice.row.{label}"), value) for label, value in said]
    await give_notice(actor, case, guide, "pledge_untrue", reason=words, asked=asked)
    await thread.record(case.thread_id, "cases.pledge_untrue", actor, case_id=str(case.id), until_on=until_on)
    await _say(case, guide, messages.PledgeUntrue)


@db.transactional
async def revoke(actor: Staff, case_id: UUID, reason: str) -> None:
    """Take a grant back that rested on an untrue pledge, or that rules gave wrongly: a second officer's deed.

    It is told with the reason and the remedies.

    Refuses `cases.no_ground_to_revoke`, `cases.own_finding`, and what `require` refuses once the case has moved on.
    """
    words = await documents.printable(reason)
    case = await case_for(actor, "revoke", case_id)
    found_by = [row.checked_by for row in await Pledge.filter(case_id=case.id, state="untrue")]
    found_by += [row.looked_by for row in await Ruling.filter(id=case.ruling_id, look="wrong")]
    if not found_by:
        raise Conflict("cases.no_ground_to_revoke")
    if not (await hands_of(actor)).isdisjoint(found_by):
        raise Conflict("cases.own_finding")
    guide = await catalogue.guide(case.guide_id)
    await case.move("revoke", actor)
    # Nothing more is looked for: what it would decide is decided.
    await Pledge.filter(case_id=case.id, state="to_check").update(state="void", due_on=None)
    await certificates.revoke_of_thread(actor, case.thread_id)
    await give_notice(actor, case, guide, "revocation", reason=words)
    await thread.record(case.thread_id, "cases.revoked", actor, case_id=str(case.id))
    await _say(case, guide, messages.CaseRevoked)
    await on_record(actor, "cases.revoked", case)
    await thread.close(case.thread_id, actor)


async def _say(case: Case, guide: GuideView, message: Said) -> None:
    number = await number_of(case)
    await tell(case, message(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()))


async def spot_checks(actor: Staff, *, done: bool) -> db.Found[SpotCheck]:
    """List the checks of the officer's departments: those to do, the soonest due first, or the newest done."""
    order = db.By("p.checked_at", datetime) if done else db.By("p.due_on", date)
    found = _CHECKS.by(when=order).found(_shown, usual="-when" if done else "when")
    wanted = found.where("p.state IN ('true', 'untrue')" if done else "p.state = 'to_check'")
    return wanted.within("p.department_id", await _departments(actor))


async def _shown(ids: list[UUID]) -> list[SpotCheck]:
    found = await db.in_order(Pledge, ids)
    cases = {one.id: one for one in await Case.filter(id__in=[row.case_id for row in found])}
    threads = await thread.many([one.thread_id for one in cases.values()])
    people = await identity.people([one.person_id for one in cases.values()])
    guides = {key: await catalogue.guide(key) for key in {row.guide_id for row in found}}
    return [_line(row, cases[row.case_id], guides[row.guide_id], threads, people) for row in found]


def _line(
    row: Pledge,
    case: Case,
    guide: GuideView,
    threads: dict[UUID, thread.ThreadView],
    people: dict[UUID, identity.PersonView],
) -> SpotCheck:
    return SpotCheck(
        case_id=case.id,
        number=threads[case.thread_id].number,
        item=guide.item.name,
        applicant=masking.name(people[case.person_id].name),
        paper=next((one.name for one in guide.content.materials if one.key == row.rule_key), row.rule_key),
        state=row.state,
        due_on=row.due_on,
        late=row.state == "to_check" and row.due_on is not None and row.due_on < clock.today(),
        checked_at=row.checked_at,
    )


async def spot_check_counts(actor: Staff) -> tuple[int, int]:
    """Count what the officer's departments have to check, and how much of it is late."""
    rows = _of_departments(await _departments(actor), ("to_check",))
    return await rows.count(), await rows.filter(due_on__lt=clock.today()).count()


async def _departments(actor: Staff) -> Sequence[UUID] | None:
    return await catalogue.departments_within(await identity.reach(actor, *MOVES["verify"].roles))


def _of_departments(departments: Sequence[UUID] | None, states: tuple[str, ...]) -> QuerySet[Pledge]:
    rows = Pledge.filter(state__in=states)
    return rows if departments is None else rows.filter(department_id__in=departments)
