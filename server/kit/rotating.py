"""Codes that change every half minute and are made ahead, so that a phone without network goes on showing them.

A code is 28 letters: twelve bytes that name the showing, nine that only the server can make for one step of it. The
phone needs no clock and no secret: it counts from the moment it was given the codes.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import secrets
from dataclasses import dataclass
from datetime import timedelta

STEP = timedelta(seconds=30)
# Ten minutes without network.
STEPS = 20
NAME_BYTES, PROOF_BYTES = 12, 9
LENGTH = 28
# A phone that is a little ahead of the server's answer, and the next step while somebody is aiming the camera.
AHEAD = timedelta(seconds=3)


@dataclass(frozen=True, slots=True)
class Code:
    """A code taken apart; `name` says of which showing, `proof` is to be compared."""

    name: str
    proof: bytes


def new_name() -> str:
    """Name a showing: 96 random bits."""
    return base64.urlsafe_b64encode(secrets.token_bytes(NAME_BYTES)).decode()


def codes(name: str, secret: bytes) -> list[str]:
    """Make every code of a showing, in order."""
    return [_code(name, secret, step) for step in range(STEPS)]


def read(text: str) -> Code | None:
    """Take a code apart; None for what cannot be one."""
    if len(text) != LENGTH:
        return None
    try:
        whole = base64.b64decode(text, altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return Code(base64.urlsafe_b64encode(whole[:NAME_BYTES]).decode(), whole[NAME_BYTES:])


def step_of(code: Code, secret: bytes) -> int | None:
    """Say which step of its showing a code is for; None for one that was guessed or belongs to another."""
    found = None
    for step in range(STEPS):
        if hmac.compare_digest(_proof(code.name, secret, step), code.proof):
            found = step
    return found


def is_current(step: int, age: timedelta) -> bool:
    """Say whether a step may be accepted so long after its showing began: its own half minute and the next."""
    return step * STEP - AHEAD <= age < (step + 2) * STEP


def _code(name: str, secret: bytes, step: int) -> str:
    return base64.urlsafe_b64encode(base64.urlsafe_b64decode(name) + _proof(name, secret, step)).decode()


def _proof(name: str, secret: bytes, step: int) -> bytes:
    return hmac.digest(secret, f"{name}:{step}".encode(), hashlib.sha256)[:PROOF_BYTES]
