"""Applying: a draft that is never lost, and one submission however often it is tapped."""

from __future__ import annotations

from uuid import UUID

from msgspec import to_builtins

from server import db
from server.actor import Citizen
from server.errors import Conflict, FieldError, Forbidden, InvalidInput
from server.features.audit import service as audit
from server.features.cases.models import EDITABLE, MOVES, Case, CaseState, Material
from server.features.cases.schemas import CaseOut, DraftIn, MaterialIn, StartIn, SubmitIn
from server.features.cases.service import _pledges, _references, _resolve, _wish
from server.features.cases.service._eligible import require_age, require_audience
from server.features.cases.service._ending import end_if_nothing_is_left, unfinished
from server.features.cases.service._family import own_files, parts_of
from server.features.cases.service._known import known_of
from server.features.cases.service._pixels import check_pixels
from server.features.cases.service._receiving import start_receiving
from server.features.cases.service._routing import pass_on
from server.features.cases.service._rules import (
    asked_materials,
    asked_of,
    check_complete,
    check_form,
    check_uploads,
    known_answers,
)
from server.features.cases.service._rulings import ask_rules
from server.features.cases.service._sharing import share_mended
from server.features.cases.service._splitting import require_open, split
from server.features.cases.service._told import told_at
from server.features.cases.service._view import case_for, require_newest, screen
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock


@db.transactional
async def start(actor: Citizen, wish: StartIn) -> CaseOut:
    """Begin a draft, or go on with the one there is.

    Refuses `cases.not_online`, `.enterprise_only`, `.person_only`, `.other_age`, `.already_open`,
    `.result_waiting`, `identity.real_name_required`.
    """
    guide = await catalogue.current_guide(wish.item_id)
    if not guide.content.online:
        raise Conflict("cases.not_online")
    if actor.person_id is None:
        raise Forbidden("identity.real_name_required")
    party = await identity.party(actor, person_id=wish.for_person_id, enterprise_id=wish.enterprise_id)
    require_audience(guide, wish.enterprise_id)
    await require_open(guide)
    opened = await thread.open(
        actor,
        person_id=party.person_id,
        enterprise_id=party.enterprise_id,
        item_id=wish.item_id,
        title=guide.item.name,
        region_code=guide.item.region_code,
    )
    # `thread.open` holds the thread's row until we commit, so two taps cannot both find no case here.
    case = await unfinished(opened.id)
    if case is None:
        case = await _begin(actor, wish, guide, party.person_id, opened.id)
    elif case.state is CaseState.GRANTED:
        raise Conflict("cases.result_waiting", page=thread.page_of(opened.id))
    elif case.state not in EDITABLE:
        raise Conflict("cases.already_open", page=thread.page_of(opened.id))
    if case.state is CaseState.DRAFT:
        await require_age(actor, case, guide)
    await _situate(case, wish)
    return await screen(case, actor)


async def _situate(case: Case, wish: StartIn) -> None:
    """Keep the situation that was chosen on the guide; one chosen before stays where nothing is said."""
    situation = catalogue.known_situation((await catalogue.guide(case.guide_id)).content, wish.situation)
    if situation and situation != case.situation:
        case.situation = situation
        await case.keep()


async def _begin(actor: Citizen, wish: StartIn, guide: GuideView, person_id: UUID, thread_id: UUID) -> Case:
    case = Case(
        thread_id=thread_id,
        item_id=wish.item_id,
        guide_id=guide.id,
        department_id=guide.department.id,
        region_code=guide.item.region_code,
        person_id=person_id,
        enterprise_id=wish.enterprise_id,
        account_id=actor.account_id,
        whole=bool(guide.content.parts),
    )
    case.form, sources = await known_of(guide.content.form, person_id, wish.enterprise_id)
    case.known = to_builtins(sources)
    await case.save(force_create=True)
    await thread.record(thread_id, "cases.started", actor, case_id=str(case.id))
    return case


@db.transactional
async def save_draft(actor: Citizen, case_id: UUID, draft: DraftIn) -> CaseOut:
    """Keep what has been typed so far. Refuses `cases.newer_elsewhere` when another device has saved meanwhile."""
    case = await case_for(actor, case_id, lock=True)
    guide = await catalogue.guide(case.guide_id)
    require_newest(case, draft.version)
    take_answers(actor, case, known_answers(guide.content, draft.form))
    check_uploads(asked_of(guide, case.situation), [one.key for one in draft.materials])
    _pledges.check_pledgeable(guide.content.materials, draft.pledges)
    await documents.hold(actor, await own_files(case, files_of(draft.materials)), case.thread_id)
    await _keep_materials(case, draft.materials)
    named = _references.checked(guide.content.materials, draft.references, finished=False)
    await _references.keep(case, guide.content.materials, named.values())
    if _pledges.allows(guide.content.materials):
        await _pledges.keep_chosen(case, draft.pledges)
    await case.keep()
    return await screen(case, actor, guide)


@db.transactional
async def submit(actor: Citizen, case_id: UUID, application: SubmitIn) -> CaseOut:
    """Hand the application in: everything is checked at once, and nothing typed is lost when something is missing.

    Refuses `invalid_input` (by field), `cases.materials_missing`, `cases.newer_elsewhere`, `cases.wrong_state`,
    `cases.item_withdrawn`, `cases.mandate_over`, `cases.enterprise_only`, `cases.person_only`, `cases.other_age`.
    """
    case = await case_for(actor, case_id, lock=True)
    guide = await catalogue.guide(case.guide_id)
    require_newest(case, application.version)
    await _require_offered(actor, case, guide)
    content = asked_of(guide, case.situation)
    take_answers(actor, case, check_form(content, application.form))
    if open_questions := catalogue.undecided(content, case.situation or {}):
        raise InvalidInput("cases.situation_open", fields=open_questions)
    check_uploads(content, [one.key for one in application.materials])
    rules = asked_materials(content, case.form)
    asked = {rule.key for rule in rules}
    given = [one for one in application.materials if one.key in asked]
    uploaded = {one.key for one in given}
    on_hand = await _resolve.on_hand(case, rules, uploaded)
    _pledges.check_pledgeable(guide.content.materials, application.pledges)
    # The proof itself goes before a word that stands for it.
    here = uploaded | on_hand.keys
    named = _references.checked(rules, [one for one in application.references if one.key not in here], finished=True)
    promised = asked & set(application.pledges) - here - set(named)
    check_complete(rules, here | promised | set(named) | await _resolve.at_window(case.id))
    wish, hall_id = await _wish.settled(actor, guide, application.delivery)
    case.delivery = to_builtins(wish)
    # The items of a theme stay together in the hall that took it in.
    case.hall_id = case.hall_id or hall_id if case.parent_id else hall_id
    case.submitted_at = clock.now()
    case.told = told_at(guide, content, case.form, actor.locale)
    if application.subscriptions is not None:
        await push.note_subscriptions(actor, application.subscriptions)
    await documents.attach(actor, await own_files(case, files_of(given)), case.thread_id)
    await check_pixels(rules, [(one.key, one.file_id) for one in given], actor.locale)
    await _keep_materials(case, given)
    await _resolve.keep(case, on_hand)
    await (split(actor, case, guide, "submit") if case.whole else start_receiving(case))
    await case.move("submit")
    await _references.keep(case, rules, named.values())
    await _pledges.sign_chosen(actor, case, guide, rules, promised)
    await thread.record(case.thread_id, "cases.submitted", actor, case_id=str(case.id))
    await _go_on(actor, case, guide)
    return await screen(case, actor, guide)


async def _go_on(actor: Citizen, case: Case, guide: GuideView) -> None:
    """What follows at once: on whose behalf is on record, its department has it, a theme's other items have what was
    mended, the rules look.
    """
    if case.enterprise_id is not None or case.person_id != actor.person_id:
        known = {} if case.enterprise_id is None else {"enterprise_id": str(case.enterprise_id)}
        await audit.record(
            actor, "cases.submitted_for", "case", case.id, person_id=case.person_id, thread_id=case.thread_id, **known
        )
    await pass_on(actor, case)
    await share_mended(actor, case)
    await ask_rules(case, guide)


async def _require_offered(actor: Citizen, case: Case, guide: GuideView) -> None:
    """What was handed in before goes on as it began; nothing new is begun of what is no longer done."""
    if case.state is not CaseState.DRAFT:
        return
    if not guide.item.active:
        raise Conflict("cases.item_withdrawn")
    require_audience(guide, case.enterprise_id)
    await require_age(actor, case, guide)


@db.transactional
async def withdraw(actor: Citizen, case_id: UUID) -> CaseOut:
    """Take the application back. A draft simply ends; one that is being handled stops its clock.

    A theme's takes back all of its items that can be; it ends with the last of them.
    """
    case = await case_for(actor, case_id, lock=True)
    for one in await parts_of(case.id, lock=True) if case.whole else []:
        if one.state in MOVES["withdraw"].sources:
            await _take_back(actor, one)
    # Its items have moved it on.
    case = await case_for(actor, case_id)
    if not case.whole or case.submitted_at is None:
        await _take_back(actor, case)
    return await screen(case, actor)


async def _take_back(actor: Citizen, case: Case) -> None:
    never_handed_in = case.submitted_at is None
    await case.move("withdraw")
    await documents.let_go(case.thread_id)
    if not never_handed_in:
        await thread.stop_clock(case.thread_id, thread.ClockKind.RECEIVE)
        await thread.stop_clock(case.thread_id, thread.ClockKind.DECIDE)
        await thread.record(case.thread_id, "cases.withdrawn", actor, case_id=str(case.id))
    await end_if_nothing_is_left(case.thread_id, actor)


def take_answers(actor: Citizen, case: Case, answers: dict[str, str]) -> None:
    """Put answers into the case; one that was filled in and is changed is the applicant's own word."""
    before = case.form
    case.known = {
        key: source
        for key, source in case.known.items()
        if source.get("reported") or answers.get(key) == before.get(key)
    }
    case.form = answers
    case.saved_by = actor.account_id


def files_of(given: list[MaterialIn]) -> list[UUID]:
    file_ids = [one.file_id for one in given]
    if len(set(file_ids)) != len(file_ids):
        raise InvalidInput("invalid_input", fields=(FieldError("materials", "duplicate"),))
    return file_ids


async def _keep_materials(case: Case, given: list[MaterialIn]) -> None:
    await Material.filter(case_id=case.id, source="upload").delete()
    await Material.bulk_create(
        [
            Material(case_id=case.id, rule_key=one.key, file_id=one.file_id, place=place)
            for place, one in enumerate(given)
        ]
    )
