"""What an officer decides and may be cut short in: a case is decided with all that hangs on it, or not at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from uuid import UUID

from server import db
from server.actor import Staff
from server.adapters.signer import Ed25519Signer
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.cases.schemas import DeliveryIn, StartIn, SubmitIn
from server.features.identity import service as identity
from server.kit.secret_file import SigningSeed
from tests.factories.cases import office
from tests.factories.identity import citizen, staff
from tests.server.rude.deeds import Deed, Scene

# Of one matter: a thing decided twice or by halves shows in one of these.
_LEFT = {
    "case": "SELECT state AS name, count(*) FROM case_record WHERE thread_id = $1 GROUP BY 1",
    "steps": "SELECT name, count(*) FROM step WHERE thread_id = $1 GROUP BY 1",
    "papers": "SELECT kind AS name, count(*) FROM notice WHERE thread_id = $1 GROUP BY 1",
    "clocks": "SELECT kind || ' ' || state AS name, count(*) FROM clock WHERE thread_id = $1 GROUP BY 1",
    "certificates": "SELECT state AS name, count(*) FROM certificate WHERE thread_id = $1 GROUP BY 1",
    "results": "SELECT state AS name, count(*) FROM delivery WHERE thread_id = $1 GROUP BY 1",
    "told": "SELECT kind AS name, count(*) FROM inbox WHERE thread_id = $1 GROUP BY 1",
    "deeds": "SELECT action AS name, count(*) FROM audit_entry WHERE thread_id = $1 GROUP BY 1",
    "stops": """
        SELECT p.kind || CASE WHEN until_on IS NULL THEN ' open' ELSE ' over' END AS name, count(*)
        FROM pause p JOIN case_record c ON c.id = p.case_id WHERE thread_id = $1 GROUP BY 1""",
}


@dataclass(frozen=True, slots=True)
class Decision(Deed):
    """A deed with one case; what is looked at is everything of its matter."""

    async def look(self, scene: Scene) -> dict[str, dict[str, int]]:
        """Count what is there."""
        left = {what: await db.fetch(sql, UUID(scene["thread"])) for what, sql in _LEFT.items()}
        return {what: {row["name"]: int(row["count"]) for row in rows} for what, rows in left.items()}


async def _accepted() -> Scene:
    # Every scene logs its officers in, more often than one address may in a day's work.
    await db.execute("DELETE FROM attempt")
    at = await office(materials=[])
    known = await citizen(name="张桂兰")
    begun = await cases.start(known.actor, StartIn(item_id=at.item_id))
    application = SubmitIn(
        form={"name": known.name},
        materials=[],
        version=begun.version,
        delivery=DeliveryIn(method="counter", hall_id=at.hall.id),
    )
    await cases.submit(known.actor, begun.id, application)
    await cases.accept(at.clerk.actor, begun.id)
    head = await staff("reviewer", department=at.guide.department.id)
    return {
        "case": str(begun.id),
        "thread": str(begun.thread_id),
        "reviewer": at.reviewer.cookie,
        "head": head.cookie,
    }


async def _asked() -> Scene:
    scene = await _accepted()
    await cases.ask_extension(await _officer(scene, "reviewer"), UUID(scene["case"]), 3, "情况复杂。")
    return scene


async def _officer(scene: Scene, who: str) -> Staff:
    known = await identity.resolve_staff(scene[who])
    assert known is not None
    return known


def _by(who: str, deed: Callable[[Staff, UUID], Awaitable[object]]) -> Callable[[Scene], Awaitable[str]]:
    """Do it; whoever was not answered does it again, and is told what they had done already."""

    async def do(scene: Scene) -> str:
        try:
            await deed(await _officer(scene, who), UUID(scene["case"]))
        except Conflict as refused:
            return refused.code
        return "done"

    return do


_SEAL = Ed25519Signer(SigningSeed(bytes(32)))
_PAUSE = cases.PauseIn(kind="testing", basis="《食品安全法》第八十七条", days=1)

DECISIONS: dict[str, Deed] = {
    "a grant": Decision(_accepted, _by("reviewer", lambda actor, one: cases.grant(actor, _SEAL, one, "符合条件。"))),
    "a denial": Decision(_accepted, _by("reviewer", lambda actor, one: cases.deny(actor, one, "不符合条件。"))),
    "a stop of the clock": Decision(_accepted, _by("reviewer", lambda actor, one: cases.pause(actor, one, _PAUSE))),
    "an extension": Decision(_asked, _by("head", cases.approve_extension)),
    "an end undecided": Decision(
        _accepted, _by("reviewer", lambda actor, one: cases.terminate(actor, one, "申请事项已不存在。"))
    ),
}
