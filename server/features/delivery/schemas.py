"""What goes out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct

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


class DeliveryOut(Struct, kw_only=True):
    """Where the result is. `pickup_code` is shown to the holder once there is something to collect.

    `changeable`: it may still be had another way.
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


class ChoiceOut(Struct, kw_only=True):
    """How the result is to come, and what can be chosen while it is `changeable`; `several` results of one theme."""

    title: str
    number: str
    wish: cases.DeliveryWish
    methods: list[str]
    halls: list[catalogue.HallView]
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


class Claim(Struct, kw_only=True):
    """What a pickup code stands for, for the officer who must compare a face and a document with it."""

    item: str
    number: str
    person: str
    document_kind: str
    document: str
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
