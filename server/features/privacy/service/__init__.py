"""The door of privacy: have a copy, be forgotten."""

from server.features.privacy.service import _watched as _watched
from server.features.privacy.service._erase import Erased, decline, erase, person_of, requests
from server.features.privacy.service._export import export, export_of
from server.features.privacy.service._held import KEPT_OUT, held
from server.features.privacy.service._wishes import ask_erasure, mine, withdraw_erasure

__all__ = [
    "KEPT_OUT",
    "Erased",
    "ask_erasure",
    "decline",
    "erase",
    "export",
    "export_of",
    "held",
    "mine",
    "person_of",
    "requests",
    "withdraw_erasure",
]
