"""At the window: somebody comes in person, with or without a phone; every paper is looked at and written down."""

from __future__ import annotations

from uuid import UUID

from msgspec import to_builtins

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.cases import messages
from server.features.cases.models import BY_OFFICE, FRONT, Case, CaseState, Material, MaterialCheck
from server.features.cases.schemas import Authority, CheckIn, WindowIn
from server.features.cases.service import _earlier, _pledges, _resolve
from server.features.cases.service._desk import case_for
from server.features.cases.service._eligible import require_audience
from server.features.cases.service._ending import unfinished
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._kinds import gathered
from server.features.cases.service._known import known_of
from server.features.cases.service._post import file_parcel, moment_of, take_parcel
from server.features.cases.service._powers import power_of
from server.features.cases.service._receiving import start_receiving
from server.features.cases.service._routing import pass_on
from server.features.cases.service._rules import asked_materials, asked_of, check_form, delivery_methods
from server.features.cases.service._splitting import require_open
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, MaterialRule
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

# What whoever comes for another shows: the legal representative is in the register already.
FOR_ENTERPRISE: tuple[Authority, ...] = ("legal_person", "signed_authority")
FOR_PERSON: tuple[Authority, ...] = ("signed_authority", "household_register", "birth_certificate", "ruling")


async def require_window(actor: Staff, item_id: UUID, hall_id: UUID) -> GuideView:
    """Let whoever serves a hall take an item in there; gives its guide.

    A hall is named in the guide, or by what the department has authorised it to. Raises NotFound, Conflict
    `cases.not_here`.
    """
    guide = await catalogue.current_guide(item_id)
    within = await catalogue.halls_within(await identity.reach(actor, *FRONT))
    if within is not None and hall_id not in within:
        raise NotFound
    if hall_id not in {hall.id for hall in await catalogue.halls(keys=guide.content.hall_keys or None)} and (
        await power_of(hall_id, item_id, guide.department.id, by_name=True) is None
    ):
        raise Conflict("cases.not_here")
    return guide


@db.transactional
async def receive(actor: Staff, wish: WindowIn) -> UUID:
    """Take an application in at a window, and give its id. A draft begun on a phone goes on here with its answers.

    One that came by post (`parcel_id`) counts from the day it came, and its applicant is told the number. Uploads stay
    with the phone: the papers themselves lie on the table. Refuses `cases.not_here`, `.enterprise_only`,
    `.person_only`, `.authority_needed`, `.situation_open`, `.already_open`, `.result_waiting`, `.parcel_answered`.
    """
    guide = await require_window(actor, wish.item_id, wish.hall_id)
    parcel = None if wish.parcel_id is None else await take_parcel(actor, wish.parcel_id, wish.hall_id)
    _require_party(guide, wish)
    await require_open(guide)
    if open_questions := catalogue.undecided(guide.content, wish.situation):
        raise InvalidInput("cases.situation_open", fields=open_questions)
    opened = await thread.open(
        actor,
        person_id=wish.person_id,
        enterprise_id=wish.enterprise_id,
        item_id=wish.item_id,
        title=guide.item.name,
        region_code=guide.item.region_code,
    )
    case = await _taken_over(opened.id) or await _new(wish, guide, opened.id)
    # What was begun on a phone keeps the guide it began with.
    guide = await catalogue.guide(case.guide_id)
    case.situation = catalogue.known_situation(guide.content, wish.situation)
    case.channel = "window" if parcel is None else "post"
    case.hall_id = wish.hall_id
    case.agent_id, case.authority = wish.agent_id, wish.authority
    await case.save(update_fields=["channel", "situation_sealed", "agent_id", "authority"])
    method = "counter" if "counter" in delivery_methods(guide) else "none"
    case.delivery = {"method": method, "hall_id": str(wish.hall_id) if method == "counter" else None}
    case.submitted_at = clock.now() if parcel is None else moment_of(parcel.received_on)
    await _find(case, guide)
    await start_receiving(case, on=None if parcel is None else parcel.received_on)
    await case.move("receive", actor)
    if parcel is None:
        await thread.record(case.thread_id, "cases.received", actor, case_id=str(case.id))
    else:
        await file_parcel(actor, parcel, case)
        if case.routed_at is None:
            # What is passed on at once is told along with its number, in one word.
            await tell(case, await _by_post(case, guide))
    await pass_on(actor, case)
    await on_record(actor, "cases.received", case, authority=wish.authority)
    return case.id


async def _by_post(case: Case, guide: GuideView) -> messages.ReceivedByPost:
    number = await number_of(case)
    return messages.ReceivedByPost(thread_id=str(case.thread_id), number=number, item=guide.item.name, at=clock.now())


def _require_party(guide: GuideView, wish: WindowIn) -> None:
    """Let apply who may: the kind of party the guide is for, and for another only with a paper that says so."""
    require_audience(guide, wish.enterprise_id)
    if wish.agent_id == wish.person_id:
        raise Conflict("cases.own_agent")
    for_another = wish.enterprise_id is not None or wish.agent_id is not None
    papers = FOR_ENTERPRISE if wish.enterprise_id is not None else FOR_PERSON
    if for_another and wish.authority not in papers:
        raise InvalidInput("cases.authority_needed", fields=(FieldError("authority", "required"),))


async def _taken_over(thread_id: UUID) -> Case | None:
    """Find the draft a phone has begun. `thread.open` holds the thread's row, so nobody begins another meanwhile."""
    case = await unfinished(thread_id)
    if case is None:
        return None
    if case.state is CaseState.GRANTED:
        raise Conflict("cases.result_waiting")
    if case.state is not CaseState.DRAFT:
        raise Conflict("cases.already_open")
    case = await Case.filter(id=case.id).select_for_update().get()
    await Material.filter(case_id=case.id).delete()
    await documents.let_go(thread_id)
    return case


async def _new(wish: WindowIn, guide: GuideView, thread_id: UUID) -> Case:
    case = Case(
        thread_id=thread_id,
        item_id=wish.item_id,
        guide_id=guide.id,
        department_id=guide.department.id,
        region_code=guide.item.region_code,
        person_id=wish.person_id,
        enterprise_id=wish.enterprise_id,
        channel="window",
        whole=bool(guide.content.parts),
    )
    case.form, sources = await known_of(guide.content.form, wish.person_id, wish.enterprise_id)
    case.known = to_builtins(sources)
    await case.save(force_create=True)
    return case


@db.transactional
async def fill_in(actor: Staff, case_id: UUID, answers: dict[str, str]) -> None:
    """Write down what the applicant says at the window. Their own words, handed in by phone, are not changed here.

    Refuses `cases.own_words`, `cases.wrong_state`, `invalid_input` by field.
    """
    case, guide = await _looked_at(actor, "fill_in", case_id)
    if case.channel not in BY_OFFICE:
        raise Conflict("cases.own_words")
    before = case.form
    content = asked_of(guide, case.situation)
    case.form = check_form(content, gathered(content.form, answers))
    case.known = {key: source for key, source in case.known.items() if case.form.get(key) == before.get(key)}
    await _find(case, guide)
    await case.keep()
    await on_record(actor, "cases.filled_in", case)


async def _find(case: Case, guide: GuideView) -> None:
    """Write down what the office has already, so that no window asks for it."""
    rules = asked_materials(asked_of(guide, case.situation), case.form)
    rows = await Material.filter(case_id=case.id).exclude(source__in=_resolve.FOUND)
    await _resolve.keep(case, await _resolve.on_hand(case, rules, {row.rule_key for row in rows}))


@db.transactional
async def check_materials(actor: Staff, case_id: UUID, found: list[CheckIn]) -> None:
    """Write down what was found of each paper. Only what the guide asks of this applicant can be called for.

    Refuses `cases.correction_outside_guide` (by field), `cases.reason_needed`, `cases.wrong_state`.
    """
    case, guide = await _looked_at(actor, "check", case_id)
    rules = {rule.key: rule for rule in asked_materials(asked_of(guide, case.situation), case.form)}
    held = await Material.filter(case_id=case.id)
    files = {row.rule_key for row in held if row.file_id}
    earlier = {row.rule_key for row in held if row.source == _earlier.EARLIER}
    promised = await _pledges.by_phone(case)
    settled = dict.fromkeys(promised, "pledged") | dict.fromkeys(await _resolve.held_by_office(case.id), "on_file")
    wrong = [
        FieldError(f"materials.{one.key}", why)
        for one in found
        if (
            why := _unlawful(
                one,
                rules.get(one.key),
                uploaded=one.key in files,
                # An earlier paper stands for it only while it fits.
                settled=None if one.verdict == "wrong" and one.key in earlier else settled.get(one.key),
            )
        )
    ]
    if wrong:
        raise InvalidInput("cases.correction_outside_guide", fields=tuple(wrong))
    for one in found:
        rule, sent = rules[one.key], one.key in files
        # A picture is no original; what lies on the counter is one, where the guide asks for it.
        here = rule.originals > 0 and (case.channel in BY_OFFICE or not sent)
        await note_check(
            actor, case, one, uploaded=sent or one.key in promised, original=here or rule.exempt is not None
        )
        if one.key in earlier:
            await _earlier.judge(actor, case.id, one.key, fits=one.verdict == "received")
    await _pledges.sign_seen(actor, case, guide, list(rules.values()))
    await on_record(actor, "cases.checked", case)
    if shown := [one.key for one in found if rules[one.key].exempt is not None]:
        await thread.record(case.thread_id, "cases.original_seen", actor, case_id=str(case.id))
        await on_record(actor, "cases.original_seen", case, keys=",".join(shown))


def _unlawful(one: CheckIn, rule: MaterialRule | None, *, uploaded: bool, settled: str | None) -> str | None:
    """Say why a paper cannot be called for, if it cannot; `settled` is the code where something stands for it.

    What a register answers for cannot be called for either; that its original was shown all the same may be said.
    """
    if rule is None:
        return "unknown_field"
    if rule.exempt is not None and one.verdict != "received":
        return "exempt"
    if one.verdict == "pledged" and rule.pledge is None:
        return "not_pledgeable"
    if settled is not None and one.verdict != "received":
        return settled
    if one.copies > rule.copies:
        return "copies_beyond_guide"
    # Who has sent the file is not asked for the paper: a guide that takes files takes them.
    return "on_file" if one.verdict == "missing" and uploaded else None


async def note_check(actor: Staff, case: Case, one: CheckIn, *, uploaded: bool, original: bool) -> None:
    """Write down what was found of one line; what the phone has not sent (`uploaded`) lies on the counter.

    `original`: of what was received, that was seen.
    """
    reason = await _why(one)
    row = await MaterialCheck.get_or_none(case_id=case.id, rule_key=one.key)
    row = row or MaterialCheck(case_id=case.id, rule_key=one.key)
    promised = one.verdict == "pledged"
    row.verdict, row.reason = "received" if promised else one.verdict, reason
    taken = one.verdict == "received"
    row.original, row.copies = taken and original, one.copies if taken else 0
    row.staff_id, row.created_at = actor.staff_id, clock.now()
    await row.save()
    if uploaded:
        return
    here = (_resolve.WINDOW, _resolve.PLEDGE)
    await Material.filter(case_id=case.id, rule_key=one.key, source__in=here).delete()
    if row.verdict == "received":
        source = _resolve.PLEDGE if promised else _resolve.WINDOW
        await Material(case_id=case.id, rule_key=one.key, source=source).save(force_create=True)


async def _why(one: CheckIn) -> str | None:
    if one.verdict != "wrong":
        return None
    if not one.reason.strip():
        raise InvalidInput("cases.reason_needed", fields=(FieldError(f"materials.{one.key}", "missing"),))
    return await documents.printable(one.reason)


@db.transactional
async def hand_in_again(actor: Staff, case_id: UUID) -> None:
    """The applicant has brought to a window what was asked for: the office has its five days again.

    Refuses `cases.still_missing` while a paper is marked missing or wrong, and `cases.wrong_state`.
    """
    case = await case_for(actor, "hand_in", case_id)
    if await MaterialCheck.filter(case_id=case.id).exclude(verdict="received").exists():
        raise Conflict("cases.still_missing")
    case.submitted_at = clock.now()
    await start_receiving(case)
    await case.move("hand_in", actor)
    await thread.record(case.thread_id, "cases.received", actor, case_id=str(case.id))
    await pass_on(actor, case)
    await on_record(actor, "cases.received", case)


async def _looked_at(actor: Staff, verb: str, case_id: UUID) -> tuple[Case, GuideView]:
    case = await case_for(actor, verb, case_id)
    return case, await catalogue.guide(case.guide_id)
