"""Results on their way, and the lists by which they change hands."""

from server.features.delivery.models._delivery import MOVES, WAITING, Delivery, DeliveryState
from server.features.delivery.models._lists import HandoverLine, HandoverList

__all__ = ["CONSTRAINTS", "MOVES", "WAITING", "Delivery", "DeliveryState", "HandoverLine", "HandoverList"]

CONSTRAINTS = (
    "delivery_case_key",
    "delivery_method_check",
    "delivery_state_check",
    "delivery_collected_check",
    "delivery_pickup_key",
    "delivery_address_check",
    "delivery_made_check",
    "handover_list_number_key",
    "handover_list_state_check",
    "handover_list_given_check",
    "handover_list_counted_check",
    "handover_list_sides_check",
    "handover_line_state_check",
    "handover_line_shelf_check",
    "handover_line_open_key",
)
