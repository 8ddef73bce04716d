"""Which way its result should take, as a case has it."""

from __future__ import annotations

from msgspec import convert

from server.features.cases.models import Case
from server.features.cases.schemas import DeliveryWish


def delivery_of(case: Case) -> DeliveryWish | None:
    """Read the wish for delivery, if it has been made."""
    return None if case.delivery is None else convert(case.delivery, DeliveryWish, strict=False)
