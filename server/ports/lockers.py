"""The door to locker banks: we open cells for the window, and their terminals tell us what people do."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class LockerCall:
    """What a terminal told, proven to be from it: a `code` was typed, a cell was emptied (`taken`), or is at `fault`.

    No other call has its `nonce`. `bank` is the bank's key.
    """

    nonce: str
    bank: str
    event: Literal["code", "taken", "fault"]
    code: str = ""
    cell: int = 0


class Lockers(Protocol):
    """The banks, as far as we use them."""

    @property
    def configured(self) -> bool:
        """Say whether cells can be opened from here; the window has a key in any case."""
        ...

    async def open(self, bank: str, cell: int) -> None:
        """Open a cell for the window. Raises OutsideError."""
        ...

    def read(self, headers: Mapping[str, str], body: bytes) -> LockerCall:
        """Open what a terminal sent to our own address. Raises Forbidden, Malformed."""
        ...
