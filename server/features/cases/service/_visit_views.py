"""The joint visit of a case as the desk sees it, and what it holds up."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict
from server.features.cases.models import BACK, LIVE, TO_DECIDE, Case, ReviewTask, SiteVisit, VisitPart
from server.features.cases.schemas import VisitOut, VisitPartOut, VisitTask
from server.features.cases.service._rights import right_to
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

# What waits for a department: which days suit it, or what it found once the day has come; and for whoever leads, to
# propose other days where none suits all, or to tell the applicant once all have found something.
_TASKS = """
    SELECT * FROM (
        SELECT v.case_id, v.day, c.thread_id, v.created_at, p.id, CASE
            WHEN v.state = 'proposed' AND p.suits IS NULL THEN 'agree'
            WHEN v.state = 'fixed' AND v.day <= $3 AND p.passed IS NULL THEN 'note'
            WHEN p.department_id <> c.department_id THEN NULL
            WHEN v.state = 'proposed' AND all_parts.agreed THEN 'propose'
            WHEN v.state = 'fixed' AND v.day <= $3 AND all_parts.noted THEN 'tell' END AS what
        FROM visit_part p JOIN site_visit v ON v.id = p.visit_id JOIN case_record c ON c.id = v.case_id
        CROSS JOIN LATERAL (
            SELECT bool_and(suits IS NOT NULL) AS agreed, bool_and(passed IS NOT NULL) AS noted
            FROM visit_part WHERE visit_id = v.id) all_parts
        WHERE v.state IN ('proposed', 'fixed') AND c.state = ANY ($2)
            AND ($1::uuid[] IS NULL OR p.department_id = ANY ($1))) waiting
    WHERE what IS NOT NULL ORDER BY day NULLS LAST, created_at, id LIMIT 50
"""


async def tasks_of_visits(actor: Staff) -> list[VisitTask]:
    """List what visits of sites wait for from the officer's own departments, what is past first; the first fifty."""
    within = await catalogue.departments_within(await identity.reach(actor, *BACK))
    states = [state.value for state in TO_DECIDE]
    rows = await db.fetch(_TASKS, within, states, clock.today())
    threads = await thread.many([row["thread_id"] for row in rows])
    return [
        VisitTask(
            case_id=row["case_id"],
            number=threads[row["thread_id"]].number,
            title=threads[row["thread_id"]].title,
            day=row["day"],
            what=row["what"],
        )
        for row in rows
    ]


async def live_visit(case_id: UUID, *, lock: bool = False) -> SiteVisit | None:
    """Find the visit that is still to be, or after which something is to be mended."""
    rows = SiteVisit.filter(case_id=case_id, state__in=LIVE)
    return await (rows.select_for_update() if lock else rows).get_or_none()


async def parts_of_visit(visit: SiteVisit) -> list[VisitPart]:
    """List the departments' parts, the lead's first."""
    return await VisitPart.filter(visit_id=visit.id).order_by("created_at", "id")


def to_look(part: VisitPart, visit: SiteVisit) -> bool:
    """Say whether a department has to say what it found; what the applicant was told to mend it has to see again."""
    if part.passed is None or part.noted_at is None:
        return True
    return not part.passed and visit.ended_at is not None and part.noted_at < visit.ended_at


async def leads(actor: Staff, case: Case) -> bool:
    """Say whether the actor acts for the department that leads the case."""
    return await right_to(actor, case, "propose_visit") is not None


async def require_visited(case: Case) -> None:
    """Let a grant pass where no visit is open. Refuses `cases.visit_open`, `cases.visit_to_mend`."""
    visit = await live_visit(case.id)
    if visit is not None:
        raise Conflict("cases.visit_to_mend" if visit.state == "to_mend" else "cases.visit_open")


async def visit_at_desk(actor: Staff, case: Case) -> VisitOut | None:
    """Show the newest visit that was not called off; the caller has checked who may see the case."""
    rows = SiteVisit.filter(case_id=case.id).exclude(state="dropped")
    visit = await rows.order_by("-created_at", "-id").first()
    if visit is None:
        return None
    within = await catalogue.departments_within(await identity.reach(actor, *BACK))
    names = {one.id: one.name for one in await catalogue.departments()}
    leading = await leads(actor, case)
    parts = await parts_of_visit(visit)
    return VisitOut(
        state=visit.state,
        place=visit.place,
        days=visit.days,
        day=visit.day,
        mend_by=visit.mend_by,
        stuck=visit.state == "proposed" and all(part.suits is not None for part in parts),
        seen=not any(to_look(part, visit) for part in parts),
        come=visit.day is not None and visit.day <= clock.today(),
        parts=[
            VisitPartOut(
                department_id=part.department_id,
                department=names[part.department_id],
                suits=part.suits,
                passed=part.passed,
                words=part.words,
                mine=within is None
                or part.department_id in within
                or (leading and part.department_id == case.department_id),
            )
            for part in parts
        ],
    )


async def visit_deeds(actor: Staff, case: Case) -> set[str]:
    """Name the deeds a visit of the case offers now to whoever leads it, and to whoever comes along."""
    shown = await visit_at_desk(actor, case)
    live = shown if shown is not None and shown.state in LIVE else None
    asked = await ReviewTask.filter(case_id=case.id).exclude(state="recalled").exists()
    if live is None:
        return {"propose_visit"} if asked else set()
    mine = [part for part in live.parts if part.mine]
    offered = {
        "propose_visit": live.stuck or live.state == "to_mend",
        "drop_visit": live.state in ("proposed", "fixed"),
        "agree_visit": live.state == "proposed" and any(part.suits is None for part in mine),
        "note_visit": live.come and any(_to_note(part, live) for part in mine),
        "end_visit": live.come and live.seen,
    }
    return {verb for verb, may in offered.items() if may}


def _to_note(part: VisitPartOut, visit: VisitOut) -> bool:
    return part.passed is None or (part.passed is False and visit.state == "to_mend")
