"""QR codes as the pages of the hall draw them."""

from __future__ import annotations

import io
from functools import lru_cache

import qrcode
from qrcode.image.svg import SvgPathImage


@lru_cache(maxsize=512)
def drawn(address: str) -> bytes:
    """Draw the QR that opens an address."""
    return fresh(address)


def fresh(address: str) -> bytes:
    """Draw one that nobody will ask for again."""
    sink = io.BytesIO()
    qrcode.make(address, image_factory=SvgPathImage, border=4).save(sink)
    return sink.getvalue()


def inline(address: str) -> str:
    """Draw it to stand within a page."""
    return drawn(address).decode().partition("?>")[2].strip() or drawn(address).decode()
