"""Results on their way, and the lists by which they change hands."""

from server.features.delivery.models._attempt import Attempt
from server.features.delivery.models._delivery import CHANGEABLE, MOVES, WAITING, Delivery, DeliveryState
from server.features.delivery.models._lists import HandoverLine, HandoverList
from server.features.delivery.models._locker import SIZES, LockerCell, LockerSaid, Size
from server.features.delivery.models._order import FAILED, LIVE, CourierOrder, CourierSaid
from server.features.delivery.models._receipt import PATIENCE, Receipt, read_signature
from server.features.delivery.models._sending import HEARD, Sending, SendingEvent, read_waybill

__all__ = [
    "CHANGEABLE",
    "CONSTRAINTS",
    "FAILED",
    "HEARD",
    "LIVE",
    "MOVES",
    "PATIENCE",
    "SIZES",
    "WAITING",
    "Attempt",
    "CourierOrder",
    "CourierSaid",
    "Delivery",
    "DeliveryState",
    "HandoverLine",
    "HandoverList",
    "LockerCell",
    "LockerSaid",
    "Receipt",
    "Sending",
    "SendingEvent",
    "Size",
    "read_signature",
    "read_waybill",
]

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
    "delivery_receipt_key",
    "sending_state_check",
    "sending_waybill_key",
    "sending_live_key",
    "delivery_noted_check",
    "delivery_ended_check",
    "hall_served_check",
    "delivery_bank_check",
    "locker_cell_positive_check",
    "locker_cell_size_check",
    "locker_cell_state_check",
    "locker_cell_delivery_key",
    "locker_cell_number_key",
    "locker_cell_content_check",
    "locker_call_nonce_key",
    "courier_order_state_check",
    "courier_order_waybill_key",
    "courier_order_ordered_check",
    "courier_order_lease_check",
    "courier_order_live_key",
    "courier_call_nonce_key",
    "delivery_receipt_on_check",
    "delivery_receipt_signed_check",
    "delivery_attempt_way_check",
)
