"""The door of delivery: how a result is to come, prepare, make ready, hand over against a pickup code."""

from server.features.delivery.messages import Posted, ReadyToCollect
from server.features.delivery.schemas import Claim, CollectionPolicy, DeliveryOut, DeskDelivery, ListOut, PostRow
from server.features.delivery.service import _watched as _watched
from server.features.delivery.service._choice import choice, choose
from server.features.delivery.service._counter import counts, desk, find
from server.features.delivery.service._hearing import ask_courier, forget_calls, told_by_courier
from server.features.delivery.service._ledger import export_ledger, ledger
from server.features.delivery.service._listing import list_view, lists, made, to_count
from server.features.delivery.service._lists import begin_list, count, give, receive, scan_on, take_off
from server.features.delivery.service._ordering import WAKE, call_off, order, place_orders
from server.features.delivery.service._posting import heard, label, post
from server.features.delivery.service._prepare import prepare, withhold
from server.features.delivery.service._shelving import ready
from server.features.delivery.service._signing import check, hand_over, sign_on_pad, sign_on_phone, signed, wrong_person
from server.features.delivery.service._uncollected import remind_uncollected, return_uncollected
from server.features.delivery.service._view import of_thread

__all__ = [
    "WAKE",
    "Claim",
    "CollectionPolicy",
    "DeliveryOut",
    "DeskDelivery",
    "ListOut",
    "PostRow",
    "Posted",
    "ReadyToCollect",
    "ask_courier",
    "begin_list",
    "call_off",
    "check",
    "choice",
    "choose",
    "count",
    "counts",
    "desk",
    "export_ledger",
    "find",
    "forget_calls",
    "give",
    "hand_over",
    "heard",
    "label",
    "ledger",
    "list_view",
    "lists",
    "made",
    "of_thread",
    "order",
    "place_orders",
    "post",
    "prepare",
    "ready",
    "receive",
    "remind_uncollected",
    "return_uncollected",
    "scan_on",
    "sign_on_pad",
    "sign_on_phone",
    "signed",
    "take_off",
    "to_count",
    "told_by_courier",
    "withhold",
    "wrong_person",
]
