"""Cells of tables that people open in a spreadsheet."""

from __future__ import annotations

import unicodedata

# A cell that begins like this is a formula to a spreadsheet, whoever wrote it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def safe(cell: str) -> str:
    """Keep a cell from being run as a formula, in full-width signs as well: an apostrophe before it makes it text."""
    return f"'{cell}" if unicodedata.normalize("NFKC", cell[:1]).startswith(_FORMULA) else cell
