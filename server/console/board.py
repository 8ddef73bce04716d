"""The board: what is red and amber today by kind, department and hall, each figure a way to the matters behind it."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import Paged, skipped, turns
from server.errors import NotFound
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.features.thread import service as thread
from server.kit import clock
from server.web import access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_board", url_prefix="/console/board")
READERS = access.staff(*supervision.READERS)
LOOKERS = access.staff(*supervision.LOOKERS)
SHOWN = 50
CASES = ("/console/cases/{}", (*FRONT, Role.REVIEWER))
# Where a matter of a kind is worked on, and whose page that is.
WORKED_ON: dict[str, tuple[str, tuple[Role, ...]]] = {
    "accept": CASES,
    "decide": CASES,
    "opinions": CASES,
    "results": ("/console/results", FRONT),
    "rectifications": ("/console/rectifications/{}", (*FRONT, Role.REVIEWER, Role.SUPERVISOR)),
    "complaints": ("/console/complaints/{}", (Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)),
    "assignments": ("/console/assignments", (Role.REVIEWER, Role.SUPERVISOR)),
    "data_requests": ("/console/privacy", (Role.ADMINISTRATOR,)),
}

# What people feel: in time, in one visit, without waiting, and answered where it went badly.
_ON_WALL = ("promise_kept", "one_visit", "waited", "rated_bad", "rectified_in_time", "complaints_in_time")


class BoardQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """What part of their reach somebody looks at, and where a list of it stands."""

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


class WallQuery(BoardQuery, kw_only=True, forbid_unknown_fields=True):
    """What part of their reach hangs on the wall, light on dark or dark on light."""

    tone: Literal["dark", "light"] = "dark"


class MattersQuery(BoardQuery, kw_only=True, forbid_unknown_fields=True):
    """Which matters: of one light, or those that turn tonight, and of which place."""

    light: Literal["", "red", "amber", "green", "black", "turning"] = ""


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


@page(blueprint, "GET", "/wall", access=LOOKERS)
async def wall(actor: Staff, query: WallQuery) -> Shown:
    """Show lights and figures to be read from afar: nothing to press, and it looks again by itself."""
    return "wall.html", frame(actor, "board", **await _on_wall(actor, query))


@page(blueprint, "GET", "/wall/now", access=LOOKERS)
async def wall_now(actor: Staff, query: WallQuery) -> Shown:
    """Show what stands on the wall now."""
    return "wall_now.html", frame(actor, "board", **await _on_wall(actor, query))


async def _on_wall(actor: Staff, query: WallQuery) -> dict[str, object]:
    standing = await _standing(actor, query)
    told = await supervision.figures(actor, query.chosen, supervision.periods(clock.today())[0])
    return standing | {
        "figures": [told.figures[key] for key in _ON_WALL],
        "said": lambda figure, share: supervision.share_said(actor.locale, figure, share),
        "changed": lambda figure, since: supervision.change_said(actor.locale, figure, since),
        "scope": supervision.scope_said(actor.locale, told.view),
    }


@page(blueprint, "GET", "/<matter>", access=READERS)
async def matters(actor: Staff, matter: str, query: MattersQuery) -> Shown:
    """Show the matters behind a figure."""
    if matter not in supervision.kinds():
        raise NotFound
    skip = skipped(query)
    turning = query.light == "turning"
    light = "" if turning else query.light
    view, rows = await supervision.matters(
        actor, matter, query.chosen, light=light, turning=turning, limit=SHOWN + 1, skip=skip
    )
    following = str(skip + SHOWN) if len(rows) > SHOWN else None
    path, roles = WORKED_ON[matter]
    return "board_matters.html", frame(
        actor, "board", kind=matter, query=query, view=view, rows=rows[:SHOWN], pages=turns(query, following),
        here=url(f"/console/board/{matter}"), today=clock.today(),
        opens=path.format if actor.has(*roles) else url(f"/console/board/{matter}/{{}}").format,
        lights=(*supervision.LIGHTS[:2], "turning", *supervision.LIGHTS[2:]),
    )  # fmt: skip


@page(blueprint, "GET", "/<matter>/<matter_id>", access=READERS)
async def one(actor: Staff, matter: str, matter_id: UUID) -> Shown:
    """Show one matter to whom its own page is closed: where it stands, no names and no papers; and have it seen to."""
    if matter not in supervision.kinds():
        raise NotFound
    view, row, steps = await supervision.matter(actor, matter, matter_id)
    office = view.departments.get(row.department_id) if row.department_id else None
    return "board_matter.html", frame(
        actor, "board", kind=matter, view=view, row=row, office=office, today=clock.today(),
        steps=[(step.at, thread.step_text(actor.locale, step.name, step.data)) for step in steps],
        asks=office is not None and actor.has(Role.SUPERVISOR),
        most=supervision.LONGEST_ASSIGNMENT, most_days=supervision.MOST_ASSIGNED_DAYS,
    )  # fmt: skip
