"""The administrator's list of staff: take on, let in, shut out, grant, and hand over first passwords."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.config import Settings
from server.console import scopes
from server.console.frame import frame
from server.console.registers import Column, Register, Searched
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.identity.service import FirstPassword, StaffLine
from server.kit.texts import text
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_staff", url_prefix="/console/staff")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
HISTORY = 20

Word = Annotated[str, Meta(max_length=60)]
Scope = Annotated[str, Meta(max_length=60)]
STATES = ("active", "waiting", "disabled")


@dataclass(frozen=True, slots=True)
class Member:
    """One of the staff on the list, with what they may do and where in words."""

    line: StaffLine
    grants: tuple[str, ...]


STAFF: Register[Member] = Register(
    "/console/staff",
    (
        Column("console.staff.username", lambda row, _: row.line.username, "username"),
        Column("console.staff.name", lambda row, _: row.line.name, "name"),
        Column("console.staff.grants", lambda row, at: text(at, "common.comma").join(row.grants)),
        Column("console.staff.seen", lambda row, _: row.line.seen_at, "seen"),
        Column("console.staff.state", lambda row, at: text(at, f"console.staff.states.{row.line.state}"), "state"),
    ),
    on_record="identity.staff_exported",
)


class ListQuery(Searched, kw_only=True, forbid_unknown_fields=True):
    """What the list is narrowed to. Empty is everybody."""

    role: Literal["", "clerk", "reviewer", "hall_manager", "supervisor", "auditor", "administrator", "evaluator"] = ""
    state: Literal["", "active", "waiting", "disabled"] = ""


class MemberQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`done` is the deed just done."""

    done: Literal["", "granted", "revoked", "disabled", "enabled", "ended"] = ""


class TakeOnForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Who is taken on, and as what."""

    username: Word
    name: Word
    role: Role
    scope: Scope


class GrantForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """One role within one scope."""

    role: Role
    scope: Scope


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def roster(actor: Staff, query: ListQuery) -> Shown:
    """Show the staff within the administrator's reach."""
    return "staff.html", frame(
        actor,
        "staff",
        list=await STAFF.laid(actor, await _members(actor, query), query),
        query=query,
        roles=[role.value for role in Role],
        states=STATES,
    )


@page(blueprint, "GET", "/export", access=ADMINISTRATOR)
async def export(actor: Staff, query: ListQuery) -> Streamed:
    """Give them as a table."""
    return await STAFF.table(actor, await _members(actor, query), query)


async def _members(actor: Staff, query: ListQuery) -> list[Member]:
    role = Role(query.role) if query.role else None
    lines = await identity.roster(actor, role=role, state=query.state or None)
    places = await scopes.names((scopes.written(one) for line in lines for one in line.grants), actor.locale)
    return [
        Member(
            line,
            tuple(
                f"{text(actor.locale, f'console.role.{one.role.value}')} · {places[scopes.written(one)]}"
                for one in line.grants
            ),
        )
        for line in lines
    ]


@page(blueprint, "GET", "/new", access=ADMINISTRATOR)
async def new(actor: Staff, settings: Settings) -> Shown:
    """Ask who is to be taken on."""
    return "staff_new.html", frame(
        actor, "staff", roles=[role.value for role in Role], scopes=await scopes.choices(actor, settings.region)
    )


@page(blueprint, "POST", "/new", access=ADMINISTRATOR)
async def take_on(actor: Staff, form: TakeOnForm) -> Shown:
    """Take somebody on and show their first password, this once."""
    given = scopes.grant_of(form.role, form.scope)
    made = await identity.take_on(actor, username=form.username.strip().lower(), name=form.name, given=given)
    return _first_password(actor, made)


@page(blueprint, "GET", "/<staff_id>", access=ADMINISTRATOR)
async def member(actor: Staff, staff_id: UUID, query: MemberQuery, settings: Settings) -> Shown:
    """Show one member of staff and what was done to their account."""
    shown = await identity.staff_member(actor, staff_id)
    history = await audit.history("staff", staff_id, limit=HISTORY)
    by = await identity.staff_labels([one.actor_id for one in history if one.actor_id])
    return "staff_member.html", frame(
        actor,
        "staff",
        member=shown,
        own=staff_id == actor.staff_id,
        sessions=await identity.staff_sessions(staff_id),
        done=query.done,
        roles=[role.value for role in Role],
        scopes=await scopes.choices(actor, settings.region),
        places=await scopes.names((scopes.written(one) for one in shown.grants), actor.locale),
        written=scopes.written,
        history=history,
        by=by,
    )


@page(blueprint, "POST", "/<staff_id>/grant", access=ADMINISTRATOR)
async def grant(actor: Staff, staff_id: UUID, form: GrantForm) -> Redirect:
    """Give a role within a scope."""
    await identity.grant(actor, staff_id, scopes.grant_of(form.role, form.scope))
    return _back(staff_id, "granted")


@page(blueprint, "POST", "/<staff_id>/revoke", access=ADMINISTRATOR)
async def revoke(actor: Staff, staff_id: UUID, form: GrantForm) -> Redirect:
    """Take a role away."""
    await identity.revoke_grant(actor, staff_id, scopes.grant_of(form.role, form.scope))
    return _back(staff_id, "revoked")


@page(blueprint, "POST", "/<staff_id>/disable", access=ADMINISTRATOR)
async def disable(actor: Staff, staff_id: UUID) -> Redirect:
    """Shut somebody out, at once."""
    await identity.disable_staff(actor, staff_id)
    return _back(staff_id, "disabled")


@page(blueprint, "POST", "/<staff_id>/enable", access=ADMINISTRATOR)
async def enable(actor: Staff, staff_id: UUID) -> Redirect:
    """Let somebody in again."""
    await identity.enable_staff(actor, staff_id)
    return _back(staff_id, "enabled")


@page(blueprint, "POST", "/<staff_id>/end-sessions", access=ADMINISTRATOR)
async def end_sessions(actor: Staff, staff_id: UUID) -> Redirect:
    """Log somebody out everywhere."""
    await identity.end_staff_sessions(actor, staff_id)
    return _back(staff_id, "ended")


@page(blueprint, "POST", "/<staff_id>/reset", access=ADMINISTRATOR)
async def reset(actor: Staff, staff_id: UUID) -> Shown:
    """Give somebody a new first password and let them set up an authenticator anew."""
    return _first_password(actor, await identity.reset_staff(actor, staff_id))


def _first_password(actor: Staff, made: FirstPassword) -> Shown:
    return "staff_password.html", frame(actor, "staff", made=made)


def _back(staff_id: UUID, done: str) -> Redirect:
    return Redirect(url(f"/console/staff/{staff_id}", done=done))
