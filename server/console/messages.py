"""What was said to people: one matter's or one person's messages, what nobody got and why, and how sending goes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import FRONT, frame
from server.console.paging import Paged, turns
from server.console.registers import Column, Register, Searched
from server.db import Found
from server.errors import FieldError, InvalidInput
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import checks, masking
from server.kit.texts import text
from server.ports import Ports
from server.web import Redirect, Streamed, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_messages", url_prefix="/console/messages")
DESK = access.staff(*FRONT, Role.REVIEWER, *push.MANAGERS)
MANAGERS = access.staff(*push.MANAGERS)

HERE = "/console/messages"
WHYS = ("asked", "complaint", "trouble")
PARTS = (
    ("log", "/console/messages"),
    ("stuck", "/console/messages/stuck"),
    ("health", "/console/messages/health"),
    ("broadcasts", "/console/messages/broadcasts"),
)

Code = Annotated[str, Meta(min_length=1, max_length=100)]


@dataclass(frozen=True, slots=True)
class Message:
    """A message on the list of what was said last, and the number of its matter."""

    said: push.LogLine
    number: str | None


MESSAGES: Register[Message] = Register(
    HERE,
    (
        Column("console.messages.message", lambda row, _: row.said.title),
        Column("console.messages.matter", lambda row, _: row.number, "number"),
        Column("console.messages.said", lambda row, _: row.said.at, "said"),
        Column("console.messages.became", lambda row, at: _became(row.said, at)),
    ),
    on_record="push.messages_exported",
)


class FindForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The number of a matter, a document or a phone, as somebody reads it out; never in an address.

    `why` is asked of whoever may look anybody up; a hall's manager finds only whom the halls know.
    """

    words: Annotated[str, Meta(min_length=1, max_length=60)]
    why: Literal["", "asked", "complaint", "trouble"] = ""


class AgainForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """On which way a message is sent once more, why, and the page to come back to."""

    channel: push.Channel
    reason: push.ResendReason
    back: Annotated[str, Meta(max_length=120)] = ""


class CodeQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which answer to look into; `again` is how many of its messages have just been sent once more."""

    code: Code | None = None
    channel: push.Channel | None = None
    again: Annotated[int, Meta(ge=0, le=10_000)] | None = None


class RetryForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The answer whose messages are sent once more."""

    code: Code
    channel: push.Channel


@page(blueprint, "GET", "", access=MANAGERS)
async def find(actor: Staff, query: Searched) -> Shown:
    """Show what was said last, to those who answer for the whole county; ask whose messages."""
    if not await push.answers_for_county(actor):
        return "messages.html", _log(actor)
    return "messages.html", _log(actor, list=await MESSAGES.laid(actor, await _newest(actor), query))


@page(blueprint, "GET", "/export", access=MANAGERS)
async def export(actor: Staff, query: Searched) -> Streamed:
    """Give what was said as a table: to whom stands nowhere in it."""
    return await MESSAGES.table(actor, await _newest(actor), query)


async def _newest(actor: Staff) -> Found[Message]:
    async def numbered(lines: list[push.LogLine]) -> list[Message]:
        matters = await thread.many([line.thread_id for line in lines if line.thread_id is not None])
        return [Message(line, matters[line.thread_id].number if line.thread_id in matters else None) for line in lines]

    return (await push.newest(actor)).then(numbered)


def _became(line: push.LogLine, locale: str) -> str:
    ways = [
        f"{text(locale, f'push.channel.{way.channel}')} · {text(locale, f'push.state.{way.state}')}"
        for way in line.ways
    ]
    return text(locale, "common.comma").join(ways) or text(locale, "console.messages.inbox_only")


@page(blueprint, "POST", "/find", access=MANAGERS)
async def found(actor: Staff, form: FindForm) -> Shown | Redirect:
    """Find a matter by its number, or people by document or phone; the people found can read that they were."""
    if thread.parse_number(form.words) is not None:
        return Redirect(f"/console/messages/threads/{(await thread.find(actor, form.words)).id}")
    typed = "".join(form.words.split())
    by_phone = checks.mobile(typed) is not None
    wanted = {"phone": typed} if by_phone else {"number": typed}
    if not form.why and _must_say_why(actor):
        raise InvalidInput("console.messages_reason", fields=(FieldError("why", "missing"),))
    people = [
        one for one in await identity.find_person(actor, **wanted, reason=form.why) if await push.reaches(actor, one.id)
    ]
    if len(people) == 1:
        return Redirect(f"/console/messages/people/{people[0].id}")
    shown = [(person.id, masking.name(person.name)) for person in people]
    return "messages.html", _log(actor, people=shown, nothing=not people)


def _must_say_why(actor: Staff) -> bool:
    return actor.has(Role.SUPERVISOR, Role.ADMINISTRATOR)


@page(blueprint, "GET", "/threads/<thread_id>", access=DESK)
async def of_thread(actor: Staff, thread_id: UUID, query: Paged) -> Shown:
    """Show what was said in one matter."""
    seen = await thread.view(actor, thread_id)
    log = await push.log_of_thread(actor, thread_id, query.asked)
    here = f"{HERE}/threads/{thread_id}"
    subject = f"{seen.title} {seen.number}"
    return "messages.html", _log(actor, log=log.items, pages=turns(query, log.next), subject=subject, here=here)


@page(blueprint, "GET", "/people/<person_id>", access=MANAGERS)
async def of_person(actor: Staff, person_id: UUID, query: Paged) -> Shown:
    """Show what was said to one person."""
    log = await push.log_of_person(actor, person_id, query.asked)
    subject = masking.name((await identity.person(person_id)).name)
    here = f"{HERE}/people/{person_id}"
    return "messages.html", _log(actor, log=log.items, pages=turns(query, log.next), subject=subject, here=here)


@page(blueprint, "POST", "/<message_id>/again", access=DESK)
async def again(actor: Staff, message_id: UUID, form: AgainForm) -> Redirect:
    """Send one message once more."""
    await push.resend(actor, message_id, form.channel, form.reason)
    return Redirect(form.back if form.back.startswith("/console/messages/") else "/console/messages")


@page(blueprint, "GET", "/stuck", access=MANAGERS)
async def stuck(actor: Staff, query: CodeQuery) -> Shown:
    """Show what nobody got, by cause, and the messages of one."""
    groups = await push.stuck(actor)
    chosen = None
    if query.code is not None and query.channel is not None:
        chosen = (query.code, query.channel, await push.stuck_messages(actor, query.code, query.channel))
    return "messages_stuck.html", _frame(actor, "stuck", groups=groups, chosen=chosen, again=query.again)


@page(blueprint, "POST", "/stuck", access=MANAGERS)
async def retry(actor: Staff, form: RetryForm) -> Redirect:
    """Send the messages of one cause once more."""
    done = await push.retry_all(actor, form.code, form.channel)
    return Redirect(url("/console/messages/stuck", again=str(done)))


@page(blueprint, "GET", "/health", access=MANAGERS)
async def health(actor: Staff, ports: Ports) -> Shown:
    """Show how sending goes."""
    return "messages_health.html", await _sending(actor, ports)


@page(blueprint, "GET", "/health/now", access=MANAGERS)
async def health_now(actor: Staff, ports: Ports) -> Shown:
    """Show only the figures, for the page to look again."""
    return "messages_figures.html", await _sending(actor, ports)


async def _sending(actor: Staff, ports: Ports) -> dict[str, object]:
    off = () if ports.service_account.configured else (push.Channel.SERVICE.value,)
    return _frame(actor, "health", health=await push.health(actor), off=off)


def _log(actor: Staff, **more: object) -> dict[str, object]:
    empty: dict[str, object] = {
        "log": None, "list": None, "pages": turns(Paged(), None), "subject": "", "here": "",
        "people": [], "nothing": False, "whys": WHYS if _must_say_why(actor) else (),
    }  # fmt: skip
    return _frame(actor, "log", **empty | more)


def _frame(actor: Staff, part: str, **more: object) -> dict[str, object]:
    return frame(actor, "messages", part=part, parts=PARTS if actor.has(*push.MANAGERS) else (), **more)
