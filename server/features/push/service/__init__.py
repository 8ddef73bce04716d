"""The door of push: say something, read what was said, agree to be told, and send what waits."""

from server.features.push.models import Channel
from server.features.push.schemas import InboxOut, SubscriptionResult, Subscriptions, To, Told, UnreadOut
from server.features.push.service._credits import forget_reports, note_subscriptions, templates_for
from server.features.push.service._deliver import deliver, lose_patience
from server.features.push.service._inbox import inbox, mark_all_read, mark_read, told, unread
from server.features.push.service._kinds import Incomplete, Message, incomplete, kinds
from server.features.push.service._send import WAKE, send
from server.features.push.service._templates import templates

__all__ = [
    "WAKE",
    "Channel",
    "InboxOut",
    "Incomplete",
    "Message",
    "SubscriptionResult",
    "Subscriptions",
    "To",
    "Told",
    "UnreadOut",
    "deliver",
    "forget_reports",
    "inbox",
    "incomplete",
    "kinds",
    "lose_patience",
    "mark_all_read",
    "mark_read",
    "note_subscriptions",
    "send",
    "templates",
    "templates_for",
    "told",
    "unread",
]
