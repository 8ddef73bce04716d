"""The desk of guides: the list, what was published when and why, and two versions side by side."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.console.guide_words import Words
from server.console.registers import Column, Register, Searched
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideLine, ItemIn
from server.features.identity import service as identity
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_guides", url_prefix="/console/guides")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
HISTORY = 20
STATES = ("draft", "proposed", "coming", "none")


def _drafted(row: GuideLine, locale: str) -> str:
    if row.draft is None:
        return ""
    return text(locale, f"console.guides.states.{'proposed' if row.draft == 'proposed' else 'draft'}")


GUIDES: Register[GuideLine] = Register(
    "/console/guides",
    (
        Column("console.guides.field.code", lambda row, _: row.code),
        Column("console.guides.item", lambda row, _: row.name, "name"),
        Column("console.guides.department", lambda row, _: row.department),
        Column("console.guides.version", lambda row, _: row.version),
        Column("console.guides.since", lambda row, _: row.effective_on, "since"),
        Column("console.guides.states.coming", lambda row, _: row.coming_on),
        Column("console.guides.state", _drafted),
    ),
)


class GuidesQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to."""

    state: Literal["", "draft", "proposed", "coming", "none"] = ""


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
    return "guides.html", frame(
        actor,
        "guides",
        list=await GUIDES.laid(actor, await catalogue.guide_lines(actor, query.state), query),
        query=query,
        states=STATES,
        departments=await catalogue.departments(),
    )


@page(blueprint, "GET", "/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: GuidesQuery) -> Streamed:
    """Give all the list as a table."""
    return await GUIDES.table(actor, await catalogue.guide_lines(actor, query.state), query)


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
