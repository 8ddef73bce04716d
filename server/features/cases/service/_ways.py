"""The ways in which a result may reach the person, and which one a case wants."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert

from server.errors import NotFound
from server.features.cases.models import Case
from server.features.cases.schemas import DeliveryWish


async def wanted_delivery(thread_id: UUID) -> tuple[Case, DeliveryWish]:
    """Tell how the newest case of a thread wants its result delivered."""
    case = await Case.filter(thread_id=thread_id).order_by("-created_at").first()
    if case is None:
        raise NotFound
    return case, delivery_of(case) or DeliveryWish(method="none")


def delivery_of(case: Case) -> DeliveryWish | None:
    """Read the wish for delivery, if it has been made."""
    return None if case.delivery is None else convert(case.delivery, DeliveryWish, strict=False)
