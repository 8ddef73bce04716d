"""The door of push: say something, read what was said, agree to be told, and send what waits."""

from server.features.push.models import Channel, OutboxState, Reason
from server.features.push.schemas import (
    Carried,
    FollowEvent,
    InboxOut,
    SentEvent,
    SubscribeEvent,
    SubscriptionResult,
    Subscriptions,
    TemplateFinished,
    To,
    Told,
    UnreadOut,
    WillCarry,
)
from server.features.push.service import _watched as _watched
from server.features.push.service._again import resend, retry_all, stuck, stuck_messages
from server.features.push.service._arrivals import ARRIVED, forget_arrivals, keep_event, pull_reports
from server.features.push.service._asking import ask_reports
from server.features.push.service._audience import (
    Audience,
    audience,
    audiences,
    broadcast_kinds,
    broadcastable,
)
from server.features.push.service._bare import BARE_WAKE, Text, TextOutbox, TooLateError, send_bare, text
from server.features.push.service._broadcast import (
    approve,
    broadcast,
    broadcasts,
    feed_broadcasts,
    preview,
    propose,
    refuse,
    stop,
)
from server.features.push.service._carry import RESPITE, asked_first, templates_for, will_carry
from server.features.push.service._causes import CAUSES, cause_of
from server.features.push.service._complete import incomplete
from server.features.push.service._credits import forget_reports, note_subscriptions, report_popup
from server.features.push.service._deliver import deliver, lose_patience
from server.features.push.service._draft import (
    AGREED,
    EVER_ASKED,
    Draft,
    asked_for,
    draft,
    inbox_rows,
    outbox_rows,
)
from server.features.push.service._events import (
    forget_events,
    on_followed,
    on_subscribe_change,
    on_subscribe_popup,
    on_subscribe_sent,
    on_template_finished,
    on_unfollowed,
)
from server.features.push.service._health import fold_tallies, health
from server.features.push.service._hearing import hear
from server.features.push.service._inbox import delete, inbox, mark_all_read, mark_read, message, restore, told, unread
from server.features.push.service._kinds import Incomplete, Message, kinds
from server.features.push.service._log import (
    MANAGERS,
    answers_for_county,
    log_of_person,
    log_of_thread,
    newest,
    reaches,
)
from server.features.push.service._party import send_to_party, to_party
from server.features.push.service._plans import call_off, cancel, move, say_due, send
from server.features.push.service._receipts import match_receipts
from server.features.push.service._rest import end_rest
from server.features.push.service._send import WAKE, wake
from server.features.push.service._shown import (
    BroadcastIn,
    BroadcastView,
    Health,
    LogLine,
    Preview,
    ResendReason,
    Stuck,
    StuckMessage,
)
from server.features.push.service._templates import differences, templates, use_templates
from server.features.push.service._wanted import topics, want

__all__ = [
    "AGREED",
    "ARRIVED",
    "BARE_WAKE",
    "CAUSES",
    "EVER_ASKED",
    "MANAGERS",
    "RESPITE",
    "WAKE",
    "Audience",
    "BroadcastIn",
    "BroadcastView",
    "Carried",
    "Channel",
    "Draft",
    "FollowEvent",
    "Health",
    "InboxOut",
    "Incomplete",
    "LogLine",
    "Message",
    "OutboxState",
    "Preview",
    "Reason",
    "ResendReason",
    "SentEvent",
    "Stuck",
    "StuckMessage",
    "SubscribeEvent",
    "SubscriptionResult",
    "Subscriptions",
    "TemplateFinished",
    "Text",
    "TextOutbox",
    "To",
    "Told",
    "TooLateError",
    "UnreadOut",
    "WillCarry",
    "answers_for_county",
    "approve",
    "ask_reports",
    "asked_first",
    "asked_for",
    "audience",
    "audiences",
    "broadcast",
    "broadcast_kinds",
    "broadcastable",
    "broadcasts",
    "call_off",
    "cancel",
    "cause_of",
    "delete",
    "deliver",
    "differences",
    "draft",
    "end_rest",
    "feed_broadcasts",
    "fold_tallies",
    "forget_arrivals",
    "forget_events",
    "forget_reports",
    "health",
    "hear",
    "inbox",
    "inbox_rows",
    "incomplete",
    "keep_event",
    "kinds",
    "log_of_person",
    "log_of_thread",
    "lose_patience",
    "mark_all_read",
    "mark_read",
    "match_receipts",
    "message",
    "move",
    "newest",
    "note_subscriptions",
    "on_followed",
    "on_subscribe_change",
    "on_subscribe_popup",
    "on_subscribe_sent",
    "on_template_finished",
    "on_unfollowed",
    "outbox_rows",
    "preview",
    "propose",
    "pull_reports",
    "reaches",
    "refuse",
    "report_popup",
    "resend",
    "restore",
    "retry_all",
    "say_due",
    "send",
    "send_bare",
    "send_to_party",
    "stop",
    "stuck",
    "stuck_messages",
    "templates",
    "templates_for",
    "text",
    "to_party",
    "told",
    "topics",
    "unread",
    "use_templates",
    "wake",
    "want",
    "will_carry",
]
