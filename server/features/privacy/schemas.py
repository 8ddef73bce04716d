"""What goes out."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct


class ErasureOut(Struct, kw_only=True):
    """The last wish to be forgotten, and what stands against it."""

    state: str
    at: datetime
    reason: str | None


class MyDataOut(Struct, kw_only=True):
    """What one may do about one's own data. `open_matters` must end before erasure; `kept` are named kinds of files."""

    erasure: ErasureOut | None
    open_matters: int
    kept: list[str]
    exports_left: int


class ErasureRow(Struct, kw_only=True):
    """One wish to be forgotten, at the desk."""

    id: UUID
    person: str
    document: str
    at: datetime
    open_matters: int
    kept: list[str]
