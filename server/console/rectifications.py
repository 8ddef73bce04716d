"""What bad ratings oblige departments to: the most pressing first, and each worked off step by step."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.exhibits import private
from server.console.frame import FRONT, frame
from server.console.registers import Column, Register, Searched
from server.db import Found
from server.features.ratings import service as ratings
from server.features.ratings.service import DeskRectification
from server.kit.texts import text
from server.ports import Ports
from server.web import Raw, Redirect, Streamed, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_rectifications", url_prefix="/console/rectifications")
DESK = access.staff(*FRONT, Role.REVIEWER, Role.SUPERVISOR)
LOOKERS = access.staff(Role.REVIEWER, Role.HALL_MANAGER, Role.SUPERVISOR)
UNIT = access.staff(Role.REVIEWER, Role.HALL_MANAGER)
CALLERS = access.staff(Role.HALL_MANAGER, Role.SUPERVISOR)
SUPERVISOR = access.staff(Role.SUPERVISOR)
LIGHTS = ("red", "amber", "green")

Words = Annotated[str, Meta(min_length=1, max_length=ratings.LONGEST_REPORT)]


# What people wrote stays on the screen: in a table it would go wherever the table goes.
RECTIFICATIONS: Register[DeskRectification] = Register(
    "/console/rectifications",
    (
        Column("console.rectifications.item", lambda row, _: row.item, "item"),
        Column("console.cases.number", lambda row, _: row.number),
        Column("console.rectifications.department", lambda row, _: row.department, "department"),
        Column("console.rectifications.level", lambda row, _: row.level_text),
        Column("console.rectifications.tags", lambda row, at: text(at, "common.comma").join(row.tags)),
        Column("console.table.state", lambda row, _: row.state_text),
        Column("console.rectifications.light", lambda row, at: text(at, f"console.light.{row.light}")),
        Column("console.rectifications.rated_on", lambda row, _: row.rated_on, "rated"),
        Column("console.rectifications.due_on", lambda row, _: row.due_on, "due"),
    ),
    on_record="ratings.rectifications_exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to."""

    light: ratings.Time = ""
    ended: Literal["", "1"] = ""


class VerifyForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What looking into it found."""

    founded: Literal["yes", "no"]
    finding: Words


class RectifyForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """What was put right."""

    measures: Words


class WordsForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """An answer, or what is pressed for."""

    words: Words


class CallForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """How a call went."""

    reached: Literal["yes", "no"]
    words: Words


class AskForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why a rating should not count."""

    kind: Literal["malicious", "mistaken"]
    reason: Words


class DecideForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Whether it counts, and why."""

    verdict: Literal["exclude", "keep"]
    words: Words


@page(blueprint, "GET", "", access=DESK)
async def rectifications(actor: Staff, query: ListQuery) -> Shown:
    """Show the rectifications within reach: the open ones, or those that are over."""
    return "rectifications.html", frame(
        actor, "rectifications", list=await RECTIFICATIONS.laid(actor, await _found(actor, query), query), query=query,
        lights=LIGHTS,
        excluded=await ratings.excluded_counts(), takes_calls=actor.has(*FRONT, Role.SUPERVISOR),
        looks=actor.has(Role.SUPERVISOR),
    )  # fmt: skip


@page(blueprint, "GET", "/export", access=DESK)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give them as a table."""
    return await RECTIFICATIONS.table(actor, await _found(actor, query), query)


async def _found(actor: Staff, query: ListQuery) -> Found[DeskRectification]:
    return await ratings.rectifications(actor, ended=bool(query.ended), light=query.light)


@page(blueprint, "GET", "/<rectification_id>", access=DESK)
async def rectification(actor: Staff, rectification_id: UUID) -> Shown:
    """Show one, with what was done about it and what comes next."""
    return await _shown(actor, rectification_id)


@page(blueprint, "GET", "/<rectification_id>/pictures/<picture_id>", access=LOOKERS)
async def picture(actor: Staff, rectification_id: UUID, picture_id: UUID, ports: Ports) -> Raw:
    """Show a picture of what was bad; the look is on record."""
    return private(*await ratings.picture(actor, ports.files, rectification_id, picture_id))


@page(blueprint, "GET", "/<rectification_id>/pictures/<picture_id>/small", access=LOOKERS)
async def small_picture(actor: Staff, rectification_id: UUID, picture_id: UUID, ports: Ports) -> Raw:
    """Show a picture small; that is a look as well."""
    return private(*await ratings.picture(actor, ports.files, rectification_id, picture_id, small=True))


@page(blueprint, "POST", "/<rectification_id>/verify", access=UNIT)
async def verify(actor: Staff, rectification_id: UUID, form: VerifyForm) -> Redirect:
    """Say what looking into it found."""
    await ratings.verify(actor, rectification_id, founded=form.founded == "yes", finding=form.finding)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/rectify", access=UNIT)
async def rectify(actor: Staff, rectification_id: UUID, form: RectifyForm) -> Redirect:
    """Say what was put right."""
    await ratings.rectify(actor, rectification_id, measures=form.measures)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/answer", access=UNIT)
async def answer(actor: Staff, rectification_id: UUID, form: WordsForm) -> Redirect:
    """Answer whoever rated."""
    await ratings.answer(actor, rectification_id, words=form.words)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/caller", access=CALLERS)
async def caller(actor: Staff, rectification_id: UUID) -> Shown:
    """Show whom to call; the look is on record."""
    return await _shown(actor, rectification_id, call=await ratings.caller(actor, rectification_id))


@page(blueprint, "POST", "/<rectification_id>/call", access=CALLERS)
async def call(actor: Staff, rectification_id: UUID, form: CallForm) -> Redirect:
    """Write down how a call went."""
    await ratings.call_back(actor, rectification_id, reached=form.reached == "yes", words=form.words)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/urge", access=SUPERVISOR)
async def urge(actor: Staff, rectification_id: UUID, form: WordsForm) -> Redirect:
    """Press for it."""
    await ratings.urge(actor, rectification_id, words=form.words)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/exclusion", access=UNIT)
async def ask(actor: Staff, rectification_id: UUID, form: AskForm) -> Redirect:
    """Ask that the rating be left out of the count."""
    await ratings.ask_exclusion(actor, rectification_id, kind=form.kind, reason=form.reason)
    return _back(rectification_id)


@page(blueprint, "POST", "/<rectification_id>/decide", access=SUPERVISOR)
async def decide(actor: Staff, rectification_id: UUID, form: DecideForm) -> Redirect:
    """Decide whether it is left out."""
    granted = form.verdict == "exclude"
    await ratings.decide_exclusion(actor, rectification_id, granted=granted, words=form.words)
    return _back(rectification_id)


async def _shown(actor: Staff, rectification_id: UUID, *, call: ratings.CallBack | None = None) -> Shown:
    work = await ratings.rectification(actor, rectification_id)
    return "rectification.html", frame(
        actor, "rectifications", work=work, row=work.line, call=call, most=ratings.LONGEST_REPORT, kinds=ratings.KINDS
    )


def _back(rectification_id: UUID) -> Redirect:
    return Redirect(f"/console/rectifications/{rectification_id}")
