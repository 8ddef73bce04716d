"""Reading cases: the person's screen, made of the guide version the case began with."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from msgspec import convert
from tortoise.expressions import Q

from server.actor import Actor, Citizen
from server.errors import Conflict, NotFound
from server.features.cases import messages
from server.features.cases.models import EDITABLE, HANDLED, MOVES, Case, CaseState, Material
from server.features.cases.schemas import (
    CaseContent,
    CaseOut,
    Correction,
    Following,
    ItemRef,
    MaterialOut,
    Originals,
    PartOut,
    PledgeOut,
    ReportAnswer,
    RulingOut,
    Source,
    WholeOut,
)
from server.features.cases.service._desk import lock_whole
from server.features.cases.service._earlier import EARLIER, shown
from server.features.cases.service._family import part_views, promise_on, whole_of
from server.features.cases.service._following import following
from server.features.cases.service._originals import originals
from server.features.cases.service._outcome import decision_of
from server.features.cases.service._pledges import barred_until, pledges_of
from server.features.cases.service._references import references_of
from server.features.cases.service._reports import answers_to
from server.features.cases.service._resolve import CERTIFICATE, PLEDGE, REFERENCE, WINDOW, Standing, standing_in
from server.features.cases.service._rules import applies, asked_of, delivery_methods
from server.features.cases.service._ruling_view import ruling_of
from server.features.cases.service._told import told
from server.features.cases.service._ways import delivery_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideView, MaterialRule
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, masking
from server.kit.texts import text

MOST_FOLLOWED = 500


@dataclass(slots=True, kw_only=True)
class Parts:
    """What the screen of a case says beside the case and its guide."""

    form: dict[str, str]
    number: str
    person: str
    age: int | None
    materials: list[MaterialOut]
    ask: list[str]
    enterprise: str | None = None
    reports: list[ReportAnswer] = field(default_factory=list)
    pledges: list[PledgeOut] = field(default_factory=list)
    barred_until: date | None = None
    saved_by: str | None = None
    correction: Correction | None = None
    following: Following | None = None
    originals: Originals | None = None
    promise_on: date | None = None
    items: list[PartOut] = field(default_factory=list)
    whole: WholeOut | None = None
    ruling: RulingOut | None = None


async def case_for(actor: Citizen, case_id: UUID, *, lock: bool = False) -> Case:
    """Reach one of my cases, or see nothing: somebody else's looks like none. With `lock` it waits for others."""
    parties = await identity.parties(actor)
    rows = Case.of_parties(parties.person_ids, parties.enterprise_ids)
    if lock:
        await lock_whole(case_id)
    case = await (rows.select_for_update() if lock else rows).get_or_none(id=case_id)
    if case is None and lock and await Case.filter(id=case_id, account_id=actor.account_id).exists():
        # Whoever began it for somebody knows that it is there; what ended is the right to go on with it.
        raise Conflict("cases.mandate_over")
    if case is None:
        raise NotFound
    return case


def require_newest(case: Case, version: int) -> None:
    """Refuse to change what is not open to the applicant, or was changed since it was read there.

    Raises Conflict `cases.wrong_state`, `cases.newer_elsewhere`.
    """
    if case.state not in EDITABLE:
        raise Conflict("cases.wrong_state")
    if case.version != version:
        at = case.updated_at.astimezone(clock.SHANGHAI).strftime("%H:%M")
        raise Conflict("cases.newer_elsewhere", at=at)


async def get(actor: Citizen, case_id: UUID) -> CaseOut:
    """Show one case screen."""
    return await screen(await case_for(actor, case_id), actor)


async def handed_in_for_others(actor: Citizen) -> list[UUID]:
    """Name the threads of my enterprises' cases, whoever handed them in, and of those I handed in for whom I still
    act, the newest first: I too may read who looked.
    """
    parties = await identity.parties(actor)
    rows = Case.of_parties(parties.person_ids, parties.enterprise_ids)
    by_me = Q(Q(account_id=actor.account_id), ~Q(person_id=actor.person_id))
    mine = Q(Q(enterprise_id__isnull=False), by_me, join_type="OR")
    found = rows.filter(mine, submitted_at__isnull=False).order_by("-created_at").limit(MOST_FOLLOWED)
    threads: list[UUID] = await found.values_list("thread_id", flat=True)  # type: ignore[assignment]
    return threads


async def live_case(actor: Citizen, item_id: UUID) -> Case | None:
    """Find my case for an item that has not ended."""
    parties = await identity.parties(actor)
    rows = Case.of_parties(parties.person_ids, parties.enterprise_ids)
    return await rows.filter(item_id=item_id, state__in=MOVES["withdraw"][0]).order_by("-created_at").first()


async def of_thread(actor: Actor, thread_id: UUID) -> CaseOut | None:
    """Show the newest case of a thread; the caller has already checked who may see the thread."""
    case = await Case.filter(thread_id=thread_id).order_by("-created_at").first()
    return None if case is None else await screen(case, actor)


async def newest_handled(thread_id: UUID) -> UUID | None:
    """Name the newest case of a thread, if an office has answered it."""
    case = await Case.filter(thread_id=thread_id, submitted_at__not_isnull=True).order_by("-created_at").first()
    # A theme is rated once, as a whole: nothing else is closed.
    return case.id if case and case.parent_id is None and case.state in (*HANDLED, CaseState.CLOSED) else None


async def screen(case: Case, actor: Actor, guide: GuideView | None = None) -> CaseOut:
    """Put the whole case screen together; whoever has read its guide already says so."""
    guide = guide or await catalogue.guide(case.guide_id)
    content = asked_of(guide, case.situation)
    person = await identity.person(case.person_id)
    form = case.form
    asked = _correction(case, actor)
    parts = Parts(
        form=form,
        number=(await thread.get(case.thread_id)).number,
        person=_named(person, actor),
        age=None if case.enterprise_id else person.age,
        enterprise=(await identity.enterprise(case.enterprise_id)).name if case.enterprise_id else None,
        reports=await answers_to(case),
        materials=await _materials(case, content, actor, asked),
        pledges=await pledges_of(case, guide.content.materials),
        barred_until=await barred_until(case, content.materials),
        saved_by=await _saved_by(case, actor),
        correction=asked,
        following=await following(case, content, actor),
        originals=await originals(case, guide),
        promise_on=await promise_on(case),
        ask=await push.templates_for(actor, *messages.NEXT),
        items=await part_views(case, actor),
        whole=await whole_of(case, actor),
        ruling=await ruling_of(case, guide, actor.locale),
    )
    return drawn(case, actor, guide, content, parts)


def drawn(case: Case, actor: Actor, guide: GuideView, content: GuideContent, parts: Parts) -> CaseOut:
    """Put the screen together from what is known."""
    return CaseOut(
        id=case.id,
        thread_id=case.thread_id,
        number=parts.number,
        item=ItemRef(id=case.item_id, name=guide.item.name),
        guide_id=guide.id,
        guide_version=guide.version,
        content=CaseContent(ages=content.ages, form=content.form, materials=content.materials, parts=content.parts),
        person=parts.person,
        age=parts.age,
        enterprise=parts.enterprise,
        state=case.state.value,
        state_text=text(actor.locale, f"cases.state.{case.state.value}"),
        form=parts.form,
        prefilled=case.prefilled,
        known=convert(case.known, dict[str, Source], strict=False),
        reports=parts.reports,
        materials=parts.materials,
        pledges=parts.pledges,
        barred_until=parts.barred_until,
        version=case.version,
        saved_at=case.updated_at,
        saved_by=parts.saved_by,
        told=case.told["lines"] if case.told else told(content, parts.form, actor.locale),
        delivery=delivery_of(case),
        delivery_methods=delivery_methods(guide),
        correction=parts.correction,
        following=parts.following,
        originals=parts.originals,
        decision=decision_of(case, actor.locale),
        promise_on=parts.promise_on,
        can=_can(case),
        ask=parts.ask,
        parts=parts.items,
        whole=parts.whole,
        ruling=parts.ruling,
    )


def _named(person: identity.PersonView, actor: Actor) -> str:
    """Name the applicant: in full to themselves, masked to everybody else."""
    own = isinstance(actor, Citizen) and actor.person_id == person.id
    return person.name if own else masking.name(person.name)


async def _saved_by(case: Case, actor: Actor) -> str | None:
    """Name who saved a draft last, masked, for everybody but themselves."""
    if case.state not in EDITABLE or case.saved_by is None or not isinstance(actor, Citizen):
        return None
    if case.saved_by == actor.account_id:
        return None
    holder = await identity.holder_of(case.saved_by)
    return None if holder is None else masking.name(holder.name)


def _correction(case: Case, actor: Actor) -> Correction | None:
    """What is to be mended: for the applicant while it is, for the officer also what was asked before."""
    if case.correction is None or (case.state is not CaseState.CORRECTION_ASKED and isinstance(actor, Citizen)):
        return None
    return convert(case.correction, Correction, strict=False)


async def _materials(
    case: Case, content: GuideContent, actor: Actor, correction: Correction | None
) -> list[MaterialOut]:
    held: dict[str, list[Material]] = {}
    rows = await Material.filter(case_id=case.id).order_by("place", "created_at")
    standing = await standing_in(case, content.materials, rows)
    earlier = await shown(actor, standing.earlier)
    for material in rows:
        # The applicant reads where it lies: it is not theirs to take off or hand in here.
        if material.source == EARLIER and isinstance(actor, Citizen):
            continue
        held.setdefault(material.rule_key, []).append(material)
    files = await documents.files([row.file_id for rows in held.values() for row in rows if row.file_id])
    named = await references_of(case, content.materials)
    refused = {line.key: line.reason for line in correction.lines} if correction else {}
    return [
        MaterialOut(
            key=rule.key,
            name=rule.name,
            need=rule.need,
            exempt=rule.exempt,
            source=_source(rule, held.get(rule.key, []), standing),
            files=[files[row.file_id] for row in held.get(rule.key, []) if row.file_id in files],
            refused_reason=refused.get(rule.key),
            reference=named.get(rule.key),
            earlier=earlier.get(rule.key),
        )
        for rule in content.materials
        if applies(rule.when, case.form)
    ]


def _source(rule: MaterialRule, rows: list[Material], standing: Standing) -> str | None:
    if rule.exempt:
        return WINDOW if any(row.source == WINDOW for row in rows) else "shared"
    if rule.key in standing.keys:
        return CERTIFICATE if rule.key in standing.certified else EARLIER
    return next((row.source for row in rows if row.file_id or row.source in (WINDOW, PLEDGE, REFERENCE)), None)


def _can(case: Case) -> list[str]:
    can = ["edit", "submit"] if case.state in EDITABLE else []
    if case.state in MOVES["withdraw"][0]:
        can.append("withdraw")
    if case.state in MOVES["send"].sources:
        can.append("send")
    return can
