"""The door of delivery: how a result is to come, prepare, make ready, hand over against a pickup code."""

from server.features.delivery.messages import ReadyToCollect
from server.features.delivery.schemas import Claim, DeliveryOut, DeskDelivery
from server.features.delivery.service._choice import choice, choose
from server.features.delivery.service._counter import counts, desk, find, hand_over, ready
from server.features.delivery.service._prepare import prepare, withhold
from server.features.delivery.service._view import of_thread

__all__ = [
    "Claim",
    "DeliveryOut",
    "DeskDelivery",
    "ReadyToCollect",
    "choice",
    "choose",
    "counts",
    "desk",
    "find",
    "hand_over",
    "of_thread",
    "prepare",
    "ready",
    "withhold",
]
