"""The door of the thread: open it, record steps, react to them, run its clocks, issue its codes, look at it."""

from server.features.thread.models import ClockKind, CodeKind, ThreadState
from server.features.thread.schemas import (
    ClockView,
    CodeView,
    Recorded,
    StepView,
    ThreadOut,
    ThreadsQuery,
    ThreadView,
    TrackView,
)
from server.features.thread.service._clocks import clocks, start_clock, stop_clock
from server.features.thread.service._codes import (
    forget_codes,
    issue_code,
    resolve_code,
    revoke_code,
    revoke_codes,
    standing_code,
    use_code,
)
from server.features.thread.service._number import format_number, parse_number
from server.features.thread.service._open import close, open  # noqa: A004 - `thread.open` is what it does
from server.features.thread.service._rows import get, many
from server.features.thread.service._steps import Reaction, is_public, on, reactions, record, step_text, timeline
from server.features.thread.service._view import handled_by, mine, next_of, track, view

__all__ = [
    "ClockKind",
    "ClockView",
    "CodeKind",
    "CodeView",
    "Reaction",
    "Recorded",
    "StepView",
    "ThreadOut",
    "ThreadState",
    "ThreadView",
    "ThreadsQuery",
    "TrackView",
    "clocks",
    "close",
    "forget_codes",
    "format_number",
    "get",
    "handled_by",
    "is_public",
    "issue_code",
    "many",
    "mine",
    "next_of",
    "on",
    "open",
    "parse_number",
    "reactions",
    "record",
    "resolve_code",
    "revoke_code",
    "revoke_codes",
    "standing_code",
    "start_clock",
    "step_text",
    "stop_clock",
    "timeline",
    "track",
    "use_code",
    "view",
]
