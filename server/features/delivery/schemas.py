"""What goes out."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, ClassVar
from uuid import UUID

from msgspec import Meta, Struct

from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity


class HallRef(Struct, kw_only=True):
    """Where to collect."""

    id: UUID
    name: str
    address: str
    phone: str | None
    hours_text: str


class ParcelStep(Struct, kw_only=True):
    """One thing heard of a parcel."""

    at: datetime
    text: str
    place: str | None = None


class DeliveryOut(Struct, kw_only=True):
    """Where the result is. `pickup_code` is shown to the holder once there is something to collect.

    `changeable`: it may still be had another way; `to_sign`: the counter waits for one's signature.
    """

    id: UUID
    method: str
    state: str
    state_text: str
    hall: HallRef
    pickup_code: str | None
    shelf: str | None
    ready_at: datetime | None
    collected_at: datetime | None
    address: identity.Postal | None
    changeable: bool
    to_sign: bool
    carrier: str | None
    waybill: str | None
    track: list[ParcelStep]


class SignatureIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Strokes on a square of 1000 by 1000, as `x,y x,y;x,y x,y`."""

    drawn: Annotated[str, Meta(max_length=40_000)]


class ChoiceOut(Struct, kw_only=True):
    """How the result is to come, and what can be chosen while it is `changeable`; `several` results of one theme.

    `banks`: the lockers.
    """

    title: str
    number: str
    wish: cases.DeliveryWish
    methods: list[str]
    halls: list[catalogue.HallView]
    banks: list[catalogue.HallView]
    addresses: list[identity.AddressOut]
    several: bool
    changeable: bool


class DeskDelivery(Struct, kw_only=True):
    """A result as the counter sees it."""

    id: UUID
    thread_id: UUID
    number: str
    item: str
    person: str
    state: str
    state_text: str
    shelf: str | None
    since: datetime


class Taker(Struct, kw_only=True):
    """Somebody who may take a result, in clear. `relation` is what they are to the holder, be it a person or an
    enterprise; None for the holder, and for whoever applied for an enterprise at a window.
    """

    id: UUID
    name: str
    document_kind: str
    document: str
    relation: str | None


class CollectionPolicy(catalogue.Policy, frozen=True, kw_only=True):
    """So many calendar days after, what is not collected is asked after, and goes back; a locker is for fewer."""

    kind: ClassVar[str] = "collection"
    remind_after_days: Annotated[int, Meta(ge=1, le=90)] = 7
    keep_days: Annotated[int, Meta(ge=5, le=365)] = 30
    locker_days: Annotated[int, Meta(ge=1, le=30)] = 3

    def unfit(self) -> str | None:
        """Name a field that does not go with the others, if there is one."""
        return None if self.remind_after_days < self.keep_days else "remind_after_days"


class Claim(Struct, kw_only=True):
    """What a pickup code stands for, for the officer who must compare a face and a document with it."""

    item: str
    number: str
    takers: list[Taker]
    enterprise: str | None
    shelf: str


class HandedOver(Struct, kw_only=True):
    """What the counter shows after handing over: whose it was, and the thread that may now be rated."""

    thread_id: UUID
    number: str
    item: str
    person: str


class MadeResult(Struct, kw_only=True):
    """A result a department has made and not handed over."""

    id: UUID
    number: str
    item: str
    person: str
    method: str
    hall_id: UUID
    hall: str
    department_id: UUID
    since: datetime


class ListOut(Struct, kw_only=True):
    """A hand-over list, and who has signed it."""

    id: UUID
    number: int
    department: str
    hall: str
    state: str
    state_text: str
    lines: int
    missing: int
    begun_at: datetime
    given_by: str | None
    given_at: datetime | None
    counted_by: str | None
    counted_at: datetime | None


class ListedResult(Struct, kw_only=True):
    """One line of a list."""

    id: UUID
    number: str
    item: str
    person: str
    method: str
    state: str
    shelf: str | None


class ListView(Struct, kw_only=True):
    """A list with its lines, and on which side the officer may go on: `give` or `count`."""

    head: ListOut
    lines: list[ListedResult]
    can: str | None


class OrderOut(Struct, kw_only=True):
    """What the courier was asked to fetch: how that stands, and why it failed or goes on."""

    state: str
    state_text: str
    reason: str | None


class PostRow(Struct, kw_only=True):
    """One line of the post ledger: `to_send`, or as its newest parcel stands. `can`: the officer's hall sends it.

    `order`: what is asked of the courier while it lies here.
    """

    id: UUID
    number: str
    item: str
    person: str
    hall: str
    state: str
    state_text: str
    waybill: str | None
    since: datetime
    can: bool
    order: OrderOut | None


class CellOut(Struct, kw_only=True):
    """One door of a locker bank; `holds` is the number of the matter inside."""

    id: UUID
    number: int
    size: str
    state: str
    state_text: str
    holds: str | None
    item: str | None
    since: datetime | None


class LockerBank(Struct, kw_only=True):
    """One bank with its cells."""

    id: UUID
    key: str
    name: str
    address: str
    free: int
    cells: list[CellOut]


class ToPlace(Struct, kw_only=True):
    """A result that waits to be put into a cell."""

    id: UUID
    number: str
    item: str
    person: str
    bank: str
    shelf: str | None
    since: datetime


class LockersView(Struct, kw_only=True):
    """The lockers at the desk; `unserved` banks may be taken over by a hall."""

    banks: list[LockerBank]
    waiting: list[ToPlace]
    unserved: list[catalogue.HallView]


class Delivered(Struct, kw_only=True):
    """How one result ended; `good`: it is the person's. `noted`: somebody of its department has seen this."""

    number: str
    item: str
    person: str
    place: str
    how: str
    good: bool
    waybill: str | None
    at: datetime
    noted: bool


class AttemptRow(Struct, kw_only=True):
    """What was tried and refused: where, why, and to whom of the staff."""

    id: UUID
    at: datetime
    way: str
    reason: str
    reason_text: str
    hall: str | None
    by: str | None


class LabelOut(Struct, kw_only=True):
    """What stands on the label of a parcel."""

    to: identity.Postal
    sender: str
    sender_address: str
    sender_phone: str | None
    waybill: str | None
    number: str
