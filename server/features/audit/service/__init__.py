"""The door of audit: write down, seal, verify, and tell a person who looked."""

from server.features.audit.service._looks import Look, looks_at
from server.features.audit.service._record import record
from server.features.audit.service._seal import seal
from server.features.audit.service._verify import Verdict, verify

__all__ = ["Look", "Verdict", "looks_at", "record", "seal", "verify"]
