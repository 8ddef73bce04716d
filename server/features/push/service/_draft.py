"""Saying the same thing to many: written once, sealed for each, kept by the statement of whoever does the deed."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

import msgspec

from server import db
from server.features.push.models import Channel
from server.features.push.service._carry import askable
from server.features.push.service._kinds import Message, written
from server.features.push.service._send import PATIENCE, Payload, filled_payload
from server.features.push.service._ways import subscribe_templates

# Joins to `asked (account_id)`: the templates nobody need ask for, agreed to or said no to since {respite}.
AGREED = """
    CROSS JOIN LATERAL (SELECT array_agg(template_id) AS settled FROM subscription_credit
        WHERE subscription_credit.account_id = asked.account_id
            AND (balance > 0 OR long_term OR rejected_at > {respite})) AS credit
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A message without its page's parameters. `payload` is None for the inbox alone."""

    kind: str
    page: str
    text: bytes
    payload: Payload | None
    priority: int
    retry_unknown: bool
    sms: bool

    def sealed_text(self, inbox_id: UUID) -> bytes:
        """Seal the words for one inbox row."""
        return db.seal_bytes("inbox", "text_sealed", inbox_id, self.text)

    def sealed_payload(self, outbox_id: UUID, page: str) -> bytes:
        """Seal what the worker sends for one outbox row."""
        assert self.payload is not None  # noqa: S101 - who has no payload makes no outbox row
        payload = msgspec.structs.replace(self.payload, page=page.lstrip("/"))
        return db.seal_json("outbox", "payload_sealed", outbox_id, payload)


def draft(message: Message) -> Draft:
    """Write a message down once. What differs from person to person may only stand in its page."""
    payload = None if message.template is None else filled_payload(message)
    return Draft(
        kind=message.kind,
        page=message.page,
        text=msgspec.json.encode(written(message)),
        payload=payload,
        priority=message.priority,
        retry_unknown=message.retry_unknown,
        sms=message.sms and payload is not None and bool(payload.values),
    )


# Joins to `asked (account_id)`: whether somebody has ever answered a popup.
EVER_ASKED = """
    CROSS JOIN LATERAL (SELECT EXISTS (SELECT 1 FROM subscription_credit
        WHERE subscription_credit.account_id = asked.account_id) AS ever_asked) AS answered
"""


def asked_for(kind: type[Message], settled: Collection[str]) -> list[str]:
    """List the templates to ask for so that a kind may be sent; `settled` are those AGREED gave."""
    lacking = [template for template in subscribe_templates(kind) if template.id not in settled]
    return askable(lacking)


def inbox_rows(source: str, *, at: str) -> str:
    """Give the INSERT of one inbox row a row that says something to a person.

    It reads `inbox_id` (NULL: nothing is said), `kind, event, person_id, thread_id, page, text_sealed`.
    """
    return f"""INSERT INTO inbox (id, created_at, kind, event, person_id, thread_id, page, text_sealed)
        SELECT inbox_id, {at}, kind, event, person_id, thread_id, page, text_sealed FROM {source}
        WHERE inbox_id IS NOT NULL"""  # noqa: S608 - our own words


def outbox_rows(source: str, *, at: str) -> str:
    """Give the INSERT of one outbox row a row whose `outbox_id` is not NULL.

    It reads `outbox_id, inbox_id, thread_id, kind, target, person_id, template, payload_sealed, priority, deadline,
    retry_unknown, sms`; without a `target` account it goes by SMS.
    """
    patience = f"least(interval '{PATIENCE.seconds} seconds', (deadline - {at}) / 2)"
    return f"""INSERT INTO outbox (id, created_at, inbox_id, channel, kind, account_id, person_id, thread_id, template,
            payload_sealed, priority, run_at, due_at, deadline, patience_at, retry_unknown, sms)
        SELECT outbox_id, {at}, inbox_id,
            CASE WHEN target IS NULL THEN '{Channel.SMS.value}' ELSE '{Channel.WECHAT.value}' END, kind, target,
            person_id, thread_id, template, payload_sealed, priority, {at}, {at}, deadline,
            CASE WHEN sms AND target IS NOT NULL THEN {at} + {patience} END, retry_unknown, sms
        FROM {source} WHERE outbox_id IS NOT NULL"""  # noqa: S608 - our own words
