"""An application that is handed in, to be cut short: its scene, the deed, and what it leaves."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sanic import HTTPResponse

from server import db
from server.actor import Citizen
from server.errors import Conflict
from server.features.cases import service as cases
from server.features.cases.schemas import DeliveryIn, MaterialIn, StartIn, SubmitIn
from server.features.documents.models import File, FileState
from server.features.identity import service as identity
from server.kit import wire
from server.web import Claim
from server.web.idempotency import once
from tests.factories.cases import office
from tests.factories.identity import citizen

# What earlier scenes left of applications, and what this deed may leave by halves.
WIPED = ("material", "material_check", "telling", "field_report", "case_record", "clock", "file")
LEFT = {
    "cases": "SELECT state AS name, count(*) FROM case_record GROUP BY 1",
    "told": "SELECT (told IS NOT NULL)::text AS name, count(*) FROM case_record GROUP BY 1",
    "materials": "SELECT source AS name, count(*) FROM material GROUP BY 1",
    "files": """SELECT CASE WHEN thread_id IS NOT NULL THEN 'handed in' WHEN held_for IS NOT NULL THEN 'held'
        ELSE 'loose' END AS name, count(*) FROM file GROUP BY 1""",
    "clocks": "SELECT kind || ' ' || state AS name, count(*) FROM clock GROUP BY 1",
}


async def begun() -> dict[str, Any]:
    """Somebody has written an application and uploaded three papers."""
    at = await office()
    known = await citizen(name="张桂兰")
    case = await cases.start(known.actor, StartIn(item_id=at.item_id))
    return {
        "token": known.token,
        "case": str(case.id),
        "version": case.version,
        "name": known.name,
        "hall": str(at.hall.id),
        "files": [str(await _uploaded(known.actor)) for _ in range(3)],
    }


async def _uploaded(owner: Citizen) -> UUID:
    """Write a paper down as an upload does; its bytes are nothing to this deed."""
    file = File(account_id=owner.account_id, person_id=owner.person_id, state=FileState.KEPT)
    file.name = "身份证.jpg"
    file.media_type, file.size, file.digest, file.has_thumb = "image/jpeg", 1000, b"0" * 32, False
    await file.save(force_create=True)
    return file.id


CLAIM = "hand-in-key", b"cut short"


async def hand_in(scene: dict[str, Any]) -> str:
    """Hand it in under one key, as a phone does that was not answered; a refusal would be a second deed."""
    actor, application, claim = await _wish(scene)

    async def deed() -> HTTPResponse:
        done = await cases.submit(actor, UUID(scene["case"]), application)
        return HTTPResponse(wire.encode(done), 200)

    try:
        answer = await once(claim, deed)
    except Conflict as refused:
        return refused.code
    return "an old answer" if answer.headers.get("idempotency-replayed") else "a new answer"


async def hand_in_beside(scene: dict[str, Any]) -> str:
    """Hand it in by the one statement that serves all who tap at once, as the route does."""
    actor, application, claim = await _wish(scene)
    known = await db.fetchval(
        "SELECT EXISTS (SELECT 1 FROM idempotency_key WHERE owner = $1 AND key = $2)", claim.owner, claim.key
    )
    stored = await cases.hand_in(actor, UUID(scene["case"]), application, claim)
    if stored is None:
        return "left to be done by steps"
    return "an old answer" if known else "a new answer"


async def _wish(scene: dict[str, Any]) -> tuple[Citizen, SubmitIn, Claim]:
    actor = await identity.resolve_bearer(scene["token"])
    assert actor is not None
    application = SubmitIn(
        form={"name": scene["name"], "reason": "年满八十"},
        materials=[MaterialIn(key="id_card", file_id=UUID(one)) for one in scene["files"]],
        version=scene["version"],
        delivery=DeliveryIn(method="counter", hall_id=UUID(scene["hall"])),
    )
    key, fingerprint = CLAIM
    return actor, application, Claim(owner=f"citizen:{actor.account_id}", key=key, fingerprint=fingerprint)
