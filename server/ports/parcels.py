"""The door to the courier, who fetches results at a hall and brings them to people."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

ParcelState = Literal["picked_up", "in_transit", "out_for_delivery", "signed", "returned", "lost"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelEnd:
    """One end of a parcel's way."""

    name: str
    phone: str
    address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParcelNews:
    """What the courier says of a parcel: `order` is our own number, `place` the courier's words for where it is."""

    order: str
    waybill: str
    state: ParcelState
    at: datetime
    place: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CourierCall:
    """What the courier told of by itself, proven to be from it. No other call has its `nonce`."""

    nonce: str
    news: ParcelNews


class Courier(Protocol):
    """The courier, as far as we use it. What asks it raises OutsideError."""

    @property
    def configured(self) -> bool:
        """Say whether there is a courier at all."""
        ...

    @property
    def name(self) -> str:
        """Name it as people know it."""
        ...

    async def create(self, order: str, *, sender: ParcelEnd, to: ParcelEnd) -> str:
        """Order that a parcel is fetched and brought; give its waybill. The same order again gives the same one."""
        ...

    async def cancel(self, order: str) -> None:
        """Call an order off; twice is fine. `picked_up` says that it is too late, `unknown_order` there is none."""
        ...

    async def track(self, order: str) -> list[ParcelNews]:
        """List what happened to a parcel, the oldest first."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> CourierCall:
        """Open what was sent to our own address. Raises Forbidden, Malformed."""
        ...
