"""The door of delivery: how a result is to come, prepare, make ready, hand over against a pickup code."""

from server.features.delivery.messages import ReadyToCollect
from server.features.delivery.schemas import Claim, DeliveryOut, DeskDelivery, ListOut
from server.features.delivery.service._choice import choice, choose
from server.features.delivery.service._counter import counts, desk, find, hand_over
from server.features.delivery.service._listing import list_view, lists, made, to_count
from server.features.delivery.service._lists import begin_list, count, give, receive, scan_on, take_off
from server.features.delivery.service._prepare import prepare, withhold
from server.features.delivery.service._shelving import ready
from server.features.delivery.service._view import of_thread

__all__ = [
    "Claim",
    "DeliveryOut",
    "DeskDelivery",
    "ListOut",
    "ReadyToCollect",
    "begin_list",
    "choice",
    "choose",
    "count",
    "counts",
    "desk",
    "find",
    "give",
    "hand_over",
    "list_view",
    "lists",
    "made",
    "of_thread",
    "prepare",
    "ready",
    "receive",
    "scan_on",
    "take_off",
    "to_count",
    "withhold",
]
