"""Telling many people one thing: composed, previewed, approved by somebody else, followed and stopped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Annotated
from urllib.parse import parse_qsl, urlencode
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import frame
from server.console.messages import PARTS
from server.console.registers import Column, Register, Searched
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import SearchQuery
from server.features.push import service as push
from server.kit import clock
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_broadcasts", url_prefix="/console/messages/broadcasts")
MANAGERS = access.staff(*push.MANAGERS)
MOST_ITEMS = 100

Name = Annotated[str, Meta(max_length=60)]


def _whom(row: push.BroadcastView, locale: str) -> str:
    said = (text(locale, f"cases.state.{what}") if name == "state" else what for name, what in row.said.items())
    return " · ".join((text(locale, f"push.audience.{row.audience}"), *said))


BROADCASTS: Register[push.BroadcastView] = Register(
    "/console/messages/broadcasts",
    (
        Column("console.broadcasts.what", lambda row, _: row.title, "kind"),
        Column("console.broadcasts.whom", _whom),
        Column("console.broadcasts.at", lambda row, _: row.at, "at"),
        Column("console.broadcasts.told", lambda row, _: row.told, "told"),
        Column("console.broadcasts.expected", lambda row, _: row.expected),
        Column("console.broadcasts.state", lambda row, at: text(at, f"console.broadcasts.is.{row.state}"), "state"),
    ),
    on_record="push.broadcasts_exported",
)


class Choice(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is said and to whom. Names that begin with `to_` choose the audience, the others fill the words.

    What the words and the audience both name is the same unless it is given twice.
    """

    kind: Name
    audience: Name
    hall: UUID | None = None
    other: UUID | None = None
    item: UUID | None = None
    day: date | None = None
    to_hall: UUID | None = None
    to_day: date | None = None
    to_item: UUID | None = None
    to_state: Name | None = None

    def wish(self) -> push.BroadcastIn:
        """Give it as push takes it."""
        said = {"hall": self.hall, "other": self.other, "item": self.item, "day": self.day}
        reached = {
            "hall": self.to_hall or self.hall,
            "day": self.to_day or self.day,
            "item": self.to_item or self.item,
            "state": self.to_state,
        }
        return push.BroadcastIn(kind=self.kind, words=_texts(said), audience=self.audience, chosen=_texts(reached))


class NewQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which kind and which audience are being filled in, and what had been chosen before, as a form writes it."""

    kind: Name | None = None
    audience: Name | None = None
    was: Annotated[str, Meta(max_length=600)] = ""


@page(blueprint, "GET", "", access=MANAGERS)
async def listed(actor: Staff, query: Searched) -> Shown:
    """Show what has been broadcast and what waits for a second look."""
    found = await BROADCASTS.laid(actor, await push.broadcasts(actor, q=query.q), query)
    return "broadcasts.html", _frame(actor, list=found)


@page(blueprint, "GET", "/export", access=MANAGERS)
async def export(actor: Staff, query: Searched) -> Streamed:
    """Give them as a table."""
    return await BROADCASTS.table(actor, await push.broadcasts(actor, q=query.q), query)


@page(blueprint, "GET", "/new", access=MANAGERS)
async def new(actor: Staff, query: NewQuery) -> Shown:
    """Ask what is said, and to whom."""
    kinds, audiences = push.broadcast_kinds(), push.audiences()
    kind = query.kind if query.kind in kinds else next(iter(kinds))
    chosen = query.audience if query.audience in audiences else next(iter(audiences))
    items = (await catalogue.search(SearchQuery(limit=MOST_ITEMS))).items
    return "broadcast_new.html", _frame(
        actor,
        kinds=list(kinds),
        kind=kind,
        words=kinds[kind],
        audiences=list(audiences),
        audience=chosen,
        chooses=[name for name in audiences[chosen].__struct_fields__ if name not in kinds[kind]],
        same=[name for name in audiences[chosen].__struct_fields__ if name in kinds[kind]],
        before=dict(parse_qsl(query.was)),
        states=audiences[chosen].states,
        halls=await catalogue.halls(),
        items=[(item.id, item.name) for item in items],
        today=clock.today(),
    )


@page(blueprint, "POST", "/preview", access=MANAGERS)
async def preview(actor: Staff, form: Choice) -> Shown:
    """Show it as people will see it."""
    seen = await push.preview(actor, form.wish())
    kept = _texts({name: getattr(form, name) for name in form.__struct_fields__})
    return "broadcast_preview.html", _frame(actor, seen=seen, form=kept, audience=form.audience, was=urlencode(kept))


@page(blueprint, "POST", "", access=MANAGERS)
async def propose(actor: Staff, form: Choice) -> Redirect:
    """Hand it to a second person."""
    return _back(await push.propose(actor, form.wish()))


@page(blueprint, "GET", "/<broadcast_id>", access=MANAGERS)
async def one(actor: Staff, broadcast_id: UUID) -> Shown:
    """Show one: its words, whom it is for and how far it is."""
    return "broadcast.html", _frame(actor, one=await push.broadcast(actor, broadcast_id))


@page(blueprint, "GET", "/<broadcast_id>/now", access=MANAGERS)
async def progress(actor: Staff, broadcast_id: UUID) -> Shown:
    """Show only how far it is."""
    return "broadcast_progress.html", _frame(actor, one=await push.broadcast(actor, broadcast_id))


@page(blueprint, "POST", "/<broadcast_id>/approve", access=MANAGERS)
async def approve(actor: Staff, broadcast_id: UUID) -> Redirect:
    """Let it go out."""
    await push.approve(actor, broadcast_id)
    return _back(broadcast_id)


@page(blueprint, "POST", "/<broadcast_id>/refuse", access=MANAGERS)
async def refuse(actor: Staff, broadcast_id: UUID) -> Redirect:
    """Do not let it go out."""
    await push.refuse(actor, broadcast_id)
    return _back(broadcast_id)


@page(blueprint, "POST", "/<broadcast_id>/stop", access=MANAGERS)
async def stop(actor: Staff, broadcast_id: UUID) -> Redirect:
    """Tell nobody else."""
    await push.stop(actor, broadcast_id)
    return _back(broadcast_id)


def _back(broadcast_id: UUID) -> Redirect:
    return Redirect(f"/console/messages/broadcasts/{broadcast_id}")


def _frame(actor: Staff, **more: object) -> dict[str, object]:
    return frame(actor, "messages", part="broadcasts", parts=PARTS, **more)


def _texts(chosen: Mapping[str, UUID | date | str | None]) -> dict[str, str]:
    return {name: str(value) for name, value in chosen.items() if value is not None}
