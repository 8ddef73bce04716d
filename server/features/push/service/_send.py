"""Saying something: an inbox row and an outbox row in the caller's transaction. Nobody outside is asked here."""

from __future__ import annotations

import logging
import time
from datetime import datetime
from uuid import UUID

import msgspec

from server import db
from server.features.identity import service as identity
from server.features.push.models import Channel
from server.features.push.schemas import To
from server.features.push.service._fields import FieldError
from server.features.push.service._kinds import Message, opened, template_for, template_values, useful_until, written
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id

WAKE = "outbox"
# A burst of use cases wakes the worker once; whoever comes within the gap is found by its next poll.
_WAKE_GAP = 0.05

_INBOX = """
    INSERT INTO inbox (id, created_at, kind, event, person_id, enterprise_id, account_id, thread_id, page, text_sealed)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    ON CONFLICT (event, kind, (coalesce(person_id, enterprise_id, account_id))) DO NOTHING
    RETURNING id
"""
_OUTBOX = """
    INSERT INTO outbox (id, created_at, inbox_id, channel, kind, account_id, person_id, template, payload_sealed,
                        priority, run_at, deadline, retry_unknown, sms)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $2, $11, $12, $13)
    ON CONFLICT (inbox_id, channel) DO NOTHING
"""

_log = logging.getLogger(__name__)
_woken = -_WAKE_GAP


class Payload(msgspec.Struct, kw_only=True):
    """What the worker sends. `values` are by our names of the template's fields."""

    page: str
    template: str
    values: dict[str, str]


@db.transactional
async def send(message: Message, *, to: To, dedupe: str, thread_id: UUID | None = None) -> bool:
    """Say something to somebody once, in the caller's transaction: their inbox has it, the worker tries their phone.

    `dedupe` names the event: the same kind, event and recipient again is not said again (False).
    """
    inbox_id = await _keep(message, to, dedupe, thread_id)
    if inbox_id is None:
        return False
    if message.template is not None:
        await _queue(message, to, inbox_id, thread_id)
        db.after_commit(_wake)
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


async def _queue(message: Message, to: To, inbox_id: UUID, thread_id: UUID | None) -> None:
    template = template_for(type(message))
    if template is None:
        return
    try:
        values = template_values(message)
    except FieldError as wrong:
        # The person has it in the inbox; a template that cannot carry it is for us to mend, not for them to suffer.
        _log.error("message %s does not fit template %s, field %s", message.kind, message.template, wrong)
        return
    payload = Payload(page=opened(message).lstrip("/"), template=str(message.template), values=values)
    account_id = await _phone(to, thread_id)
    if account_id is None and not message.sms:
        return
    await enqueue(
        payload,
        inbox_id=inbox_id,
        channel=Channel.WECHAT if account_id is not None else Channel.SMS,
        kind=message.kind,
        account_id=account_id,
        person_id=to.person_id,
        priority=message.priority,
        deadline=useful_until(message),
        retry_unknown=message.retry_unknown,
        sms=message.sms,
    )


async def _phone(to: To, thread_id: UUID | None) -> UUID | None:
    """Choose the account to tell: the one named, the person's own, or whoever began the thread."""
    if to.account_id is not None:
        return to.account_id
    own = [] if to.person_id is None else await identity.accounts_of(to.person_id)
    if own:
        return next((login.id for login in own if login.openid is not None), own[0].id)
    return None if thread_id is None else (await thread.get(thread_id)).account_id


async def enqueue(  # noqa: PLR0913 - one row, one column each
    payload: Payload,
    *,
    inbox_id: UUID,
    channel: Channel,
    kind: str,
    account_id: UUID | None,
    person_id: UUID | None,
    priority: int,
    deadline: datetime,
    retry_unknown: bool,
    sms: bool,
) -> None:
    """Write one outbox row; one that is already there for the message and channel stays as it is."""
    row_id = new_id()
    await db.execute(
        _OUTBOX,
        row_id,
        clock.now(),
        inbox_id,
        channel.value,
        kind,
        account_id,
        person_id,
        payload.template,
        db.seal_json("outbox", "payload_sealed", row_id, payload),
        priority,
        deadline,
        retry_unknown,
        sms,
    )


async def _wake() -> None:
    global _woken  # noqa: PLW0603 - one gap a process
    now = time.monotonic()
    if now - _woken >= _WAKE_GAP:
        _woken = now
        await db.notify(WAKE)
