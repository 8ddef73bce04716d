"""Every list of the desk is searched, sorted and taken away as a table, or stands here with why not."""

from __future__ import annotations

import re

from tests.house.tree import SERVER

TEMPLATES = SERVER / "console" / "templates"
HAS = {
    "searched": r"\bfilters\(t",
    "sorted": r"\borders\(t|\bcolumns\(t|\blist\.heads\b|\), \"[a-z_]+\"(?: if \w+ else \"\")?\)",
    "a table": r'/export(?:\.csv)?"|\bways\(t',
}

# Pieces of other screens, and lists that answer one question of their own day.
NOT_LISTS = {
    "queue_tickets.html": "the line of this moment; it moves while one looks",
    "board_matters.html": "a figure of the board, looked into; the figures themselves are taken away whole",
    "indicator_rows.html": "an indicator, looked into; the figures themselves are taken away whole",
    "attempts.html": "what was refused on the way of a result, the newest first",
}


def test_every_list_is_searched_sorted_and_taken_away() -> None:
    lacking = {}
    for path in TEMPLATES.glob("*.html"):
        said = path.read_text("utf-8")
        if path.name == "table.html" or not re.search(r"\b(?:pager|ways)\(t", said) or path.name in NOT_LISTS:
            continue
        if without := {name for name, mark in HAS.items() if not re.search(mark, said)}:
            lacking[path.name] = without
    assert not lacking
