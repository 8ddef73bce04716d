"""A written pledge in place of a proof (告知承诺, notice row 61): where the guide allows it, and in its words.

Signed on the phone, or on paper at a window. Void once the proof itself is handed in. Refused to whoever is barred
because an earlier one was untrue, until their days are over.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable
from datetime import date

from server import db
from server.actor import Citizen, Staff
from server.errors import FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.cases import messages
from server.features.cases.models import Case, Material, Pledge, PledgeBar
from server.features.cases.schemas import PledgeOut
from server.features.cases.service._front import number_of, tell
from server.features.cases.service._paper import give_notice
from server.features.cases.service._resolve import PLEDGE
from server.features.catalogue.service import GuideView, MaterialRule
from server.features.thread import service as thread
from server.kit import clock

_PARTY = "SELECT pg_advisory_xact_lock(hashtextextended($1, 0))"


async def barred_until(case: Case, rules: Iterable[MaterialRule]) -> date | None:
    """Say until which day whoever applies may not pledge, if they may not."""
    if not allows(rules):
        return None
    bars = PledgeBar.of_party(case.person_id, case.enterprise_id).filter(until_on__gte=clock.today())
    longest = await bars.order_by("-until_on").first()
    return None if longest is None else longest.until_on


def check_pledgeable(rules: Iterable[MaterialRule], keys: Collection[str]) -> None:
    """Refuse a pledge for a line the guide does not have, or does not allow one for. Raises InvalidInput."""
    words = {rule.key: rule.pledge for rule in rules}
    wrong = [
        FieldError(f"materials.{key}", "not_pledgeable" if key in words else "unknown_field")
        for key in dict.fromkeys(keys)
        if words.get(key) is None
    ]
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


async def keep_chosen(case: Case, keys: Collection[str]) -> None:
    """Write down which lines a pledge stands for: exactly these. A draft promises nothing yet."""
    await Material.filter(case_id=case.id, source=PLEDGE).delete()
    await Material.bulk_create([Material(case_id=case.id, rule_key=key, source=PLEDGE) for key in dict.fromkeys(keys)])


def allows(rules: Iterable[MaterialRule]) -> bool:
    """Say whether a guide lets a pledge stand for anything; of most nothing more has to be asked."""
    return any(rule.pledge is not None for rule in rules)


async def sign_seen(actor: Staff, case: Case, guide: GuideView, rules: list[MaterialRule]) -> None:
    """Bind the applicant to what was marked at a window as signed on paper. Refuses what `sign` refuses."""
    if allows(guide.content.materials):
        rows = await Material.filter(case_id=case.id, source=PLEDGE)
        await sign(actor, case, guide, rules, {row.rule_key for row in rows})


async def sign_chosen(
    actor: Citizen, case: Case, guide: GuideView, rules: list[MaterialRule], keys: Collection[str]
) -> None:
    """Bind the applicant to what they chose on the phone: exactly this. Refuses what `sign` refuses."""
    if allows(guide.content.materials):
        await keep_chosen(case, keys)
        await sign(actor, case, guide, rules, keys)


async def sign(
    actor: Citizen | Staff, case: Case, guide: GuideView, rules: list[MaterialRule], keys: Collection[str]
) -> None:
    """Bind the applicant to what `keys` stand for; a pledge no line needs any more is void.

    Refuses `cases.barred_from_pledges`, at the lines, while an earlier untruth bars the applicant.
    """
    live = {row.rule_key: row for row in await Pledge.filter(case_id=case.id, state="signed").select_for_update()}
    gone = [row.id for key, row in live.items() if key not in keys]
    await Pledge.filter(id__in=gone).update(state="void")
    fresh = [rule for rule in rules if rule.key in keys and rule.key not in live]
    if not fresh:
        return
    await hold_party(case)
    if until := await barred_until(case, fresh):
        wrong = tuple(FieldError(f"materials.{rule.key}", "barred", {"until": until}) for rule in fresh)
        raise InvalidInput("cases.barred_from_pledges", fields=wrong, until=until)
    for rule in fresh:
        await _write(actor, case, rule)
    await give_notice(actor, case, guide, "pledge", asked=[(rule.name, rule.pledge or "") for rule in fresh])
    await thread.record(case.thread_id, "cases.pledged", actor, case_id=str(case.id))
    digest = hashlib.sha256("\n".join(rule.pledge or "" for rule in fresh).encode()).hexdigest()
    await audit.record(
        actor, "cases.pledged", "case", case.id, person_id=case.holder_id, thread_id=case.thread_id,
        keys=",".join(rule.key for rule in fresh), guide_version=guide.version, words_sha256=digest,
    )  # fmt: skip
    number = await number_of(case)
    await tell(
        case,
        messages.PledgeSigned(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now()),
    )


async def hold_party(case: Case) -> None:
    """Let whoever signs and whoever finds an untruth of the same applicant go one after the other: barred is barred."""
    await db.execute(_PARTY, f"cases.pledges:{case.enterprise_id or case.person_id}")


async def _write(actor: Citizen | Staff, case: Case, rule: MaterialRule) -> None:
    row = Pledge(
        case_id=case.id,
        rule_key=rule.key,
        guide_id=case.guide_id,
        department_id=case.department_id,
        account_id=actor.account_id if isinstance(actor, Citizen) else None,
        staff_id=actor.staff_id if isinstance(actor, Staff) else None,
    )
    row.words = rule.pledge or ""
    await row.save(force_create=True)


async def by_phone(case: Case) -> set[str]:
    """Name the lines the applicant has pledged to on their phone: nobody at a desk asks for the proof instead."""
    rows = await Pledge.filter(case_id=case.id, account_id__not_isnull=True).exclude(state="void")
    return {row.rule_key for row in rows}


async def pledges_of(case: Case, rules: list[MaterialRule]) -> list[PledgeOut]:
    """List what was pledged to in a case and what came of it, in order; `rules` are all lines of its guide."""
    if not allows(rules):
        return []
    names = {rule.key: rule.name for rule in rules}
    rows = await Pledge.filter(case_id=case.id).exclude(state="void").order_by("created_at", "id")
    bars = {row.pledge_id: row.until_on for row in await PledgeBar.filter(pledge_id__in=[r.id for r in rows])}
    return [
        PledgeOut(
            key=row.rule_key,
            name=names.get(row.rule_key, row.rule_key),
            words=row.words,
            signed_at=row.created_at,
            at_window=row.staff_id is not None,
            state=row.state,
            due_on=row.due_on,
            found=row.found,
            barred_until=bars.get(row.id),
        )
        for row in rows
    ]
