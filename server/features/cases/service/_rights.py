"""By what right an officer does a deed: their own department's, or what it gave to a hall or a representative.

A reviewer whose grant is for a hall sits there as a chief representative (首席代表): they see what is in the hall, and
do for a department what it has given them in writing, on that day, on that item. Whoever is of the department and was
given it as well does it under the instrument: so it stands on record.
"""

from __future__ import annotations

from server import db
from server.actor import Staff
from server.features.cases.models import ASKED, BACK, DELEGABLE, FRONT, MOVES, POWERS, SEAL, SEALED, Case, Right
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock

_GIVEN = """
    SELECT id, number FROM delegation WHERE state = 'active' AND first_on <= $1 AND last_on >= $1
    AND representative_id = $2 AND department_id = $3 AND hall_id = $4 AND (item_ids IS NULL OR $5 = ANY (item_ids))
    AND deeds @> $6::text[] ORDER BY first_on DESC, id LIMIT 1
"""
_HALL = """
    SELECT number FROM authorisation WHERE state = 'active' AND kind = 'accept' AND first_on <= $1 AND last_on >= $1
    AND department_id = $2 AND (hall_id = $3 OR hall_id IS NULL) AND (item_ids IS NULL OR $4 = ANY (item_ids))
    ORDER BY hall_id NULLS LAST, first_on DESC, id LIMIT 1
"""

_SHARED = " FOR SHARE"


async def right_to(actor: Staff, case: Case, verb: str, *, lock: bool = False) -> Right | None:
    """Say by what right the actor does a deed with a case they reach; None where they have none.

    With `lock` nobody ends the instrument before the deed is done, and one that is being ended gives no right.
    """
    if (given := await _delegated(actor, case, verb, lock=lock)) is not None:
        return given
    if verb not in POWERS and (set(FRONT) & set(MOVES[verb].by) or verb in ASKED):
        # A deed of the window's own, or of a department that is asked.
        return Right("hall" if not await of_department(actor, case) else "own")
    if await of_department(actor, case):
        return Right("own")
    if verb not in POWERS or case.hall_id is None:
        return None
    number = await db.fetchval(
        _HALL + _SHARED if lock else _HALL, clock.today(), case.department_id, case.hall_id, case.item_id
    )
    return None if number is None else Right("hall", number)


async def given_of(actor: Staff, case: Case, verbs: list[str]) -> list[str]:
    """Keep of the deeds that lie open to the actor's role those they have a right to."""
    if not actor.has(*BACK) or await of_department(actor, case):
        return verbs
    return [verb for verb in verbs if verb in POWERS or await right_to(actor, case, verb) is not None]


async def of_department(actor: Staff, case: Case) -> bool:
    """Say whether the actor decides for the department itself."""
    if not actor.has(*BACK):
        return False
    within = await catalogue.departments_within(await identity.reach(actor, *BACK))
    return within is None or case.department_id in within


async def _delegated(actor: Staff, case: Case, verb: str, *, lock: bool) -> Right | None:
    gift = next((name for name, deeds in DELEGABLE.items() if verb in deeds), None)
    if gift is None or case.hall_id is None or not actor.has(*BACK):
        return None
    asked = [gift, SEAL] if verb in SEALED else [gift]
    row = await db.fetchrow(
        _GIVEN + _SHARED if lock else _GIVEN,
        clock.today(),
        actor.staff_id,
        case.department_id,
        case.hall_id,
        case.item_id,
        asked,
    )
    return None if row is None else Right("delegation", row["number"], row["id"])
