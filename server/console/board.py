"""The board: what is red and amber today by kind, department and hall, each figure a way to the matters behind it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import Paged, turns
from server.errors import NotFound
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.kit import clock
from server.kit.paging import BadCursor
from server.web import access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_board", url_prefix="/console/board")
READERS = access.staff(*supervision.READERS)
LOOKERS = access.staff(*supervision.LOOKERS)
SHOWN = 50
MOST_DIGITS = 6
_CASES = ("/console/cases/{}", (*FRONT, Role.REVIEWER))
# Where a matter of a kind is worked on, and whose page that is.
_OPENS: dict[str, tuple[str, tuple[Role, ...]]] = {
    "accept": _CASES,
    "decide": _CASES,
    "opinions": _CASES,
    "results": ("/console/results", FRONT),
    "rectifications": ("/console/rectifications/{}", (*FRONT, Role.REVIEWER, Role.SUPERVISOR)),
    "complaints": ("/console/complaints/{}", (Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)),
    "assignments": ("/console/assignments", (Role.REVIEWER, Role.SUPERVISOR)),
    "data_requests": ("/console/privacy", (Role.ADMINISTRATOR,)),
}


class BoardQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """What part of their reach somebody looks at."""

    region: Annotated[str, Meta(max_length=12)] = ""
    department: UUID | None = None
    hall: UUID | None = None

    @property
    def chosen(self) -> Chosen:
        """Give it as the service wants it."""
        return Chosen(region=self.region, department=self.department, hall=self.hall)

    @property
    def kept(self) -> dict[str, object]:
        """Give what a link keeps."""
        several = {"region": self.region, "department": self.department, "hall": self.hall}
        return {name: value for name, value in several.items() if value}


class MattersQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which matters: of one light, or those that turn tonight, and of which place."""

    light: Literal["", "red", "amber", "green", "black", "turning"] = ""
    region: Annotated[str, Meta(max_length=12)] = ""
    department: UUID | None = None
    hall: UUID | None = None


@page(blueprint, "GET", "", access=LOOKERS)
async def board(actor: Staff, query: BoardQuery) -> Shown:
    """Show the lights."""
    return "board.html", frame(actor, "board", **await _standing(actor, query))


@page(blueprint, "GET", "/now", access=LOOKERS)
async def now(actor: Staff, query: BoardQuery) -> Shown:
    """Show the lights as they stand now, for a board on a wall."""
    return "board_now.html", frame(actor, "board", **await _standing(actor, query))


async def _standing(actor: Staff, query: BoardQuery) -> dict[str, object]:
    found = await supervision.board(actor, query.chosen)
    return {
        "found": found,
        "view": found.view,
        "query": query,
        "lights": supervision.LIGHTS,
        "now_at": clock.now(),
        "opens": actor.has(*supervision.READERS),
    }


@page(blueprint, "GET", "/<matter>", access=READERS)
async def matters(actor: Staff, matter: str, query: MattersQuery) -> Shown:
    """Show the matters behind a figure."""
    if matter not in supervision.kinds():
        raise NotFound
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    turning = query.light == "turning"
    chosen = Chosen(region=query.region, department=query.department, hall=query.hall)
    light = "" if turning else query.light
    view, rows = await supervision.matters(
        actor, matter, chosen, light=light, turning=turning, limit=SHOWN + 1, skip=int(before)
    )
    following = str(int(before) + SHOWN) if len(rows) > SHOWN else None
    path, roles = _OPENS[matter]
    return "board_matters.html", frame(
        actor, "board", kind=matter, query=query, view=view, rows=rows[:SHOWN], pages=turns(query, following),
        here=url(f"/console/board/{matter}"), opens=path.format if actor.has(*roles) else None, today=clock.today(),
        lights=(*supervision.LIGHTS[:2], "turning", *supervision.LIGHTS[2:]),
    )  # fmt: skip
