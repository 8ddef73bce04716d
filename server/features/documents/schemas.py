"""What goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct


class FileOut(Struct, kw_only=True):
    """One file of mine. `thumb_url` is null where there is no picture to show.

    `width` and `height` are a picture's, in dots; null for a PDF.
    """

    id: UUID
    name: str
    media_type: str
    size: int
    url: str
    thumb_url: str | None
    width: int | None
    height: int | None
    created_at: datetime


class PictureOut(Struct, kw_only=True):
    """A picture that was taken in; it counts once it is named in what is said."""

    id: UUID
    size: int


class UploadIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A file that will come in parts: its name and its size in bytes."""

    name: Annotated[str, Meta(min_length=1, max_length=500)]
    size: Annotated[int, Meta(ge=1, le=1 << 40)]


class UploadOut(Struct, kw_only=True):
    """How far an upload is. The next part begins at byte `received` and has at most `part` bytes."""

    id: UUID
    size: int
    received: int
    part: int
    expires_at: datetime


class NoticeOut(Struct, kw_only=True):
    """One numbered paper of a thread."""

    id: UUID
    number: str
    kind: str
    title: str
    url: str
    issued_at: datetime


class NoticeCheck(Struct, kw_only=True):
    """What a stranger who scans a notice may know: that it is ours, and which one."""

    number: str
    kind: str
    title: str
    item: str
    issued_at: datetime


class SealWanted(Struct, kw_only=True):
    """Which uses of seals: `q` is a paper's number or its serial, or a case number; both days are included."""

    q: str = ""
    power: str = ""
    department_id: UUID | None = None
    first_on: date | None = None
    last_on: date | None = None


class SealUseOut(Struct, kw_only=True):
    """One use of a seal: when, which paper of which matter, who, under what power (`under`: its instrument)."""

    id: UUID
    at: datetime
    department: str
    matter: str
    paper: str
    number: str
    power: str
    under: str | None
    who: str | None
    for_whom: str | None
