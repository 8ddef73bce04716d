"""The auditor's desk: the trail of deeds, the state of the chain, and who looked at a case's papers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console import scopes
from server.console.frame import day_asked, frame
from server.console.registers import Column, Register, Searched
from server.db import Found
from server.errors import FieldError, InvalidInput
from server.features.audit import service as audit
from server.features.audit.service import Entry, Wanted, Within
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking, texts
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_audit", url_prefix="/console/audit")
AUDITOR = access.staff(Role.AUDITOR)
FEATURES = (
    "cases",
    "documents",
    "certificates",
    "delivery",
    "booking",
    "queue",
    "ratings",
    "complaints",
    "supervision",
    "mandates",
    "privacy",
    "push",
    "identity",
    "catalogue",
    "audit",
)

Word = Annotated[str, Meta(max_length=60)]
Sequence = Annotated[int, Meta(ge=1, le=2**62)]


@dataclass(frozen=True, slots=True)
class Line:
    """An entry with its names: colleagues answer by name for what they did, citizens are masked, as everywhere here.

    `who` and `account` are username and name, `place` where the role was held.
    """

    entry: Entry
    who: tuple[str, str] | None
    account: tuple[str, str] | None
    person: str
    number: str
    place: str


def _deed(locale: str, action: str) -> str:
    return texts.find(locale, f"audit.action.{action}") or action


def _actor(row: Line, locale: str) -> str:
    if row.who is None:
        return texts.text(locale, f"console.audit.{row.entry.actor_kind}")
    return f"{row.who[1]} ({row.who[0]})"


def _said(row: Line, locale: str) -> str:
    reason = row.entry.detail.get("reason")
    said = _deed(locale, row.entry.action)
    return f"{said} {texts.text(locale, 'console.reason_was', reason=reason)}" if reason else said


TRAIL: Register[Line] = Register(
    "/console/audit",
    (
        Column("console.audit.at", lambda row, _: row.entry.at, "at"),
        Column("console.audit.actor", _actor),
        Column("console.audit.action", _said),
        Column("console.audit.whom", lambda row, _: row.person),
        Column("console.audit.number", lambda row, _: row.number),
        Column("console.audit.place", lambda row, _: row.entry.sequence),
    ),
    on_record="audit.exported",
)


class TrailQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """Who, in which case, on whom, what, when. A person is named by an id: their number never stands in an address."""

    who: Word = ""
    case: Word = ""
    person: UUID | None = None
    action: Annotated[str, Meta(max_length=60, pattern=r"^[a-z_]*\.?[a-z_]*$")] = ""
    since: Annotated[str, Meta(max_length=10)] = ""
    until: Annotated[str, Meta(max_length=10)] = ""
    looks: Literal["", "1"] = ""


class PersonForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whose papers: the number of their document."""

    number: Annotated[str, Meta(min_length=1, max_length=30)]


class RangeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which entries of the chain to check."""

    first: Sequence
    last: Sequence


class StepQuery(RangeForm, kw_only=True, forbid_unknown_fields=True):
    """How far the check has come."""

    at: Annotated[int, Meta(ge=0, le=2**62)]


@page(blueprint, "GET", "", access=AUDITOR)
async def trail(actor: Staff, query: TrailQuery) -> Shown:
    """Search the trail; the search is on record itself."""
    wanted, unknown = await _wanted(query)
    return "audit.html", frame(
        actor,
        "audit",
        list=await TRAIL.laid(actor, await _found(actor, wanted), query),
        query=query,
        unknown=unknown,
        features=FEATURES,
        deed=lambda action: _deed(actor.locale, action),
        actions=lambda feature: [
            (key.removeprefix("audit.action."), texts.text(actor.locale, key))
            for key in texts.below(f"audit.action.{feature}")
        ],
        whom=await _masked([query.person] if query.person else []),
    )


@page(blueprint, "GET", "/export", access=AUDITOR)
async def export(actor: Staff, query: TrailQuery) -> Streamed:
    """Give what was searched as a table."""
    wanted, _ = await _wanted(query)
    return await TRAIL.table(actor, await _found(actor, wanted), query)


async def _found(actor: Staff, wanted: Wanted | None) -> Found[Line] | list[Line]:
    if wanted is None:
        return []

    async def named(rows: list[Entry]) -> list[Line]:
        return await _named(actor, rows)

    return (await audit.search(actor, wanted, await _within(actor))).then(named)


async def _wanted(query: TrailQuery) -> tuple[Wanted | None, str]:
    """Translate what was typed. Names what is unknown, so that an empty list is not taken for innocence."""
    staff_id = await identity.staff_by_username(query.who) if query.who else None
    thread_id = await thread.by_number(query.case) if query.case else None
    if query.who and staff_id is None:
        return None, "who"
    if query.case and thread_id is None:
        return None, "case"
    since, until = _day("since", query.since), _day("until", query.until)
    return Wanted(
        staff_id=staff_id,
        person_id=query.person,
        thread_id=thread_id,
        action=query.action,
        since=since,
        before=until + timedelta(days=1) if until else None,
        looks=bool(query.looks),
    ), ""


def _day(name: str, typed: str) -> datetime | None:
    if not typed:
        return None
    try:
        return datetime.combine(day_asked(date.fromisoformat(typed)), time(), clock.SHANGHAI)
    except (ValueError, InvalidInput):
        raise InvalidInput("invalid_input", fields=(FieldError(name, "bad_format"),)) from None


async def _within(actor: Staff) -> Within | None:
    reach = await identity.reach(actor, Role.AUDITOR)
    halls, departments = await catalogue.halls_within(reach), await catalogue.departments_within(reach)
    if halls is None or departments is None:
        return None
    named = (*(f"hall:{one}" for one in halls), *(f"department:{one}" for one in departments))
    return Within(scopes=named, region_prefixes=reach.region_prefixes)


async def _named(actor: Staff, rows: list[Entry]) -> list[Line]:
    staff = [row.actor_id for row in rows if row.actor_kind == "staff" and row.actor_id]
    accounts = [row.subject_id for row in rows if row.subject == "staff" and row.subject_id]
    threads = await thread.many([row.thread_id for row in rows if row.thread_id])
    labels = await identity.staff_labels([*staff, *accounts])
    people = await _masked([row.person_id for row in rows if row.person_id])
    places = await scopes.names((row.scope for row in rows), actor.locale)
    return [
        Line(
            entry=row,
            who=labels.get(row.actor_id, ("", "")) if row.actor_kind == "staff" and row.actor_id else None,
            account=labels.get(row.subject_id) if row.subject == "staff" and row.subject_id else None,
            person=people.get(row.person_id, "") if row.person_id else "",
            number=threads[row.thread_id].number if row.thread_id in threads else "",
            place=places.get(row.scope, "") if row.scope else "",
        )
        for row in rows
    ]


async def _masked(ids: list[UUID]) -> dict[UUID, str]:
    return {one: masking.name(view.name) for one, view in (await identity.people(ids)).items()}


@page(blueprint, "POST", "/person", access=AUDITOR, limit="scan")
async def person(actor: Staff, form: PersonForm) -> Redirect:
    """Find whose document it is, for the search; the look is on record, and that person can read it."""
    found = await identity.find_person(actor, number=form.number)
    if not found:
        raise InvalidInput("console.no_person", fields=(FieldError("number", "document_invalid"),))
    return Redirect(url("/console/audit", person=found[0].id))


@page(blueprint, "GET", "/chain", access=AUDITOR)
async def chain(actor: Staff, ports: Ports) -> Shown:
    """Show how far the chain is sealed, and offer to check it."""
    return "audit_chain.html", frame(
        actor, "audit", state=await audit.chain_state(ports.witness), part=None, first=1, last=0
    )


@page(blueprint, "POST", "/chain", access=AUDITOR)
async def begin(actor: Staff, form: RangeForm, ports: Ports) -> Shown:
    """Begin to check a range."""
    state = await audit.chain_state(ports.witness)
    if not form.first <= form.last <= state.sealed:
        raise InvalidInput("console.range_wrong", sealed=state.sealed)
    await audit.begin_verifying(actor, form.first, form.last)
    part = audit.Part(checked=form.first - 1, done=False)
    return "audit_chain.html", frame(actor, "audit", state=state, part=part, first=form.first, last=form.last)


@page(blueprint, "GET", "/chain/step", access=AUDITOR, limit=None)
async def step(actor: Staff, query: StepQuery, ports: Ports) -> Shown:  # noqa: ARG001 - a page has an actor
    """Check the next part of a range; the page asks for one after the other."""
    part = await audit.verify_part(ports.witness, query.first, query.last, query.at)
    return "audit_step.html", {"part": part, "first": query.first, "last": query.last}
