"""The door of certificates: issue, show, check."""

from server.features.certificates.schemas import CertificateCard
from server.features.certificates.service._check import check
from server.features.certificates.service._issue import announce, define_standard_types, define_type, issue
from server.features.certificates.service._revoke import revoke_of_thread
from server.features.certificates.service._wallet import Fact, Held, cards_of_thread, facts, get, held, present, wallet

__all__ = [
    "CertificateCard",
    "Fact",
    "Held",
    "announce",
    "cards_of_thread",
    "check",
    "define_standard_types",
    "define_type",
    "facts",
    "get",
    "held",
    "issue",
    "present",
    "revoke_of_thread",
    "wallet",
]
