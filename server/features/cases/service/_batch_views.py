"""Hand-overs of paper as both sides see them, and where the papers of a case are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import NotFound
from server.features.cases.models import BACK, FRONT, Case, Material, PaperBatch, PaperLine
from server.features.cases.schemas import BatchLine, BatchOut, PapersAt
from server.features.cases.service import _resolve
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock, masking

LOOKED_BACK = timedelta(days=90)
# What is owed comes first, however old: by its last day while papers are under way or missing. The rest, newest first.
_OWED = """CASE WHEN l.missing > 0 OR (b.state <> 'received' AND l.papers > 0) THEN extract(epoch FROM b.due_on)
    ELSE 2e10 - extract(epoch FROM b.created_at) END"""
_BATCHES = db.Listing(
    """paper_batch b JOIN hall h ON h.id = b.hall_id JOIN department d ON d.id = b.department_id
    CROSS JOIN LATERAL (SELECT count(*) AS papers, count(*) FILTER (WHERE state = 'missing') AS missing
        FROM paper_line WHERE batch_id = b.id) l""",
    "b.id",
    {
        "owed": db.By(f"({_OWED})::float8", float),
        "number": db.By("b.number", str),
        "hall": db.By("h.name", str),
        "department": db.By("d.name", str),
        "due": db.By("b.due_on", date),
        "papers": db.By("l.papers", int),
    },
    "concat_ws(' ', b.number, h.name, d.name)",
)


async def batches(actor: Staff) -> db.Found[BatchOut]:
    """List the hand-overs of three months and whatever older is owed: that first, the rest the newest first."""

    async def shown(ids: list[UUID]) -> list[BatchOut]:
        return await _shown(actor, await db.in_order(PaperBatch, ids), await _lines_of(ids))

    halls, departments = await _places(actor)
    found = _BATCHES.found(shown, usual="owed").where(
        "b.created_at >= {} OR b.state <> 'received' OR l.missing > 0", clock.now() - LOOKED_BACK
    )
    if halls is None or departments is None:
        return found
    return found.where(
        "b.hall_id = ANY ({}::uuid[]) OR b.department_id = ANY ({}::uuid[])", list(halls), list(departments)
    )


async def _lines_of(ids: Sequence[UUID]) -> dict[UUID, list[PaperLine]]:
    lines: dict[UUID, list[PaperLine]] = {key: [] for key in ids}
    for line in await PaperLine.filter(batch_id__in=list(ids)).order_by("created_at", "id"):
        lines[line.batch_id].append(line)
    return lines


async def batch(actor: Staff, batch_id: UUID) -> BatchOut:
    """Show one hand-over with its lines, to either side."""
    row = await _reached(actor, batch_id)
    lines = await _lines_of([row.id])
    shown = (await _shown(actor, [row], lines))[0]
    shown.lines = await _lines(lines[row.id])
    return shown


async def papers_at(case: Case) -> PapersAt | None:
    """Say where a case's papers are; None where none were taken in. The caller has checked who may see the case."""
    line = await PaperLine.filter(case_id=case.id).order_by("-created_at", "-id").first()
    keys = await papers_taken(case.id)
    if line is None and not keys:
        return None
    named = await _named([case])
    if line is None or line.state == "found":
        return PapersAt(
            place="window", papers=[named[case.id][key] for key in keys], at=None, batch_id=None, batch=None, words=None
        )
    row = await PaperBatch.get(id=line.batch_id)
    places = {"open": "listed", "handed": "way", "received": "department"}
    standing = line.state in ("missing", "lost")
    return PapersAt(
        place=line.state if standing else places[row.state],
        papers=[named[case.id].get(key, key) for key in line.keys],
        at=line.settled_at or (line.counted_at if standing else row.received_at or row.handed_at or row.created_at),
        batch_id=row.id,
        batch=row.number,
        words=line.words,
    )


async def papers_taken(case_id: UUID) -> list[str]:
    """Name the lines of the guide whose papers were taken in at a window."""
    rows = await Material.filter(case_id=case_id, source=_resolve.WINDOW).order_by("created_at", "id")
    return list(dict.fromkeys(row.rule_key for row in rows))


async def is_side(actor: Staff, row: PaperBatch, roles: tuple[Role, ...]) -> bool:
    """Say whether the actor is of the giving side (the roles of `FRONT`), or of the receiving one."""
    if not actor.has(*roles):
        return False
    reach = await identity.reach(actor, *roles)
    if roles == FRONT:
        halls = await catalogue.halls_within(reach)
        return halls is None or row.hall_id in halls
    departments = await catalogue.departments_within(reach)
    return departments is None or row.department_id in departments


async def _places(actor: Staff) -> tuple[Sequence[UUID] | None, Sequence[UUID] | None]:
    reach = await identity.reach(actor, *FRONT, *BACK)
    return await catalogue.halls_within(reach), await catalogue.departments_within(reach)


async def _reached(actor: Staff, batch_id: UUID) -> PaperBatch:
    row = await PaperBatch.get_or_none(id=batch_id)
    halls, departments = await _places(actor)
    if row is None or not (
        halls is None or departments is None or row.hall_id in halls or row.department_id in departments
    ):
        raise NotFound
    return row


async def _shown(actor: Staff, rows: Sequence[PaperBatch], lines: Mapping[UUID, Sequence[PaperLine]]) -> list[BatchOut]:
    officers = {one for row in rows for one in (row.giver_id, row.receiver_id) if one}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(officers))).items()}
    halls = {one.id: one.name for one in await catalogue.halls()}
    departments = {one.id: one.name for one in await catalogue.departments()}
    given = await catalogue.halls_within(await identity.reach(actor, *FRONT)) if actor.has(*FRONT) else ()
    taken = await catalogue.departments_within(await identity.reach(actor, *BACK)) if actor.has(*BACK) else ()
    return [
        BatchOut(
            id=row.id,
            number=row.number,
            hall=halls[row.hall_id],
            hall_id=row.hall_id,
            department=departments[row.department_id],
            state=row.state,
            due_on=row.due_on,
            late=row.state != "received" and row.due_on < clock.today() and bool(lines[row.id]),
            giver=names[row.giver_id],
            handed_at=row.handed_at,
            receiver=names[row.receiver_id] if row.receiver_id else None,
            received_at=row.received_at,
            count=len(lines[row.id]),
            open_lines=sum(line.state == "missing" for line in lines[row.id]),
            lines=[],
            can=_can(
                actor,
                row,
                gives=given is None or row.hall_id in given,
                takes=taken is None or row.department_id in taken,
            ),
        )
        for row in rows
    ]


def _can(actor: Staff, row: PaperBatch, *, gives: bool, takes: bool) -> list[str]:
    may = {
        "give": row.state == "open" and gives,
        "count": row.state == "handed" and takes and actor.staff_id != row.giver_id,
        "settle": row.state == "received" and gives,
    }
    return [deed for deed, open_now in may.items() if open_now]


async def _named(cases: Sequence[Case]) -> dict[UUID, dict[str, str]]:
    guides = {one: await catalogue.guide(one) for one in {case.guide_id for case in cases}}
    return {case.id: {rule.key: rule.name for rule in guides[case.guide_id].content.materials} for case in cases}


async def _lines(lines: Sequence[PaperLine]) -> list[BatchLine]:
    cases = {case.id: case for case in await Case.filter(id__in=[line.case_id for line in lines])}
    people = await identity.people([case.person_id for case in cases.values()])
    threads = await thread.many([case.thread_id for case in cases.values()])
    items = await catalogue.items([case.item_id for case in cases.values()])
    named = await _named(list(cases.values()))
    return [
        BatchLine(
            id=line.id,
            case_id=line.case_id,
            number=threads[cases[line.case_id].thread_id].number,
            item=items[cases[line.case_id].item_id].name,
            applicant=masking.name(people[cases[line.case_id].person_id].name),
            papers=[named[line.case_id].get(key, key) for key in line.keys],
            state=line.state,
            words=line.words,
        )
        for line in lines
    ]
