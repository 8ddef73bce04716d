"""The door of certificates: issue, show, check."""

from server.features.certificates.schemas import CertificateCard
from server.features.certificates.service._check import check
from server.features.certificates.service._issue import define_standard_types, define_type, issue
from server.features.certificates.service._wallet import Held, cards_of_thread, get, held, present, wallet

__all__ = [
    "CertificateCard",
    "Held",
    "cards_of_thread",
    "check",
    "define_standard_types",
    "define_type",
    "get",
    "held",
    "issue",
    "present",
    "wallet",
]
