"""Rows of push. The outbox is handled by statements of its own: it is the hot path of the worker."""

from __future__ import annotations

import enum

CONSTRAINTS = (
    "inbox_event_key",
    "inbox_party_check",
    "outbox_channel_key",
    "outbox_state_check",
    "outbox_lease_check",
    "outbox_end_check",
    "subscription_credit_key",
    "subscription_credit_balance_check",
    "subscription_report_key",
    "wechat_token_appid_key",
)


class Channel(enum.StrEnum):
    """A way to a person's phone."""

    WECHAT = "wechat"
    SMS = "sms"


class OutboxState(enum.StrEnum):
    """`refused` will never be taken (by WeChat: not agreed to), `dead` was given up, both with a reason."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    DELIVERED = "delivered"
    REFUSED = "refused"
    DEAD = "dead"
    TOO_LATE = "too_late"
