"""The door of delivery: how a result is to come, prepare, make ready, hand over against a pickup code."""

from server.features.delivery.messages import InLocker, Posted, ReadyToCollect
from server.features.delivery.models import Size
from server.features.delivery.schemas import (
    Claim,
    CollectionPolicy,
    Delivered,
    DeliveryOut,
    DeskDelivery,
    ListOut,
    PostRow,
)
from server.features.delivery.service import _watched as _watched
from server.features.delivery.service._attempts import WAYS, attempts, forget_attempts, kept_if_unproven
from server.features.delivery.service._banks import export_lockers, lockers, to_place
from server.features.delivery.service._cells import (
    call_back,
    emptied,
    fault,
    mend,
    open_door,
    place,
    recall_expired,
    set_up_bank,
    to_counter,
)
from server.features.delivery.service._choice import choice, choose
from server.features.delivery.service._counter import came_back, counts, find, on_shelf, to_make_ready
from server.features.delivery.service._delivered import delivered, news, note_delivered
from server.features.delivery.service._hearing import ask_courier, forget_calls, told_by_courier
from server.features.delivery.service._ledger import export_ledger, ledger
from server.features.delivery.service._listing import export_lists, list_view, lists, made, to_count, ways
from server.features.delivery.service._lists import begin_list, count, give, receive, scan_on, take_off
from server.features.delivery.service._ordering import WAKE, call_off, order, place_orders
from server.features.delivery.service._posting import heard, label, post
from server.features.delivery.service._prepare import prepare, withhold
from server.features.delivery.service._returned import begin_again
from server.features.delivery.service._shelving import ready
from server.features.delivery.service._signing import check, hand_over, sign_on_pad, sign_on_phone, signed, wrong_person
from server.features.delivery.service._terminal import forget_locker_calls, told_by_locker
from server.features.delivery.service._uncollected import remind_uncollected, return_uncollected
from server.features.delivery.service._view import of_thread

__all__ = [
    "WAKE",
    "WAYS",
    "Claim",
    "CollectionPolicy",
    "Delivered",
    "DeliveryOut",
    "DeskDelivery",
    "InLocker",
    "ListOut",
    "PostRow",
    "Posted",
    "ReadyToCollect",
    "Size",
    "ask_courier",
    "attempts",
    "begin_again",
    "begin_list",
    "call_back",
    "call_off",
    "came_back",
    "check",
    "choice",
    "choose",
    "count",
    "counts",
    "delivered",
    "emptied",
    "export_ledger",
    "export_lists",
    "export_lockers",
    "fault",
    "find",
    "forget_attempts",
    "forget_calls",
    "forget_locker_calls",
    "give",
    "hand_over",
    "heard",
    "kept_if_unproven",
    "label",
    "ledger",
    "list_view",
    "lists",
    "lockers",
    "made",
    "mend",
    "news",
    "note_delivered",
    "of_thread",
    "on_shelf",
    "open_door",
    "order",
    "place",
    "place_orders",
    "post",
    "prepare",
    "ready",
    "recall_expired",
    "receive",
    "remind_uncollected",
    "return_uncollected",
    "scan_on",
    "set_up_bank",
    "sign_on_pad",
    "sign_on_phone",
    "signed",
    "take_off",
    "to_count",
    "to_counter",
    "to_make_ready",
    "to_place",
    "told_by_courier",
    "told_by_locker",
    "ways",
    "withhold",
    "wrong_person",
]
