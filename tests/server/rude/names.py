"""What in a request says whose thing is meant."""

from __future__ import annotations

from server.kit.ids import new_id

# Names of parameters, queries and fields that say whose thing is meant; each is in the `ids` of a `Holder`.
_PAPERS = {"booking_id", "case_id", "file_id", "notice_id", "ticket_id"}
OF_CITIZENS = frozenset(
    {
        "certificate_id",
        "check_id",
        "clerk_id",
        "consent_id",
        "enterprise_id",
        "for_person_id",
        "mandate_id",
        "message_id",
        "session_id",
    }
    | {"address_id", "thread_id", "upload_id", "waiting_id", *_PAPERS}
)
# Neither `mandate_id` nor `paper_id`: whoever stands at any window of the county is served there, and reads who looked.
OF_STAFF = frozenset(
    {
        "appeal_id",
        "asked_id",
        "authorisation_id",
        "batch_id",
        "broadcast_id",
        "bank",
        "cell_id",
        "certificate_id",
        "change_id",
        "delegation_id",
        "device_id",
        "edit_id",
        "line_edit_id",
        "line_id",
        "parcel_id",
        "picture_id",
        "plan_id",
    }
    | {
        "CodeForm.code",
        "complaint_id",
        "DeskQuery.done",
        "CheckForm.code",
        "PanelQuery.done",
        "delivery_id",
        "erasure_id",
        "hall",
        "list_id",
        "burst_id",
        "order_id",
        "rating_id",
        "receipt_id",
        "hall_id",
    }
    | {
        "ids",
        "message_id",
        "person_id",
        "matter_id",
        "rectification_id",
        "staff_id",
        "thread",
        "thread_id",
        "window",
        "window_id",
        *_PAPERS,
    }
)


def nothings() -> dict[str, str]:
    """Ids that look right and belong to nothing."""
    found = {name: str(new_id()) for name in OF_CITIZENS | OF_STAFF}
    return found | {"CodeForm.code": "00000000", "CheckForm.code": "00000000"}
