"""The door of certificates: issue, show, check."""

from server.features.certificates.schemas import CertificateCard
from server.features.certificates.service._check import check, judged
from server.features.certificates.service._issue import announce, define_standard_types, define_type, issue
from server.features.certificates.service._keys import keys, sign_again
from server.features.certificates.service._revoke import revoke_of_thread
from server.features.certificates.service._status_list import publish_status_list, status_list, status_list_standing
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
    "judged",
    "keys",
    "present",
    "publish_status_list",
    "revoke_of_thread",
    "sign_again",
    "status_list",
    "status_list_standing",
    "wallet",
]
