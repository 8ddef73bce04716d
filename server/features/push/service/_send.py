"""Saying something: an inbox row and an outbox row in the caller's transaction. Nobody outside is asked here."""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta
from uuid import UUID

import msgspec

from server import db
from server.features.identity import service as identity
from server.features.push.models import Channel, Reason
from server.features.push.schemas import To
from server.features.push.service._fields import FieldError
from server.features.push.service._kinds import Message, filled, opened, useful_until, written
from server.features.push.service._tally import DEAD_AT_ONCE
from server.features.push.service._wanted import wanted
from server.features.push.service._ways import ways_of
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import is_walked, new_id

WAKE = "outbox"
# Half of its useful life, at most so long, a message waits for a way to be mended; then it takes the next one.
PATIENCE = timedelta(minutes=30)
# A burst of use cases wakes the worker once; whoever comes within the gap is found by its next poll.
_WAKE_GAP = 0.05

_INBOX = """
    INSERT INTO inbox (id, created_at, kind, event, person_id, enterprise_id, account_id, thread_id, page, text_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (event, kind, (coalesce(person_id, enterprise_id, account_id))) DO NOTHING
    RETURNING id
"""
_OUTBOX = """
    INSERT INTO outbox (id, created_at, inbox_id, channel, kind, account_id, person_id, thread_id, cause, template,
                        payload_sealed, priority, run_at, deadline, patience_at, retry_unknown, sms,
                        state, reason, ended_at)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $2, $13, $14, $15, $16,
            CASE WHEN $17::text IS NULL THEN 'pending' ELSE 'dead' END, $17,
            CASE WHEN $17::text IS NOT NULL THEN $2::timestamptz END)
    ON CONFLICT (inbox_id, channel) DO NOTHING
"""

_log = logging.getLogger(__name__)
_woken = -_WAKE_GAP


class Payload(msgspec.Struct, kw_only=True):
    """What the worker sends.

    `template` is the one the kind names, and what an SMS is filled from; `ways` are the mini-program's in the order
    they are tried, by default that one; `service` is the service account's. Values are by our names of the fields;
    `more` has those of templates other than the kind's own.
    """

    page: str
    template: str
    values: dict[str, str]
    ways: tuple[str, ...] | None = None
    service: str | None = None
    more: dict[str, dict[str, str]] = {}

    def values_for(self, template: str) -> dict[str, str]:
        """Give the values of one template."""
        return self.values if template == self.template else self.more.get(template, {})


class Queued(msgspec.Struct, frozen=True, kw_only=True):
    """What stays the same of a message, whichever way it goes."""

    payload: Payload
    inbox_id: UUID
    kind: str
    account_id: UUID | None
    person_id: UUID | None
    thread_id: UUID | None
    cause: str | None
    priority: int
    deadline: datetime
    retry_unknown: bool
    sms: bool


@db.transactional
async def say(
    message: Message, *, to: To, dedupe: str, thread_id: UUID | None = None, cause: str | None = None
) -> bool:
    """Say something now; False where the same was said before."""
    inbox_id = await _keep(message, to, dedupe, thread_id)
    if inbox_id is None:
        return False
    if message.template is not None:
        await _queue(message, to, inbox_id, thread_id, cause)
        db.after_commit(wake)
    return True


async def _keep(message: Message, to: To, dedupe: str, thread_id: UUID | None) -> UUID | None:
    inbox_id = new_id()
    person_id = to.person_id if to.enterprise_id is None else None
    alone = person_id is None and to.enterprise_id is None
    kept: UUID | None = await db.fetchval(
        _INBOX,
        inbox_id,
        clock.now(),
        message.kind,
        dedupe,
        person_id,
        to.enterprise_id,
        to.account_id if alone else None,
        thread_id,
        opened(message),
        db.seal_json("inbox", "text_sealed", inbox_id, written(message)),
    )
    return kept


async def _queue(message: Message, to: To, inbox_id: UUID, thread_id: UUID | None, cause: str | None) -> None:
    payload = filled_payload(message)
    account_id = await _phone(to, thread_id)
    if is_walked(account_id):
        return  # a test person reads the inbox: nobody outside is told, and no tally has it
    wish = await wanted(account_id, str(message.template))
    sms = message.sms and wish.sms and payload is not None and bool(payload.values)
    by_wechat = account_id is not None and wish.wechat
    if not by_wechat and not sms:
        return
    queued = Queued(
        payload=payload or Payload(page="", template=str(message.template), values={}),
        inbox_id=inbox_id,
        kind=message.kind,
        account_id=account_id,
        person_id=to.person_id,
        thread_id=thread_id,
        cause=cause,
        priority=message.priority,
        deadline=useful_until(message),
        retry_unknown=message.retry_unknown,
        sms=sms,
    )
    channel = Channel.WECHAT if by_wechat else Channel.SMS
    await enqueue(queued, channel, dead=Reason.UNFIT if payload is None else None)


def filled_payload(message: Message) -> Payload | None:
    """Fill every template of the kind; one that cannot carry it is left out, and None is given when none can.

    The person has it in the inbox; a template that cannot carry it is for us to mend, not for them to suffer.
    """
    own, ways, ready = str(message.template), ways_of(type(message)), dict[str, dict[str, str]]()
    for name in dict.fromkeys((own, *ways.all)):
        try:
            ready[name] = filled(message, name)
        except FieldError as wrong:
            _log.error("message %s does not fit template field %s", message.kind, wrong)
    if not ready:
        return None
    return Payload(
        page=opened(message).lstrip("/"),
        template=own,
        values=ready.pop(own, {}),
        ways=tuple(name for name in ways.subscribe if name == own or name in ready),
        service=ways.service if ways.service in ready else None,
        more=ready,
    )


async def _phone(to: To, thread_id: UUID | None) -> UUID | None:
    """Choose the account to tell: the one named, the person's own, or whoever began the thread."""
    if to.account_id is not None:
        return to.account_id
    own = [] if to.person_id is None else await identity.accounts_of(to.person_id)
    if own:
        return next((login.id for login in own if login.openid is not None), own[0].id)
    return None if thread_id is None else (await thread.get(thread_id)).account_id


async def enqueue(queued: Queued, channel: Channel, *, dead: Reason | None = None) -> None:
    """Write one outbox row; one that is already there for the message and channel stays as it is.

    With `dead` it is only written down that it could not be sent.
    """
    row_id, now = new_id(), clock.now()
    waits = queued.sms and channel is not Channel.SMS
    await db.execute(
        _OUTBOX,
        row_id,
        now,
        queued.inbox_id,
        channel.value,
        queued.kind,
        queued.account_id,
        queued.person_id,
        queued.thread_id,
        queued.cause,
        queued.payload.template,
        db.seal_json("outbox", "payload_sealed", row_id, queued.payload),
        queued.priority,
        queued.deadline,
        now + min(PATIENCE, (queued.deadline - now) / 2) if waits else None,
        queued.retry_unknown,
        queued.sms,
        None if dead is None else dead.value,
    )
    if dead is not None:
        await db.execute(DEAD_AT_ONCE, now, channel.value, queued.payload.template)


async def wake() -> None:
    """Tell the worker that something waits."""
    global _woken  # noqa: PLW0603 - one gap a process
    now = time.monotonic()
    if now - _woken >= _WAKE_GAP:
        _woken = now
        await db.notify(WAKE)
