"""The window takes an application in: find the item, ask for the situation, write the applicant down, check the papers.

What a page of the desk asks for is what the guide asks for: there is no place to name another paper.
"""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct, ValidationError, convert
from sanic import Blueprint, Request

from server.actor import Staff
from server.config import Settings
from server.console.drawing import inline
from server.console.frame import FRONT, chosen_hall, frame
from server.errors import FieldError, InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.service import FOR_ENTERPRISE, FOR_PERSON, Authority, CheckIn, WindowIn, posting
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, SearchQuery, Situation
from server.features.identity import service as identity
from server.features.identity.service import ShownEnterprise
from server.kit import masking
from server.ports import Ports
from server.web import Redirect, access, csrf
from server.web.pages import Shown, page
from server.web.reading import refusal

blueprint = Blueprint("console_receiving", url_prefix="/console/receive")
DESK = access.staff(*FRONT)
HERE = "/console/receive"
FOUND = 20

WAYS: tuple[Whom, ...] = ("self", "agent", "enterprise")
AUDIENCE = {"self": "person", "agent": "person", "enterprise": "enterprise"}
KINDS = ("resident_id", "passport", "hk_macau_permit", "taiwan_permit")
Whom = Literal["self", "agent", "enterprise"]
Kind = Literal["resident_id", "passport", "hk_macau_permit", "taiwan_permit"]
Line = Annotated[str, Meta(min_length=1, max_length=60)]
MaybeLine = Annotated[str, Meta(max_length=60)]
Chosen = Annotated[str, Meta(max_length=90)]


class ReceiveQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is looked for, the item chosen, and the answers to its situations, each `question:answer`.

    `parcel` is the envelope it came in.
    """

    hall: UUID | None = None
    q: Annotated[str, Meta(max_length=60)] = ""
    item: UUID | None = None
    answers: Annotated[list[Chosen], Meta(max_length=40)] = []
    whom: Whom | None = None
    parcel: UUID | None = None


class ReceiveForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who stands at the window, for whom, and for what.

    `kind`, `name`, `number`, `phone` are the applicant's, or of who came for an enterprise; `agent_*` of who came
    instead of a person; the last four of the enterprise.
    """

    hall: UUID
    item: UUID
    answers: Annotated[list[Chosen], Meta(max_length=40)] = []
    whom: Whom = "self"
    kind: Kind
    name: Line
    number: Line
    phone: Annotated[str, Meta(max_length=20)] | None = None
    authority: Authority | None = None
    agent_kind: Kind = "resident_id"
    agent_name: MaybeLine = ""
    agent_number: MaybeLine = ""
    agent_phone: Annotated[str, Meta(max_length=20)] | None = None
    uscc: MaybeLine = ""
    company: Annotated[str, Meta(max_length=120)] = ""
    legal_name: MaybeLine = ""
    legal_number: MaybeLine = ""
    parcel: UUID | None = None


@page(blueprint, "GET", "", access=DESK)
async def begin(actor: Staff, query: ReceiveQuery) -> Shown:
    """Find the item, then show what its guide asks for in the applicant's situation."""
    hall, halls = await chosen_hall(actor, query.hall)
    said: dict[str, object] = {
        "hall": hall,
        "halls": halls,
        "query": query,
        "kinds": KINDS,
        "guide": None,
        "found": [],
        "parcel": None,
    }
    if query.parcel is not None:
        said["parcel"] = await posting.parcel(actor, query.parcel)
    if query.item is not None:
        said |= await _guided(hall.id, query.item, _answers(query.answers), query.whom, actor.locale)
    elif query.q.strip():
        said["found"] = (await catalogue.search(SearchQuery(q=query.q, limit=FOUND))).items
    return "receive.html", frame(actor, "cases", **said)


async def _guided(
    hall_id: UUID, item_id: UUID, answers: dict[str, str], whom: Whom | None, locale: str
) -> dict[str, object]:
    try:
        guide = await catalogue.current_guide(item_id)
    except NotFound:
        return {"unguided": await catalogue.item(item_id)}
    known = catalogue.known_situation(guide.content, answers)
    left = catalogue.undecided(guide.content, known)
    ways = [way for way in WAYS if AUDIENCE[way] in guide.content.audience]
    whom = whom if whom in ways else ways[0]
    return {
        "ways": ways,
        "whom": whom,
        "authorities": FOR_ENTERPRISE if whom == "enterprise" else FOR_PERSON,
        "guide": guide,
        "known": known,
        "asked": _asked(guide.content, known, [fault.path for fault in left]),
        "stop": next((answer.stop for one in guide.content.situations for answer in one.answers
                      if answer.stop and known.get(one.key) == answer.value), None),
        "ready": not left,
        "ages": None if whom == "enterprise" or guide.content.ages is None
        else catalogue.ages_in_words(guide.content.ages, locale),
        "power": await cases.power_of(hall_id, item_id, guide.department.id),
        "materials": catalogue.materials_for(guide.content, known),
    }  # fmt: skip


def _asked(content: GuideContent, known: dict[str, str], left: list[str]) -> list[Situation]:
    """List the questions answered so far and the one that comes next."""
    return [one for one in content.situations if one.key in known or f"situation.{one.key}" in left]


def _answers(chosen: list[str]) -> dict[str, str]:
    pairs = (one.partition(":") for one in chosen)
    return {question: answer for question, _, answer in pairs if answer}


@page(blueprint, "POST", "", access=DESK, limit="scan")
async def receive(actor: Staff, form: ReceiveForm, ports: Ports) -> Redirect:
    """Write the applicant down and take the application in; the papers are checked on its page."""
    # First: nobody is written down for a case that cannot be taken in here.
    await cases.require_window(actor, form.item, form.hall)
    wish = await _wish(actor, form, ports)
    return Redirect(f"/console/cases/{await cases.receive(actor, wish)}")


async def _wish(actor: Staff, form: ReceiveForm, ports: Ports) -> WindowIn:
    """Write down who is named in the form, each as their document and register say."""
    checker = ports.identity_check
    _complete(form)
    enterprise_id = agent_id = None
    if form.whom == "enterprise":
        own = form.authority == "legal_person"
        shown = ShownEnterprise(
            uscc=form.uscc,
            name=form.company,
            legal_name=form.name if own else form.legal_name,
            legal_number=form.number if own else form.legal_number,
        )
        enterprise_id = await identity.register_enterprise(actor, shown, checker)
    person = await identity.register_person(
        actor, kind=form.kind, name=form.name, number=form.number, checker=checker, phone=form.phone
    )
    if form.whom == "agent":
        agent = await identity.register_person(
            actor,
            kind=form.agent_kind,
            name=form.agent_name,
            number=form.agent_number,
            checker=checker,
            phone=form.agent_phone,
        )
        agent_id = agent.id
    return WindowIn(
        item_id=form.item,
        hall_id=form.hall,
        person_id=person.id,
        situation=_answers(form.answers),
        enterprise_id=enterprise_id,
        agent_id=agent_id,
        authority=None if form.whom == "self" else form.authority,
        parcel_id=form.parcel,
    )


def _complete(form: ReceiveForm) -> None:
    """Refuse what is left empty before anybody is written down, each at its field."""
    wanted: dict[Whom, tuple[str, ...]] = {
        "self": (),
        "agent": ("authority", "agent_name", "agent_number"),
        "enterprise": ("authority", "uscc", "company"),
    }
    fields = wanted[form.whom]
    if form.whom == "enterprise" and form.authority == "signed_authority":
        fields += ("legal_name", "legal_number")
    missing = [FieldError(name, "required") for name in fields if not (getattr(form, name) or "").strip()]
    if missing:
        raise InvalidInput("invalid_input", fields=tuple(missing))


@page(blueprint, "POST", "/<case_id>/checks", access=DESK)
async def checks(actor: Staff, case_id: UUID, request: Request) -> Redirect:
    """Keep what was found of each paper: `verdict.<line>`, `why.<line>` where it is wrong, `copies.<line>` taken."""
    given = _given(request)
    rows = [
        _found(given, name.removeprefix("verdict."), value)
        for name, value in given.items()
        if name.startswith("verdict.")
    ]
    try:
        found = convert(rows, list[CheckIn])
    except ValidationError as wrong:
        raise refusal(wrong) from None
    await cases.check_materials(actor, case_id, found)
    return Redirect(f"/console/cases/{case_id}")


def _found(given: dict[str, str], key: str, verdict: str) -> dict[str, object]:
    """What was typed before another verdict was chosen says nothing any more."""
    found: dict[str, object] = {"key": key, "verdict": verdict}
    if verdict == "wrong":
        found["reason"] = given.get(f"why.{key}", "")
    if verdict == "received" and (copies := given.get(f"copies.{key}", "")):
        if not (copies.isascii() and copies.isdigit()):
            raise InvalidInput("invalid_input", fields=(FieldError(f"copies.{key}", "bad_format"),))
        found["copies"] = int(copies)
    return found


@page(blueprint, "POST", "/<case_id>/answers", access=DESK)
async def answers(actor: Staff, case_id: UUID, request: Request) -> Redirect:
    """Keep what the applicant says: `answer.<question>`."""
    given = {
        name.removeprefix("answer."): value for name, value in _given(request).items() if name.startswith("answer.")
    }
    await cases.fill_in(actor, case_id, given)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "POST", "/<case_id>/again", access=DESK)
async def again(actor: Staff, case_id: UUID) -> Redirect:
    """What was asked for has been brought."""
    await cases.hand_in_again(actor, case_id)
    return Redirect(f"/console/cases/{case_id}")


@page(blueprint, "GET", "/<case_id>/slip", access=DESK)
async def slip(actor: Staff, case_id: UUID, settings: Settings) -> Shown:
    """Show the receipt as it is printed: the number, what was handed over, and how to follow it without a login."""
    seen = await cases.view(actor, case_id)
    hall = seen.case.delivery.hall_id if seen.case.delivery else None
    return "receipt.html", frame(
        actor,
        "cases",
        case=seen.case,
        at=seen.submitted_at,
        applicant=seen.case.enterprise or masking.name(seen.applicant),
        hall=(await catalogue.hall(hall)).name if hall else "",
        held=[
            cases.as_taken(actor.locale, one.name, seen.checks.get(one.key))
            for one in seen.case.materials
            if one.files or one.source in ("window", "pledge", "reference")
        ],
        phone=masking.phone(seen.phone) if seen.phone else "",
        qr=inline(_address(settings, seen.case.number)),
    )


@page(blueprint, "GET", "/<case_id>/label", access=DESK)
async def label(actor: Staff, case_id: UUID, settings: Settings) -> Shown:
    """Show the label for the folder of papers: a scanner reads the number off it."""
    case = (await cases.view(actor, case_id)).case
    return "label.html", frame(actor, "cases", case=case, qr=inline(_address(settings, case.number)))


def _address(settings: Settings, number: str) -> str:
    return f"{settings.public_url}/#/features/thread/pages/track?number={number}"


def _given(request: Request) -> dict[str, str]:
    return {name: values[0] for name, values in csrf.form_of(request).items()}
