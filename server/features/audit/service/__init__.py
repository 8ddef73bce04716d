"""The door of audit: write down, seal, verify, search, and tell a person who looked."""

from server.features.audit.service._looks import Look, looked_at, looks_at
from server.features.audit.service._parts import ChainState, Part, begin_verifying, chain_state, verify_part
from server.features.audit.service._record import record, taken
from server.features.audit.service._rows import entries
from server.features.audit.service._seal import seal
from server.features.audit.service._trail import Entry, Wanted, Within, history, looks_since, search
from server.features.audit.service._verify import Verdict, verify

__all__ = [
    "ChainState",
    "Entry",
    "Look",
    "Part",
    "Verdict",
    "Wanted",
    "Within",
    "begin_verifying",
    "chain_state",
    "entries",
    "history",
    "looked_at",
    "looks_at",
    "looks_since",
    "record",
    "seal",
    "search",
    "taken",
    "verify",
    "verify_part",
]
