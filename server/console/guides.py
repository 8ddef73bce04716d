"""The desk of guides: the list, what was published when and why, and two versions side by side."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.guide_words import Words
from server.console.paging import Paged, turns
from server.console.tables import as_csv
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, ItemIn
from server.features.identity import service as identity
from server.kit.paging import BadCursor
from server.kit.spoken import spoken
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_guides", url_prefix="/console/guides")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
SHOWN = 20
HISTORY = 20
MOST_DIGITS = 6
COLUMNS = ("field.code", "item", "department", "version", "since", "states.coming", "state")
STATES = ("draft", "proposed", "coming", "none")


class GuidesQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to; the cursor is how many were shown before."""

    q: Annotated[str, Meta(max_length=60)] = ""
    state: Literal["", "draft", "proposed", "coming", "none"] = ""
    sort: Literal["", "name", "-name", "since", "-since"] = ""


class GuideQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done`: what was just done."""

    done: Literal["", "published", "proposed", "returned", "dropped", "taken_back"] = ""


class CompareQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which versions; 0 is the draft."""

    before: Annotated[int, Meta(ge=0, le=100_000)]
    after: Annotated[int, Meta(ge=0, le=100_000)]


class ThemeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A theme that is to be written: its name, its code, the department that leads, and whom it is for."""

    name: Annotated[str, Meta(min_length=2, max_length=60)]
    code: Annotated[str, Meta(pattern=r"^[0-9A-Z]{31}$")]
    department_id: UUID
    audience: Literal["person", "enterprise"]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def listed(actor: Staff, query: GuidesQuery) -> Shown:
    """List the guides the administrator looks after."""
    before = query.cursor or "0"
    if not (before.isascii() and before.isdigit() and len(before) <= MOST_DIGITS):
        raise BadCursor
    end = int(before) + SHOWN
    found = await catalogue.guide_lines(
        actor, q=query.q, state=query.state, sort=query.sort, limit=SHOWN + 1, skip=int(before)
    )
    return "guides.html", frame(
        actor,
        "guides",
        rows=found[:SHOWN],
        pages=turns(query, str(end) if len(found) > SHOWN else None),
        query=query,
        states=STATES,
        departments=await catalogue.departments(),
    )


@page(blueprint, "GET", "/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: GuidesQuery) -> Streamed:
    """Give all the list as a table."""
    lines = []
    for row in await catalogue.guide_lines(actor, q=query.q, state=query.state, sort=query.sort, limit=None):
        drafted = text(actor.locale, f"console.guides.states.{'proposed' if row.draft == 'proposed' else 'draft'}")
        days = [spoken(actor.locale, day) for day in (row.effective_on, row.coming_on)]
        lines.append((row.code, row.name, row.department, row.version, *days, drafted if row.draft else ""))
    return as_csv("guides", [text(actor.locale, f"console.guides.{name}") for name in COLUMNS], lines)


@page(blueprint, "POST", "/themes", access=ADMINISTRATOR)
async def new_theme(actor: Staff, form: ThemeForm) -> Redirect:
    """Add a theme and begin to write it."""
    lead = await catalogue.department(form.department_id)
    given = ItemIn(
        code=form.code,
        name=form.name.strip(),
        department_id=lead.id,
        region_code=lead.region_code,
        audience=(form.audience,),
        source="desk",
    )
    item = await catalogue.add_item(actor, given)
    await catalogue.begin_draft(actor, item.id)
    return Redirect(f"/console/guides/{item.id}/draft/parts")


@page(blueprint, "GET", "/<item_id>", access=ADMINISTRATOR)
async def one(actor: Staff, item_id: UUID, query: GuideQuery) -> Shown:
    """Show the guide of one item: its versions, the draft, and who did what."""
    draft = await catalogue.draft(actor, item_id)
    versions = await catalogue.history(item_id)
    done = await audit.history("item", item_id, limit=HISTORY)
    who = [one.published_by for one in versions] + [one.drafted_by for one in versions]
    who += [one.actor_id for one in done if one.actor_kind == "staff"]
    who += [draft.edited_by, draft.proposed_by] if draft else []
    return "guide.html", frame(
        actor,
        "guides",
        item=await catalogue.item(item_id),
        draft=draft,
        versions=versions,
        done=query.done,
        history=done,
        by=await identity.staff_labels([one for one in who if one is not None]),
    )


@page(blueprint, "GET", "/<item_id>/compare", access=ADMINISTRATOR)
async def compared(actor: Staff, item_id: UUID, query: CompareQuery) -> Shown:
    """Show two versions side by side, only where they differ."""
    words = Words(actor.locale)
    before, after = [await _version(actor, item_id, version) for version in (query.before, query.after)]
    return "guide_compare.html", frame(
        actor,
        "guides",
        item=await catalogue.item(item_id),
        query=query,
        numbers=[version.version for version in await catalogue.history(item_id)],
        drafted=await catalogue.draft(actor, item_id) is not None,
        differences=[words.difference(one) for one in catalogue.compare(before, after)],
    )


@page(blueprint, "POST", "/<item_id>/take-back", access=ADMINISTRATOR)
async def take_back(actor: Staff, item_id: UUID) -> Redirect:
    """Take back the version that waits for its day."""
    await catalogue.withdraw_coming(actor, item_id)
    return Redirect(url(f"/console/guides/{item_id}", done="taken_back"))


async def _version(actor: Staff, item_id: UUID, version: int) -> GuideContent:
    if version:
        return (await catalogue.guide_numbered(item_id, version)).content
    draft = await catalogue.draft(actor, item_id)
    if draft is None:
        raise NotFound
    return draft.content
