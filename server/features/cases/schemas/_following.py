"""Papers that follow after acceptance, as the phone sees them, and the commitment that is signed for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.documents.service import FileOut


class FollowingLine(Struct, kw_only=True):
    """One paper that follows: `awaited`, `sent` by phone and not looked at, `returned` and why, or `received`.

    `unsent` are the files the applicant has chosen and not sent; nobody else sees them.
    """

    key: str
    name: str
    state: Literal["awaited", "sent", "returned", "received"]
    reason: str | None = None
    unsent: list[FileOut] = []


class CommitmentOut(Struct, kw_only=True):
    """The words to sign, or signed at `signed_at`. After `sign_by` the papers are asked for as a correction."""

    id: UUID
    version: str
    lines: list[str]
    sign_by: date
    signed_at: datetime | None


class Following(Struct, kw_only=True):
    """What follows by when. `state`: `offered` to be signed, `open` while something is awaited, `done`, or `late`."""

    state: Literal["offered", "open", "done", "late"]
    lines: list[FollowingLine]
    due_on: date
    commitment: CommitmentOut | None


class OriginalLine(Struct, kw_only=True):
    """One original to show, and what it must be like."""

    key: str
    name: str
    standards: list[str]


class Originals(Struct, kw_only=True):
    """What to show at which hall. `due_on` once the pre-review has let the application through; None while it looks."""

    lines: list[OriginalLine]
    hall_id: UUID
    hall: str
    address: str
    bookable: bool
    due_on: date | None


class CommitIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Signed: which commitment, in which words (`version`), and that whoever signs has read and means it."""

    commitment_id: UUID
    version: Annotated[str, Meta(max_length=20)]
    agreed: bool


class RefuseIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Not signed: which commitment."""

    commitment_id: UUID


class CommitmentAtDesk(Struct, kw_only=True):
    """What became of the commitment sent to the phone: `offered`, `signed` or `refused`, and when."""

    state: str
    lines: list[str]
    offered_at: datetime
    sign_by: date
    answered_at: datetime | None
