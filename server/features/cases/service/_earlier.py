"""Papers of one's own earlier matters which an officer has found in order: nobody hands them in twice.

The guide says of which papers, and for how many months. A paper is the same by its name, whichever item asked for it;
what was itself taken over is not taken over again, so that nothing grows older than the guide allows. An officer whom
it does not convince says so with a reason: then it is asked for, and never offered again.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Actor, Citizen, Staff
from server.features.cases.models import TO_DECIDE, Case, CaseState, Material, UnfitPaper
from server.features.cases.schemas import EarlierOut
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import MaterialRule
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock
from server.kit.months import add_months

if TYPE_CHECKING:
    from asyncpg import Record

EARLIER = "earlier_case"
# Accepted, and nothing that happened since says that it should not have been.
STANDS = (*TO_DECIDE, CaseState.GRANTED, CaseState.CLOSED)
MOST = 300
_FOUND = """
    SELECT material.file_id, material.rule_key, material.place, material.created_at, mine.id, mine.guide_id,
        file.width, file.height
    FROM case_record mine JOIN material ON material.case_id = mine.id JOIN file ON file.id = material.file_id
    JOIN material_check seen ON seen.case_id = mine.id AND seen.rule_key = material.rule_key
    WHERE CASE WHEN $2::uuid IS NULL THEN mine.person_id = $1 AND mine.enterprise_id IS NULL
        ELSE mine.enterprise_id = $2 END
        AND mine.id <> $3 AND mine.accepted_at IS NOT NULL AND mine.state = ANY($4)
        AND material.source IN ('upload', 'window') AND material.created_at >= $5 AND file.state = 'kept'
        AND seen.verdict = 'received' AND seen.created_at >= file.created_at
        AND NOT EXISTS (SELECT 1 FROM unfit_paper WHERE unfit_paper.file_id = file.id)
    ORDER BY material.created_at DESC, material.place, material.id LIMIT $6
"""


@dataclass(slots=True)
class Earlier:
    """One line's papers in an earlier case."""

    case_id: UUID
    file_ids: list[UUID] = field(default_factory=list)


async def found(case: Case, rules: Collection[MaterialRule]) -> dict[str, Earlier]:
    """Find for lines of the guide what this applicant has handed in before, the newest; by the key of the line."""
    asked = {rule.key: rule for rule in rules if reusable(rule)}
    if not asked:
        return {}
    since = {key: _since(rule.reuse_months or 0) for key, rule in asked.items()}
    # An enterprise's papers are its own, whoever of its people has gone.
    gone = None if case.enterprise_id else await identity.taken_back_at(case.person_id)
    oldest = min(since.values()) if gone is None else max(gone, min(since.values()))
    states = [state.value for state in STANDS]
    rows = await db.fetch(_FOUND, case.person_id, case.enterprise_id, case.id, states, oldest, MOST)
    names = {guide_id: await _names(guide_id) for guide_id in {row["guide_id"] for row in rows}}
    taken: dict[str, tuple[UUID, str]] = {}
    here: dict[str, Earlier] = {}
    for row in rows:
        name = names[row["guide_id"]].get(row["rule_key"])
        for key, rule in asked.items():
            line = row["id"], row["rule_key"]
            does = rule.name == name and row["created_at"] >= since[key] and _large(rule, row)
            if not does or taken.setdefault(key, line) != line:
                continue
            here.setdefault(key, Earlier(row["id"])).file_ids.append(row["file_id"])
    return here


def _large(rule: MaterialRule, row: Record) -> bool:
    return catalogue.pixels_fit(rule.pixels, row["width"], row["height"])


def reusable(rule: MaterialRule) -> bool:
    """Say whether an earlier paper does for a line."""
    return rule.reuse_months is not None and rule.exempt is None and rule.medium != "paper"


def _since(months: int) -> datetime:
    return datetime.combine(add_months(clock.today(), -months), time(), clock.SHANGHAI)


async def _names(guide_id: UUID) -> dict[str, str]:
    return {rule.key: rule.name for rule in (await catalogue.guide(guide_id)).content.materials}


def written(rows: Collection[Material]) -> dict[str, Earlier]:
    """Read what was taken over from what a case holds."""
    here: dict[str, Earlier] = {}
    for row in rows:
        if row.source == EARLIER and row.earlier_case_id and row.file_id:
            here.setdefault(row.rule_key, Earlier(row.earlier_case_id)).file_ids.append(row.file_id)
    return here


async def judge(actor: Staff, case_id: UUID, rule_key: str, *, fits: bool) -> None:
    """Write down whether the papers taken over for a line do, in the caller's transaction.

    What does not is offered neither to this matter nor to another; what an officer said in error can be unsaid.
    """
    rows = await Material.filter(case_id=case_id, rule_key=rule_key, source=EARLIER)
    file_ids = [row.file_id for row in rows]
    await UnfitPaper.filter(file_id__in=file_ids).delete()
    if not fits:
        await UnfitPaper.bulk_create(
            [UnfitPaper(file_id=file_id, case_id=case_id, staff_id=actor.staff_id) for file_id in file_ids]
        )


async def fitting(case_id: UUID) -> list[Material]:
    """Read what a case has taken over and no officer has found unfit."""
    rows = await Material.filter(case_id=case_id, source=EARLIER).order_by("place", "id")
    unfit = {one.file_id for one in await UnfitPaper.filter(file_id__in=[row.file_id for row in rows])}
    spoilt = {row.rule_key for row in rows if row.file_id in unfit}
    return [row for row in rows if row.rule_key not in spoilt]


async def keep(case: Case, here: dict[str, Earlier]) -> None:
    """Write down what is taken over, in the caller's transaction: exactly these. The files stay where they lie."""
    await Material.filter(case_id=case.id, source=EARLIER).delete()
    await Material.bulk_create(
        [
            Material(
                case_id=case.id, rule_key=key, source=EARLIER, file_id=file_id, place=place, earlier_case_id=one.case_id
            )
            for key, one in here.items()
            for place, file_id in enumerate(one.file_ids)
        ]
    )


async def shown(actor: Actor, here: dict[str, Earlier]) -> dict[str, EarlierOut]:
    """Say from which matter papers are; whoever acts for another and may not see that one reads only when."""
    if not here:
        return {}
    rows = {row.id: row for row in await Case.filter(id__in={one.case_id for one in here.values()})}
    visible = set(rows)
    if isinstance(actor, Citizen):
        parties = await identity.parties(actor)
        mine = Case.of_parties(parties.person_ids, parties.enterprise_ids).filter(id__in=list(rows))
        visible = {row.id for row in await mine}
    opened = await thread.many([row.thread_id for row in rows.values()])
    return {
        key: EarlierOut(
            on=_day(rows[one.case_id]),
            number=opened[rows[one.case_id].thread_id].number if one.case_id in visible else None,
            item=opened[rows[one.case_id].thread_id].title if one.case_id in visible else None,
        )
        for key, one in here.items()
    }


def _day(case: Case) -> date:
    return (case.submitted_at or case.created_at).astimezone(clock.SHANGHAI).date()
