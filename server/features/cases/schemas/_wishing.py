"""How a result should reach the person."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from msgspec import Struct

from server.features.identity import service as identity


class DeliveryIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """How the result should reach the person; those of a theme all `together`, or each as it comes.

    By post it goes to an address of one's book, into a locker of the bank that `hall_id` names.
    """

    method: Literal["counter", "locker", "none", "post"]
    hall_id: UUID | None = None
    together: bool = False
    address_id: UUID | None = None


class DeliveryWish(Struct, kw_only=True):
    """How the result should reach the person; `address` as the book had it when it was chosen."""

    method: Literal["counter", "locker", "none", "post"]
    hall_id: UUID | None = None
    together: bool = False
    address_id: UUID | None = None
    address: identity.Postal | None = None
