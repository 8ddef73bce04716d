"""Identifiers: time-ordered for rows, random for everything a stranger may hold."""

from __future__ import annotations

import os
import secrets
import time
from uuid import UUID


def new_id() -> UUID:
    """Make a version 7 UUID (RFC 9562): rows made together lie together in the index."""
    millis = time.time_ns() // 1_000_000
    random = int.from_bytes(os.urandom(10), "big")
    value = (millis & (1 << 48) - 1) << 80 | random
    value = value & ~(0xF << 76) | 0x7 << 76
    value = value & ~(0x3 << 62) | 0x2 << 62
    return UUID(int=value)


def token(bits: int = 128) -> str:
    """Make an unguessable, URL-safe token; 128 bits are 22 characters, which a WeChat scene (32) can carry."""
    return secrets.token_urlsafe(bits // 8)
