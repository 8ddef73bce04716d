"""Pictures that people have sent, as whoever works on what they sent sees them."""

from __future__ import annotations

from server.web import Raw


def private(content_type: str, content: bytes) -> Raw:
    """Give a picture that nothing on the way may keep."""
    return Raw(body=content, content_type=content_type, headers={"cache-control": "private, no-store"})
