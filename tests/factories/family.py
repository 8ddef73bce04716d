"""Somebody with a theme, at every stage of its way."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from server import db
from server.features.cases import service as cases
from server.ports import Ports
from tests.factories import catalogue as make
from tests.factories import themes
from tests.factories.cases import Applicant, Office, authorise, begun
from tests.factories.identity import staff
from tests.factories.themes import SomeTheme
from tests.fixtures_web import Answer, Client

ANSWERS = {"why": "新生儿", "bank": "农业银行"}
BLURRED = "照片模糊，请重拍。"


@dataclass(slots=True)
class Family:
    """Somebody with a theme under way."""

    who: Applicant
    theme: SomeTheme

    async def rows(self) -> list[dict[str, Any]]:
        """The cases of the items in the theme's order."""
        found = await db.fetch("SELECT * FROM case_record WHERE parent_id = $1 ORDER BY created_at, id", self.who.id)
        return [dict(row) for row in found]

    async def states(self) -> list[str]:
        return [row["state"] for row in await self.rows()]

    async def state(self) -> str:
        found: str = await db.fetchval("SELECT state FROM case_record WHERE id = $1", self.who.id)
        return found

    async def told(self) -> list[str]:
        rows = await db.fetch("SELECT kind FROM outbox WHERE kind LIKE 'cases.%' ORDER BY id")
        return [row["kind"] for row in rows]


async def family(
    client: Client, ports: Ports, *, old: str = "no", of: SomeTheme | None = None, authorised: int = 3
) -> Family:
    """Begun and filled in, not handed in. So many of the items' departments have authorised the hall to accept."""
    theme = of or await themes.theme()
    hall = await make.county()
    clerk = await staff("clerk", hall=hall.id)
    reviewer = await staff("reviewer", department=theme.guide.department.id)
    for guide in theme.parts[:authorised]:
        await authorise(guide.department.id, clerk, reviewer)
    office = Office(hall=hall, guide=theme.guide, clerk=clerk, reviewer=reviewer)
    return Family(await begun(client, ports, office, situation={"old": old}), theme)


async def papers(who: Applicant) -> list[dict[str, str]]:
    shades = {"id_card": "#111111", "proof": "#222222", "photo": "#333333", "old_proof": "#444444"}
    asked = [rule["key"] for rule in who.case["content"]["materials"]]
    return [{"key": one, "file_id": str((await who.picture(shades[one])).id)} for one in asked]


async def hand_in(one: Family, **changes: object) -> Answer:
    who = one.who
    body = await who.application(form=ANSWERS | {"name": who.someone.name}, materials=await papers(who))
    return await who.post("submit", body | changes)


async def handed_in(client: Client, ports: Ports, *, old: str = "no", authorised: int = 3) -> Family:
    one = await family(client, ports, old=old, authorised=authorised)
    answer = await hand_in(one)
    assert answer.status == 200, answer.text
    return one


async def reviewer_of(row: dict[str, Any]) -> Any:  # noqa: ANN401 - an actor
    return (await staff("reviewer", department=row["department_id"])).actor


async def decide(one: Family, ports: Ports, at: int, *, yes: bool = True) -> None:
    row = (await one.rows())[at]
    actor = await reviewer_of(row)
    if yes:
        await cases.grant(actor, ports.signer, row["id"], None)
    else:
        await cases.deny(actor, row["id"], "不符合条件。")
