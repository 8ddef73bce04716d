"""A small app on the real skin: routes that exist only here, and people who exist only here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from sanic import Blueprint, Request

from server import db
from server.actor import Actor, Citizen, Grant, Role, ScopeKind, Staff
from server.errors import Conflict
from server.kit import clock
from server.web import (
    Event,
    EventStream,
    Instant,
    LoggedIn,
    LoggedOut,
    Page,
    PageQuery,
    Raw,
    Redirect,
    Reply,
    Shown,
    Upload,
    access,
    after,
    cursor_of,
    page,
    route,
)
from server.web.events import last_seen
from server.web.pages import local


class Applicant(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=5)]
    age: Annotated[int, msgspec.Meta(ge=0, le=150)] = 0


class NoteIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]
    applicants: Annotated[list[Applicant], msgspec.Meta(max_length=2)] = []
    when: Instant | None = None


class NoteOut(msgspec.Struct, kw_only=True):
    text: str
    written: datetime
    by: UUID | None = None
    before: list[NoteOut] = []


class Search(PageQuery):
    kind: list[str] = msgspec.field(default_factory=list)
    day: int = 0


class NoteForm(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    text: Annotated[str, msgspec.Meta(min_length=1, max_length=20)]


@dataclass(slots=True)
class World:
    """What the small app's routes did, and how they are to behave."""

    done: list[str] = field(default_factory=list)
    refuse: bool = False
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    entered: asyncio.Event = field(default_factory=asyncio.Event)
    seen: list[Actor] = field(default_factory=list)


world = World()
blueprint = Blueprint("small", url_prefix="/small")
desk = Blueprint("desk", url_prefix="/console")


@route(blueprint, "POST", "/notes", access=access.public, status=201)
async def write(actor: Actor, body: NoteIn) -> NoteOut:
    """Write a note."""
    world.seen.append(actor)
    return NoteOut(text=body.text, written=clock.now(), before=[NoteOut(text="earlier", written=clock.now())])


@route(blueprint, "POST", "/deeds", access=access.citizen, status=201, idempotent=True)
async def do(actor: Citizen, body: NoteIn) -> NoteOut:
    """Do something once."""
    async with db.tx():
        await db.execute("INSERT INTO web_deed (text) VALUES ($1)", body.text)
        if world.refuse:
            raise Conflict("busy")
        if body.text == "slow":
            world.entered.set()
            await world.go_on.wait()
    world.done.append(body.text)
    return NoteOut(text=body.text, written=clock.now(), by=actor.account_id)


@route(blueprint, "DELETE", "/deeds/<text>", access=access.citizen, idempotent=True)
async def undo(text: str) -> None:
    """Undo it."""
    await db.execute("DELETE FROM web_deed WHERE text = $1", text)


@route(blueprint, "POST", "/strangers-deeds", access=access.anyone, idempotent=True)
async def do_unknown(body: NoteIn) -> NoteOut:
    """Do something without being logged in."""
    world.done.append(body.text)
    return NoteOut(text=body.text, written=clock.now())


@route(blueprint, "GET", "/things/<thing_id>", access=access.anyone)
async def thing(actor: Actor, thing_id: UUID) -> NoteOut:
    """Show a thing."""
    world.seen.append(actor)
    return NoteOut(text=str(thing_id), written=datetime.fromisoformat("2026-11-20T01:00:00.123456+00:00"))


@route(blueprint, "GET", "/things/<thing_id>.pdf", access=access.public)
async def thing_on_paper(thing_id: UUID) -> Raw:
    """Show a thing on paper."""
    return Raw(body=str(thing_id).encode(), content_type="application/pdf")


@route(blueprint, "GET", "/roles/<role>", access=access.public)
async def by_role(role: Role) -> Reply[list[str]]:
    """Show a list with a header."""
    return Reply(value=[role.value], headers={"x-thing": "yes"})


@route(blueprint, "GET", "/search", access=access.public)
async def search(query: Search) -> Page[str]:
    """List numbers."""
    start = (after(query.cursor, tuple[int]) or (0,))[0]
    items = [str(number) for number in range(start, start + query.limit)]
    return Page(items=[*items, *query.kind], next=cursor_of(start + query.limit))


@route(blueprint, "GET", "/mine", access=access.verified)
async def mine(actor: Citizen) -> NoteOut:
    """Show what only a verified person sees."""
    return NoteOut(text="mine", written=clock.now(), by=actor.person_id)


@route(blueprint, "POST", "/review", access=access.staff("reviewer"))
async def review(actor: Staff) -> None:
    """Do what only a reviewer does."""
    world.done.append(actor.name)


@route(blueprint, "POST", "/files", access=access.citizen, idempotent=True, max_bytes=3_000_000, limit="upload")
async def store(upload: Upload) -> NoteOut:
    """Take a file."""
    world.done.append(f"{upload.filename} {upload.content_type} {upload.size} {sorted(upload.fields.items())}")
    assert len(await upload.read()) == upload.size
    return NoteOut(text=upload.sha256.hex(), written=clock.now())


@route(blueprint, "GET", "/picture", access=access.public)
async def picture() -> Raw:
    """Give bytes."""
    return Raw(body=b"\x89PNG", content_type="image/png", filename="证.png")


@route(blueprint, "GET", "/boom", access=access.public)
async def boom() -> None:
    """Break."""
    name = "李秀英 340826199001011234"
    raise RuntimeError(name)


@route(blueprint, "GET", "/full-disk", access=access.public)
async def full_disk() -> None:
    """Fail as a full disk does."""
    raise OSError(28, "No space left on device")


@route(blueprint, "GET", "/slow", access=access.public)
async def slow(request: Request) -> None:
    """Wait."""
    world.entered.set()
    try:
        await world.go_on.wait()
    except asyncio.CancelledError:
        world.done.append("cancelled")
        raise
    world.done.append(request.path)


@route(blueprint, "GET", "/events", access=access.public)
async def events(request: Request) -> EventStream:
    """Tell what happens."""

    async def tell() -> AsyncIterator[Event]:
        try:
            yield Event("hello\nyou", id=f"after-{last_seen(request)}")
            world.entered.set()
            await world.go_on.wait()
            yield Event("bye", name="end")
        finally:
            world.done.append("closed")

    return EventStream(tell())


@route(blueprint, "POST", "/careful", access=access.public, limit="track_number")
async def careful() -> None:
    """Be asked a few times only."""


@page(desk, "GET", "/notes", access=access.staff("clerk", "reviewer"))
async def notes(actor: Staff) -> Shown:
    return "note.html", {"name": actor.name, "note": "<b>& so on"}


@page(desk, "POST", "/notes/all", access=access.staff("clerk", "reviewer"))
async def forget() -> Redirect:
    """A deed that needs no words."""
    return Redirect("/console/notes")


@page(desk, "POST", "/notes", access=access.staff("clerk", "reviewer"))
async def note(form: NoteForm) -> Redirect:
    world.done.append(form.text)
    return Redirect("/console/notes")


@page(desk, "GET", "/login", access=access.public)
async def login_page() -> Shown:
    return "note.html", {"name": "nobody", "note": ""}


class LogIn(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    name: str
    next: str | None = None


@page(desk, "POST", "/login", access=access.public, limit="login")
async def log_in(form: LogIn) -> LoggedIn:
    return LoggedIn(cookie=f"staff:{form.name}", to=local(form.next))


@page(desk, "POST", "/logout", access=access.public)
async def log_out() -> LoggedOut:
    return LoggedOut()


class People:
    """Tokens say who they belong to."""

    async def resolve_bearer(self, token: str) -> Citizen | None:
        name, _, rest = token.partition(":")
        if name not in ("citizen", "verified"):
            return None
        account = UUID(int=sum(rest.encode()) + 1)
        return Citizen(account_id=account, session_id=account, person_id=account if name == "verified" else None)

    async def resolve_staff(self, cookie: str) -> Staff | None:
        name, _, role = cookie.partition(":")
        if name != "staff" or role not in set(map(str, Role)):
            return None
        grant = Grant(Role(role), ScopeKind.REGION, "341226")
        return Staff(staff_id=UUID(int=1), session_id=UUID(int=2), name=role, grants=(grant,))
