"""By what a matter is found and sorted on the lists of every desk."""

from __future__ import annotations

from server.db import By, Listing
from server.features.thread.service._number import LENGTH


def listing(source: str, key: str, *, words: str = "t.number || ' ' || t.title", **orders: By) -> Listing:
    """Make a list of what is joined with its thread, named `t`: searched by its number and what it is about."""
    matter = {"number": By("t.number", str), "item": By("t.title", str)}
    return Listing(source, key, {**matter, **orders}, words, ("t.number", LENGTH))
