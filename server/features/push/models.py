"""Rows of push. The outbox is handled by statements of its own: it is the hot path of the worker."""

from __future__ import annotations

import enum

CONSTRAINTS = (
    "inbox_event_key",
    "inbox_party_check",
    "outbox_channel_key",
    "outbox_channel_check",
    "outbox_state_check",
    "outbox_lease_check",
    "outbox_end_check",
    "outbox_stuck_index",
    "outbox_attempt_outbox_index",
    *(f"bare_text_{rule}" for rule in ("dedupe_key", "state_check", "sealed_check", "ended_check")),
    "planned_message_event_key",
    "planned_message_state_check",
    "subscription_credit_key",
    "subscription_credit_balance_check",
    "subscription_report_key",
    "subscription_switch_account_key",
    "follower_openid_key",
    "push_event_key",
    "receipt_provider_key",
    "wechat_token_appid_key",
    "arrival_key",
    "arrival_source_check",
    "arrival_state_check",
    "arrival_end_check",
    "push_preference_key",
    "push_tally_created_index",
    "broadcast_state_check",
    "broadcast_two_people_check",
    "broadcast_approved_check",
    "broadcast_end_check",
)


class Channel(enum.StrEnum):
    """A way to a person's phone, in the order they are tried: mini-program, service account, text message."""

    WECHAT = "wechat"
    SERVICE = "service"
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


class Reason(enum.StrEnum):
    """Why a message did not go a way, in our words. The other side's own codes stand beside these as they are."""

    NOT_AGREED = "not_agreed"  # never asked, or never accepted
    USED_UP = "used_up"  # agreed to as often as was sent
    REJECTED = "rejected"  # asked, and said no
    MAIN_SWITCH = "main_switch"  # all messages of the mini-program are off
    BANNED = "banned"  # WeChat has banned the template
    UNREACHABLE = "unreachable"  # nobody there: no WeChat, not a follower, no number
    ANSWER_LOST = "answer_lost"  # sent, or not: nobody answered
    BROKEN = "broken"  # it broke the sender
    UNREADABLE = "unreadable"  # what was kept does not open
    UNFIT = "unfit"  # a value no template takes
    PAUSED = "paused"  # the way was closed for too long
    DEADLINE = "deadline"  # of no use any more
    CANCELLED = "cancelled"  # what it was about has gone
