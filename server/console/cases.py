"""The case desk: the work list, one case in clear, and what may be done with it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console.frame import FRONT, frame
from server.console.paging import Paged, turns
from server.console.walked import walk_mark
from server.errors import InvalidInput
from server.features.cases import service as cases
from server.features.cases.service import CaseOut, CorrectionLine, Light, Sort, Tab, Wanted, Whose, visits
from server.features.catalogue import service as catalogue
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.ports import Ports
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_cases", url_prefix="/console/cases")
DESK = access.staff(*FRONT, Role.REVIEWER)
WINDOW = access.staff(*FRONT)
ACCEPTORS = access.staff(*FRONT, Role.REVIEWER)
SUPERIORS = access.staff(Role.HALL_MANAGER, Role.REVIEWER)
DECIDERS = access.staff(Role.REVIEWER)

SHOWN = 30
# Where something is due of the office.
LIT: tuple[Tab, ...] = ("accept", "routed", "refuse", "followed", "decide")
Reason = Annotated[str, Meta(min_length=1, max_length=500)]


class ListQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which part of the work list; `q` is a case number or part of an item's name."""

    list: Tab | None = None
    q: Annotated[str, Meta(max_length=60)] = ""
    light: Light = ""
    whose: Whose = ""
    sort: Sort = ""

    def wanted(self, actor: Staff) -> Wanted:
        """Say what to look for; reviewers begin with what they decide, and all by the day it is due."""
        tab: Tab = self.list or ("accept" if actor.has(*FRONT) else "decide")
        # By when it is due is asked where something is: what is done, or waits for its applicant, goes by its time.
        lit = tab in LIT
        return Wanted(
            tab=tab,
            q=self.q,
            light=self.light if lit else "",
            whose=self.whose if tab == "decide" else "",
            sort=self.sort if lit or not self.sort.endswith("due") else "",
        )


class ReasonForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why not; the applicant reads it in the notice."""

    reason: Reason


class DenyForm(ReasonForm, kw_only=True, forbid_unknown_fields=True):
    """Why not, and the version of the case that was looked at."""

    seen: int | None = None


class OpinionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the decision says, if anything, and the version of the case that was looked at."""

    seen: int | None = None
    opinion: Annotated[str, Meta(max_length=500)] | None = None


class CorrectionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What to mend: the lines ticked, and for each a reason in the same place of the list; what is marked comes along.

    `days` are working days; `why` is a superior's reason for telling a second time.
    """

    keys: Annotated[list[str], Meta(max_length=100)] = []
    reasons: Annotated[list[Reason], Meta(max_length=100)] = []
    days: Annotated[int, Meta(ge=1, le=400)] | None = None
    why: Annotated[str, Meta(max_length=500)] = ""

    @property
    def lines(self) -> list[CorrectionLine]:
        """Give each line with its reason. Raises InvalidInput where they do not belong together."""
        if len(self.keys) != len(self.reasons):
            # A reason that belongs to another line would ask for the wrong thing.
            raise InvalidInput("cases.correction_empty")
        return [CorrectionLine(key=key, reason=reason) for key, reason in zip(self.keys, self.reasons, strict=True)]


@page(blueprint, "GET", "", access=DESK)
async def worklist(actor: Staff, query: ListQuery, settings: Settings) -> Shown:
    """Show the work list; reviewers begin with what they decide."""
    wanted = query.wanted(actor)
    found = await cases.worklist(actor, wanted, cursor=query.cursor, limit=SHOWN)
    usual = "-since" if wanted.tab == "done" else "due" if wanted.tab == "decide" else "since"
    return "cases.html", frame(
        actor,
        "cases",
        rows=found.items,
        walked=await walk_mark(actor, settings.region),
        pages=turns(query, found.next),
        query=query,
        sort=wanted.sort or usual,
        chosen=wanted.tab,
        wanted=wanted,
        counts=await cases.light_counts(actor, wanted) if wanted.tab in LIT else {},
        most=cases.MOST_COUNTED,
        checks=await cases.spot_check_counts(actor) if actor.has(Role.REVIEWER) else (0, 0),
        tasks=await cases.tasks_for(actor) if actor.has(Role.REVIEWER) else [],
        to_visit=await visits.tasks_of_visits(actor) if actor.has(Role.REVIEWER) else [],
        kept={"list": wanted.tab, "q": wanted.q, "light": wanted.light, "whose": wanted.whose},
        receives=actor.has(*FRONT),
        lists=Tab.__args__,  # type: ignore[attr-defined]
    )


@page(blueprint, "GET", "/<case_id>", access=DESK)
async def case(actor: Staff, case_id: UUID, settings: Settings) -> Shown:
    """Show one case in clear; the applicant can read that somebody looked."""
    seen = await cases.view(actor, case_id)
    steps = [step for step in await thread.timeline(seen.case.thread_id) if step.public and not step.apart]
    clocks = await thread.clocks(seen.case.thread_id)
    return "case.html", frame(
        actor,
        "cases",
        seen=seen,
        walked=await walk_mark(actor, settings.region),
        case=seen.case,
        today=clock.today().isoformat(),
        steps=[(step.at, thread.step_text(actor.locale, step.name, step.data)) for step in steps],
        clock=clocks[-1] if clocks else None,
        collected_in=await _collected_in(seen.case),
        notices=await documents.notices_of(seen.case.thread_id, actor.locale),
        pause_kinds=cases.PAUSES,
        departments=await catalogue.departments() if {"ask_opinion", "ask_early"} & set(seen.can) else [],
        leads=seen.review.department_id,
        pledgeable={}
        if seen.case.barred_until
        else {rule.key: rule.pledge for rule in seen.case.content.materials if rule.pledge},
        asks={rule.key: rule for rule in seen.case.content.materials},
        nameable={rule.key: rule.name for rule in seen.case.content.materials if rule.by_reference},
        marked=[key for key, check in seen.checks.items() if check.verdict != "received"],
        **_named(seen.case),
        choices={
            field.key: {said: cases.in_words(field, said)}
            for field in seen.case.content.form
            if (said := seen.case.form.get(field.key)) is not None
        },
        sheets={field.key: cases.sheet(field, seen.case.form.get(field.key, "")) for field in seen.case.content.form},
    )


async def _collected_in(case: CaseOut) -> str:
    """Name the hall in which the applicant wants to collect the result."""
    asked = case.delivery.hall_id if case.delivery else None
    return (await catalogue.hall(asked)).name if asked else ""


def _named(case: CaseOut) -> dict[str, object]:
    """Name the lines of the guide: all of them, and those an applicant can be asked to mend."""
    fields = {field.key: field.label for field in case.content.form}
    askable = [(material.key, material.name) for material in case.materials if material.exempt is None]
    askable += [(key, label) for key, label in fields.items() if key in case.form]
    return {"labels": fields, "askable": askable, "names": {line.key: line.name for line in case.materials} | fields}


@page(blueprint, "POST", "/<case_id>/accept", access=ACCEPTORS)
async def accept(actor: Staff, case_id: UUID) -> Redirect:
    """Accept the application."""
    await cases.accept(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/nudge", access=DESK)
async def nudge(actor: Staff, case_id: UUID) -> Redirect:
    """Ask the department of one item of a theme to get on with it."""
    return _back(await cases.nudge(actor, case_id))


@page(blueprint, "POST", "/<case_id>/ask-correction", access=ACCEPTORS)
async def ask_correction(actor: Staff, case_id: UUID, form: CorrectionForm) -> Redirect:
    """Ask for everything that must be mended, once."""
    await cases.ask_correction(actor, case_id, form.lines, days=form.days, why=form.why)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/propose-refusal", access=WINDOW)
async def propose_refusal(actor: Staff, case_id: UUID, form: ReasonForm) -> Redirect:
    """Propose not to take the application: the window cannot refuse alone."""
    await cases.propose_refusal(actor, case_id, form.reason)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/route", access=WINDOW)
async def route(actor: Staff, case_id: UUID) -> Redirect:
    """Pass the application on to its department."""
    await cases.route(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/return-refusal", access=SUPERIORS)
async def return_refusal(actor: Staff, case_id: UUID) -> Redirect:
    """Send a proposed refusal back to the window."""
    await cases.return_refusal(actor, case_id)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/decline", access=SUPERIORS)
async def decline(actor: Staff, case_id: UUID, form: ReasonForm) -> Redirect:
    """Refuse to take the application."""
    await cases.decline(actor, case_id, form.reason)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/grant", access=DECIDERS)
async def grant(actor: Staff, case_id: UUID, form: OpinionForm, ports: Ports) -> Redirect:
    """Decide yes."""
    await cases.grant(actor, ports.signer, case_id, form.opinion, seen=form.seen)
    return _back(case_id)


@page(blueprint, "POST", "/<case_id>/deny", access=DECIDERS)
async def deny(actor: Staff, case_id: UUID, form: DenyForm) -> Redirect:
    """Decide no."""
    await cases.deny(actor, case_id, form.reason, seen=form.seen)
    return _back(case_id)


def _back(case_id: UUID) -> Redirect:
    return Redirect(f"/console/cases/{case_id}")
