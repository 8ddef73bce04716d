"""The door of mandates: ask, answer, object, decide at the desk, end."""

from server.features.mandates.models import Relation
from server.features.mandates.schemas import DeskRow
from server.features.mandates.service._answer import consent, end, object_to, refuse
from server.features.mandates.service._ask import Wish, ask, check
from server.features.mandates.service._desk import (
    At,
    approve,
    decline,
    look,
    make_at_desk,
    open_for,
    take_back,
    waiting,
)
from server.features.mandates.service._expire import expire
from server.features.mandates.service._rows import agents_of, mine

__all__ = [
    "At",
    "DeskRow",
    "Relation",
    "Wish",
    "agents_of",
    "approve",
    "ask",
    "check",
    "consent",
    "decline",
    "end",
    "expire",
    "look",
    "make_at_desk",
    "mine",
    "object_to",
    "open_for",
    "refuse",
    "take_back",
    "waiting",
]
