"""One case as an officer must see it: in clear, with how its review stands and what they may do now."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert

from server import db
from server.actor import Role, Staff
from server.features.audit import service as audit
from server.features.cases.models import (
    ASKED,
    BY_OFFICE,
    MOVES,
    POWERS,
    ApprovalReference,
    Case,
    Delegation,
    Extension,
    MaterialCheck,
    Pause,
    Pledge,
    Ruling,
    Tolerance,
)
from server.features.cases.schemas import (
    CaseOut,
    CheckOut,
    CorrectionPolicy,
    DeskCaseView,
    ExtensionOut,
    PauseOut,
    Proposal,
    Review,
)
from server.features.cases.service._batch_views import papers_at
from server.features.cases.service._desk import case_at_desk, has_power, shut_for_themes, within
from server.features.cases.service._eligible import age_of
from server.features.cases.service._extending import most_days
from server.features.cases.service._following import live_commitment
from server.features.cases.service._opinions import is_asked, tasks_of
from server.features.cases.service._originals import originals_of
from server.features.cases.service._pauses import days_left
from server.features.cases.service._post import parcels_of
from server.features.cases.service._rights import given_of
from server.features.cases.service._ruling_view import ruling_at_desk
from server.features.cases.service._substitutes import hands_of, stands_in_for
from server.features.cases.service._tolerance import tolerance_of
from server.features.cases.service._view import screen
from server.features.cases.service._visit_views import visit_at_desk, visit_deeds
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.identity import service as identity


async def view(actor: Staff, case_id: UUID) -> DeskCaseView:
    """Show one case in clear. The applicant can read that somebody of this office looked."""
    case = await case_at_desk(actor, case_id)
    person = await identity.person(case.person_id)
    guide = await catalogue.guide(case.guide_id)
    agent = await _agent(case)
    async with db.tx():
        await audit.record(actor, "cases.viewed", "case", case.id, person_id=case.holder_id, thread_id=case.thread_id)
    shown = await screen(case, actor)
    return DeskCaseView(
        case=shown,
        correction_policy=await catalogue.policy(CorrectionPolicy, case.region_code),
        unopened=await _unopened(shown),
        applicant=person.name,
        document=person.number,
        phone=person.phone,
        agent=agent.name if agent else None,
        agent_phone=agent.phone if agent else None,
        authority=case.authority,
        can=await _can(actor, case),
        standards={rule.key: rule.standards for rule in guide.content.materials},
        pixels={rule.key: rule.pixels for rule in guide.content.materials if rule.pixels is not None},
        checks={
            row.rule_key: CheckOut(verdict=row.verdict, reason=row.reason, original=row.original, copies=row.copies)
            for row in await MaterialCheck.filter(case_id=case.id)
        },
        proposal=None if case.proposal is None else convert(case.proposal, Proposal, strict=False),
        channel=case.channel,
        submitted_at=case.submitted_at,
        power=await has_power(actor, case),
        routed_at=case.routed_at,
        review=await _review(actor, case, guide),
        tolerance=await tolerance_of(case, guide),
        ruling=await ruling_at_desk(case, guide, actor.locale),
        parcels=await parcels_of(case.id),
        papers=await papers_at(case),
        visit=await visit_at_desk(actor, case),
        other_age=await age_of(case, guide, actor.locale),
    )


async def _unopened(shown: CaseOut) -> list[str]:
    papers = [one for one in shown.materials if one.need == "required"]
    left = await documents.unopened([file.id for one in papers for file in one.files])
    return [one.name for one in papers if any(file.id in left for file in one.files)]


async def _agent(case: Case) -> identity.PersonView | None:
    """Find who handed the case in for the applicant, if it was somebody else."""
    if case.agent_id is not None:
        return await identity.person(case.agent_id)
    holder = None if case.account_id is None else await identity.holder_of(case.account_id)
    return None if holder is None or holder.id == case.person_id else holder


async def _review(actor: Staff, case: Case, guide: GuideView) -> Review:
    asked = await Extension.get_or_none(case_id=case.id)
    under = await Delegation.get_or_none(id=case.decided_under) if case.decided_under else None
    known = (case.claimed_by, asked and asked.staff_id, asked and asked.approved_by, case.decided_by, case.decided_for)
    officers = [one for one in known if one]
    names = {key: name for key, (_, name) in (await identity.staff_labels(officers)).items()}
    return Review(
        claimed_by=names[case.claimed_by] if case.claimed_by else None,
        claimed_at=case.claimed_at,
        mine=case.claimed_by == actor.staff_id,
        pauses=[
            PauseOut(
                kind=row.kind,
                basis=row.basis,
                days=row.days,
                after_on=row.after_on,
                planned_on=row.planned_on,
                until_on=row.until_on,
                result=row.result,
            )
            for row in await Pause.filter(case_id=case.id).order_by("created_at")
        ],
        pause_left=await days_left(case, guide),
        extension=None
        if asked is None
        else ExtensionOut(
            days=asked.days,
            reason=asked.reason,
            asked_by=names[asked.staff_id],
            approved_by=names[asked.approved_by] if asked.approved_by else None,
        ),
        tasks=await tasks_of(case.id),
        department_id=case.department_id,
        stands_in=case.claimed_by in await stands_in_for(actor),
        decided_by=names[case.decided_by] if case.decided_by else None,
        decided_for=names[case.decided_for] if case.decided_for else None,
        decided_under=under.number if under is not None else None,
        extension_most=most_days(guide.content.legal_days),
    )


async def _can(actor: Staff, case: Case) -> list[str]:
    """List the deeds of `MOVES` open to this officer now, and `tell_again` to whoever may tell a second time."""
    reached = {role for role in Role if actor.has(role) and await within(actor, case, role)}
    can = [verb for verb, move in MOVES.items() if case.state in move.sources and reached.intersection(move.roles)]
    hands = await hands_of(actor)
    offered = await live_commitment(case) is not None
    asked = await Extension.get_or_none(case_id=case.id)
    waiting = asked is not None and asked.approved_by is None
    shut = dict.fromkeys(ASKED, True) | {
        "receive": True,
        "begin": True,
        "complete": True,
        "offer": offered or case.channel != "phone" or case.account_id is None,
        "recall_offer": not offered,
        "propose": case.proposal is not None,
        "return_refusal": case.proposal is None,
        "fill_in": case.channel not in BY_OFFICE,
        "resume": case.paused_on is None,
        "answer_extension": asked is None or not waiting or actor.staff_id in (asked.staff_id, asked.for_id),
        "release": case.claimed_by not in hands,
        "claim": case.claimed_by == actor.staff_id,
        "extend": asked is not None or case.paused_on is not None,
    }
    shut |= await _shut_by_papers(actor, case)
    visit = await visit_deeds(actor, case)
    shut |= {verb: True for verb in ("propose_visit", "end_visit", "drop_visit") if verb not in visit}
    to_show = bool(await originals_of(case, await catalogue.guide(case.guide_id)))
    shut |= {"pre_review": not to_show, "accept": to_show}
    shut["route"] = (power := await has_power(actor, case)) or case.routed_at is not None
    if not power and not case.whole:
        shut |= dict.fromkeys(POWERS, True)
    if await Tolerance.filter(case_id=case.id, closed_at=None).exists():
        shut["grant"] = True
    if case.paused_on is not None:
        shut |= {"grant": True, "deny": True, "pause": True}
    if case.claimed_by is not None and case.claimed_by not in hands:
        shut |= dict.fromkeys(("grant", "deny", "pause", "resume", "extend", "terminate"), True)
    open_now = [verb for verb in can if not shut.get(verb) and verb not in shut_for_themes(case)]
    can = await given_of(actor, case, open_now)
    can += await _asked(actor, case, visit)
    return [*can, "tell_again"] if Role.HALL_MANAGER in reached and power else can


async def _asked(actor: Staff, case: Case, visit: set[str]) -> list[str]:
    """List what is waited for from the officer's own department, whoever leads the case."""
    asked: list[str] = [
        verb for verb in ("agree_visit", "note_visit") if verb in visit and case.state in MOVES[verb].sources
    ]
    if await is_asked(actor, case.id):
        asked += [verb for verb in ("answer_opinion", "answer_early") if case.state in MOVES[verb].sources]
    return asked


async def _shut_by_papers(actor: Staff, case: Case) -> dict[str, bool]:
    """Say which deeds on named approvals, pledges and rules have nothing to be done with."""
    pledges = await Pledge.filter(case_id=case.id)
    states = {row.state for row in pledges}
    looked = await Ruling.get_or_none(id=case.ruling_id)
    wrong = looked if looked is not None and looked.look == "wrong" else None
    own = any(row.state == "untrue" and row.checked_by == actor.staff_id for row in pledges)
    own = own or (wrong is not None and wrong.looked_by == actor.staff_id)
    return {
        "look_up": not await ApprovalReference.filter(case_id=case.id).exists(),
        "verify": "to_check" not in states,
        "look_after": looked is None or looked.look != "to_look",
        "revoke": ("untrue" not in states and wrong is None) or own,
    }
