"""Identifiers: time-ordered for rows, random for everything a stranger may hold."""

from __future__ import annotations

import os
import random
import secrets
import time
from uuid import UUID, SafeUUID

# Version 7 in bits 76 to 79, the variant in bits 62 and 63; the rest below the time is random.
_RANDOM = (1 << 80) - 1 & ~(0xF << 76) & ~(0x3 << 62)
_MARKED = 0x7 << 76 | 0x2 << 62
_WHOLE = (1 << 128) - 1
_UNKNOWN = SafeUUID.unknown

# What a test person does begins with 32 ones: a version 7 id has them in the year 10889. `thread.real` reads it in SQL.
WALKED = UUID("ffffffff-0000-0000-0000-000000000000")

# Ids need only differ, and a request makes half a dozen: this costs a tenth of asking the machine for randomness.
_dice = random.Random()  # noqa: S311 - no secret is made of it; it begins where the machine's randomness says
os.register_at_fork(after_in_child=_dice.seed)


def new_id() -> UUID:
    """Make a version 7 UUID (RFC 9562): rows made together lie together in the index."""
    millis = time.time_ns() // 1_000_000
    # Past UUID's own constructor, which would look for five other ways of being told the same.
    made = object.__new__(UUID)
    object.__setattr__(made, "int", (millis << 80 | _dice.getrandbits(80) & _RANDOM | _MARKED) & _WHOLE)
    object.__setattr__(made, "is_safe", _UNKNOWN)
    return made


def walked_id() -> UUID:
    """Make an id for what is done as a test person, who walks a flow to try it (走流程)."""
    return UUID(int=new_id().int | WALKED.int)


def is_walked(one: UUID | None) -> bool:
    """Say whether an id is of something done as a test person: every id of one carries the mark."""
    return one is not None and one >= WALKED


def new_id_of(owner: UUID | None) -> UUID:
    """Make an id for what belongs to somebody: it carries the mark of a test person if theirs does."""
    return walked_id() if is_walked(owner) else new_id()


def token(bits: int = 128) -> str:
    """Make an unguessable, URL-safe token; 128 bits are 22 characters, which a WeChat scene (32) can carry."""
    return secrets.token_urlsafe(bits // 8)
