"""The call panel: one window, whom it serves and who comes next; everything by one key."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Staff
from server.console.frame import FRONT, chosen_hall, frame
from server.console.paging import Paged, part, turns
from server.console.walked import walk_mark
from server.errors import Conflict, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import WindowView
from server.features.queue import service as queue
from server.features.queue.service import DeskTicket
from server.features.ratings import service as ratings
from server.kit import texts
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_queue", url_prefix="/console/queue")
DESK = access.staff(*FRONT)
_AT_WINDOW = ("called", "serving")
SHOWN = 30


class PanelQuery(Paged, kw_only=True, forbid_unknown_fields=True):
    """Which hall and window, and which numbers of the line; `done` is the thread whose rating QR is shown, `empty` that
    nobody waits.
    """

    hall: UUID | None = None
    window: UUID | None = None
    done: UUID | None = None
    empty: Annotated[str, Meta(max_length=1)] = ""
    texted: Annotated[str, Meta(max_length=1)] = ""
    q: Annotated[str, Meta(max_length=10)] = ""


class WindowForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """At which window."""

    hall: UUID
    window: UUID


class TicketForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which ticket, at which window."""

    hall: UUID
    window: UUID
    thread: Annotated[str, Meta(max_length=36)] = ""


class TransferForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where to: `window:<id>` or `kind:<skill>`, and what the colleague should know."""

    hall: UUID
    window: UUID
    to: Annotated[str, Meta(min_length=1, max_length=60)]
    note: Annotated[str, Meta(max_length=200)] = ""


class TextForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where whoever was served last wants the link to rate."""

    hall: UUID
    window: UUID
    phone: Annotated[str, Meta(min_length=1, max_length=24)]


class GreenForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Into the green channel for a reason, or out of it without one."""

    hall: UUID
    window: UUID
    green: queue.Green | None = None


async def _line(actor: Staff, query: PanelQuery) -> dict[str, object]:
    """What changes by itself: who waits, and who is at the window."""
    hall, halls = await chosen_hall(actor, query.hall)
    windows = await catalogue.windows(hall.id)
    wanted = query.window or await queue.window_of(actor, hall.id)
    window = next((one for one in windows if wanted in (None, one.id)), None)
    tickets = await queue.waiting(actor, hall.id)
    here = next((one for one in tickets if window and one.window_id == window.id and one.state in _AT_WINDOW), None)
    waiting = [one for one in tickets if one.state in ("waiting", "transferred")]
    binding = (await queue.lines_of(hall.id)).binding
    mine = [one for one in waiting if window is not None and window.open and _may(window, one, binding)]
    elsewhere = [one for one in waiting if one not in mine]
    line, following = part([one for one in mine if query.q.strip().upper() in one.number], query, SHOWN)
    return {
        "hall": hall,
        "halls": halls,
        "walked": await walk_mark(actor, hall.region_code),
        "windows": windows,
        "window": window,
        "here": here,
        "line": line,
        "next_up": mine[0].id if mine else None,
        "query": query,
        "pages": turns(query, following),
        "away": elsewhere,
        "held": [one for one in tickets if one.state == "held"],
        "skipped": [one for one in tickets if one.state == "skipped"],
        "others": [one for one in tickets if one.state in _AT_WINDOW and one is not here],
        "waiting": len(mine),
        "elsewhere": len(elsewhere),
        "elsewhere_skills": _skills(actor, dict.fromkeys(one.skill for one in elsewhere)),
        "skills": _skills(actor, window.skills if window else ()),
        "kinds": Counter(one.kind for one in mine).most_common(),
        "greens": list(queue.Green),
    }


def _may(window: WindowView, ticket: DeskTicket, binding: Collection[UUID]) -> bool:
    if ticket.for_window_id in binding:
        return ticket.for_window_id == window.id
    return ticket.skill in window.skills


def _skills(actor: Staff, keys: Iterable[str]) -> str:
    return texts.text(actor.locale, "common.comma").join(_skill(actor, key) for key in keys)


def _skill(actor: Staff, key: str) -> str:
    return texts.find(actor.locale, f"catalogue.skill.{key}") or key


@page(blueprint, "GET", "", access=DESK)
async def panel(actor: Staff, query: PanelQuery) -> Shown:
    """Show the panel of one window."""
    shown = await _line(actor, query)
    hall, window = shown["hall"], shown["window"]
    assert isinstance(hall, catalogue.HallView)  # noqa: S101 - _line puts it there
    return "queue.html", frame(
        actor,
        "queue",
        **shown,
        duty=await queue.duty_of(actor, window.id) if isinstance(window, WindowView) else None,
        kinds_to=[(skill, _skill(actor, skill)) for skill in await queue.kinds_of(hall.id)],
        empty=bool(query.empty),
        may_text=await _may_text(shown),
        rating_token=await ratings.token_of(actor, query.done) if query.done else None,
    )


async def _may_text(shown: dict[str, object]) -> bool:
    window = shown["window"]
    if shown["here"] is not None or not isinstance(window, WindowView):
        return False
    served = await queue.last_served(window.id)
    return served is not None and await ratings.may_text(served)


@page(blueprint, "GET", "/tickets", access=DESK, limit=None)
async def tickets(actor: Staff, query: PanelQuery) -> Shown:
    """Show only the list of tickets; the page asks for it every few seconds."""
    return "queue_tickets.html", await _line(actor, query)


@page(blueprint, "POST", "/next", access=DESK)
async def call_next(actor: Staff, form: WindowForm) -> Redirect:
    """Call the next person this window can serve."""
    called = await queue.call_next(actor, form.window)
    return _back(form, empty="" if called else "1")


@page(blueprint, "POST", "/text", access=DESK, limit="rating")
async def text(actor: Staff, form: TextForm) -> Redirect:
    """Send whoever was served last the link to rate that visit, by SMS."""
    await chosen_hall(actor, (await catalogue.window(form.window)).hall_id)
    served = await queue.last_served(form.window)
    if served is None:
        raise Conflict("ratings.nobody_served")
    await ratings.text_link(actor, served, form.phone)
    return _back(form, texted="1")


@page(blueprint, "POST", "/pause", access=DESK)
async def pause(actor: Staff, form: WindowForm) -> Redirect:
    """Stop calling from this window for a while."""
    await queue.pause(actor, form.window)
    return _back(form)


@page(blueprint, "POST", "/reopen", access=DESK)
async def reopen(actor: Staff, form: WindowForm) -> Redirect:
    """Go on calling from this window."""
    await queue.reopen(actor, form.window)
    return _back(form)


@page(blueprint, "POST", "/take-over", access=DESK)
async def take_over(actor: Staff, form: WindowForm) -> Redirect:
    """Sit down where a colleague sat."""
    await queue.take_over(actor, form.window)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/recall", access=DESK)
async def recall(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """Call the same number again."""
    await queue.recall(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/start", access=DESK)
async def start(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person is at the window."""
    await queue.start(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/finish", access=DESK)
async def finish(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The window is done with the person; show the rating QR."""
    await queue.finish(actor, ticket_id)
    return _back(form, done=form.thread)


@page(blueprint, "POST", "/<ticket_id>/skip", access=DESK)
async def skip(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person did not come to the window."""
    await queue.skip(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/hold", access=DESK)
async def hold(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person fetches something."""
    await queue.hold(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/resume", access=DESK)
async def resume(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person is back."""
    await queue.resume(actor, ticket_id, form.window)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/bring-back", access=DESK)
async def bring_back(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """A skipped person has turned up."""
    await queue.bring_back(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/leave", access=DESK)
async def leave(actor: Staff, ticket_id: UUID, form: TicketForm) -> Redirect:
    """The person has gone."""
    await queue.leave(actor, ticket_id)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/transfer", access=DESK)
async def transfer(actor: Staff, ticket_id: UUID, form: TransferForm) -> Redirect:
    """Hand the person on."""
    how, _, where = form.to.partition(":")
    if how == "window":
        await queue.transfer(actor, ticket_id, window_id=_id(where), note=form.note)
    else:
        await queue.transfer(actor, ticket_id, skill=where or None, note=form.note)
    return _back(form)


@page(blueprint, "POST", "/<ticket_id>/green", access=DESK)
async def green(actor: Staff, ticket_id: UUID, form: GreenForm) -> Redirect:
    """Put the person into the green channel, or take them out."""
    await queue.mark_green(actor, ticket_id, form.green)
    return _back(form)


def _id(written: str) -> UUID:
    try:
        return UUID(written)
    except ValueError:
        raise NotFound from None


def _back(form: WindowForm | TicketForm | TransferForm | GreenForm | TextForm, **more: object) -> Redirect:
    return Redirect(url("/console/queue", hall=form.hall, window=form.window, **more))
