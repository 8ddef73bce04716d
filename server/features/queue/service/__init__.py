"""The door of the queue. Whoever arrives, whoever calls and whoever watches enters here."""

from server.features.queue.messages import Called, Soon
from server.features.queue.models import DeviceKind, Green
from server.features.queue.schemas import (
    ArrivalOut,
    BoardOut,
    CrowdOut,
    DeskTicket,
    KindOut,
    TicketOut,
    WalkInIn,
)
from server.features.queue.service import _watched as _watched
from server.features.queue.service._ages import age_of_ticket
from server.features.queue.service._ahead import lines_of
from server.features.queue.service._arrive import (
    check_in_at_desk,
    check_in_at_kiosk,
    check_in_by_hall,
    hall_token,
)
from server.features.queue.service._audience import Waiting
from server.features.queue.service._call import call_next
from server.features.queue.service._close import close_day
from server.features.queue.service._crowd import crowds
from server.features.queue.service._devices import (
    DeviceView,
    Paired,
    add_device,
    device_of,
    devices_of,
    door_code,
    pair,
    pair_again,
    revoke_device,
)
from server.features.queue.service._live import go_live
from server.features.queue.service._load import WindowLoads, window_load
from server.features.queue.service._panel import code_of, kinds, waiting, waiting_now
from server.features.queue.service._policy import kinds_of, policy_of, set_policy, take_numbers
from server.features.queue.service._rules import (
    RANGES,
    LineEffect,
    apply_line_edits,
    edit_line,
    line_edits,
    line_effect,
    undo_line,
    undo_line_effect,
)
from server.features.queue.service._screen import arrival, board, boards
from server.features.queue.service._serve import (
    bring_back,
    finish,
    hold,
    leave,
    leave_all,
    mark_green,
    recall,
    resume,
    skip,
    start,
    transfer,
)
from server.features.queue.service._served import (
    Served,
    has_number,
    is_served,
    last_served,
    served_by_slip,
    served_of_thread,
    threads_served,
)
from server.features.queue.service._turns import turn
from server.features.queue.service._view import give_back, of_thread, watch, watch_by_code
from server.features.queue.service._walk_in import walk_in, walk_in_at_desk, walk_in_at_kiosk
from server.features.queue.service._windows import Duty, duty_of, pause, reopen, take_over, window_of

__all__ = [
    "RANGES",
    "ArrivalOut",
    "BoardOut",
    "Called",
    "CrowdOut",
    "DeskTicket",
    "DeviceKind",
    "DeviceView",
    "Duty",
    "Green",
    "KindOut",
    "LineEffect",
    "Paired",
    "Served",
    "Soon",
    "TicketOut",
    "Waiting",
    "WalkInIn",
    "WindowLoads",
    "add_device",
    "age_of_ticket",
    "apply_line_edits",
    "arrival",
    "board",
    "boards",
    "bring_back",
    "call_next",
    "check_in_at_desk",
    "check_in_at_kiosk",
    "check_in_by_hall",
    "close_day",
    "code_of",
    "crowds",
    "device_of",
    "devices_of",
    "door_code",
    "duty_of",
    "edit_line",
    "finish",
    "give_back",
    "go_live",
    "hall_token",
    "has_number",
    "hold",
    "is_served",
    "kinds",
    "kinds_of",
    "last_served",
    "leave",
    "leave_all",
    "line_edits",
    "line_effect",
    "lines_of",
    "mark_green",
    "of_thread",
    "pair",
    "pair_again",
    "pause",
    "policy_of",
    "recall",
    "reopen",
    "resume",
    "revoke_device",
    "served_by_slip",
    "served_of_thread",
    "set_policy",
    "skip",
    "start",
    "take_numbers",
    "take_over",
    "threads_served",
    "transfer",
    "turn",
    "undo_line",
    "undo_line_effect",
    "waiting",
    "waiting_now",
    "walk_in",
    "walk_in_at_desk",
    "walk_in_at_kiosk",
    "watch",
    "watch_by_code",
    "window_load",
    "window_of",
]
