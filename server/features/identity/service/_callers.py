"""What a batch of deeds needs to know of those who do them, as a part of its own statement."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.features.identity.models import DocumentKind, years_between
from server.kit import checks, clock, masking

if TYPE_CHECKING:
    from asyncpg import Record

# Joins to `asked (account_id, person_id)`. The number left with a matter: of the login that came, else of another login
# of the person, else the one they left at a window. `login` is where a message goes: the person's own, WeChat before
# others; a child has none.
CALLER = """
    LEFT JOIN LATERAL (SELECT id, name_sealed, phone_sealed FROM person WHERE person.id = asked.person_id LIMIT 1)
        AS person ON true
    LEFT JOIN LATERAL (SELECT coalesce(merged_into, id) AS id FROM account WHERE account.id = asked.account_id LIMIT 1)
        AS came ON true
    LEFT JOIN LATERAL (SELECT id, phone_sealed FROM account WHERE account.id = came.id LIMIT 1) AS own ON true
    LEFT JOIN LATERAL (
        SELECT account.id, account.phone_sealed FROM account
        WHERE own.phone_sealed IS NULL AND account.person_id = asked.person_id AND account.disabled_at IS NULL
            AND account.merged_into IS NULL AND account.phone_sealed IS NOT NULL
        ORDER BY account.phone_at DESC LIMIT 1) AS known ON true
    LEFT JOIN LATERAL (
        SELECT account.id FROM account WHERE account.person_id = asked.person_id AND account.disabled_at IS NULL
            AND account.merged_into IS NULL
        ORDER BY account.openid_sealed IS NULL, account.created_at DESC LIMIT 1) AS login ON true
"""
CALLER_COLUMNS = """person.id AS who_id, person.name_sealed AS who_name, person.phone_sealed AS who_phone,
        own.id AS own_id, own.phone_sealed AS own_phone, known.id AS known_id, known.phone_sealed AS known_phone,
        login.id AS login_id"""


# Joins to `asked (person_id)`: who asks, for a deed of their own.
OWN = """
    LEFT JOIN LATERAL (SELECT id, name_sealed, document_kind, document_sealed FROM person
        WHERE person.id = asked.person_id LIMIT 1) AS own ON true
"""
OWN_COLUMNS = """own.id AS own_id, own.name_sealed AS own_name, own.document_kind AS own_kind,
        own.document_sealed AS own_document"""


@dataclass(frozen=True, slots=True)
class Caller:
    """One person as a deed needs them: the masked name, the number they are reached by, where messages go."""

    label: str
    phone: str | None
    login: UUID | None


def caller_of(row: Record) -> Caller:
    """Read a row that has CALLER_COLUMNS."""
    return Caller(
        masking.name(db.unseal("person", "name_sealed", row["who_id"], row["who_name"])),
        _phone("account", row["own_id"], row["own_phone"])
        or _phone("account", row["known_id"], row["known_phone"])
        or _phone("person", row["who_id"], row["who_phone"]),
        row["login_id"],
    )


def own_of(row: Record) -> tuple[str, int | None]:
    """Read a row that has OWN_COLUMNS: one's name in full, and one's age in years where the document says it."""
    name = db.unseal("person", "name_sealed", row["own_id"], row["own_name"])
    if row["own_kind"] != DocumentKind.RESIDENT_ID:
        return name, None
    born = checks.birth_date(db.unseal("person", "document_sealed", row["own_id"], row["own_document"]))
    return name, None if born is None else years_between(born, clock.today())


def _phone(table: str, row_id: UUID, sealed: bytes | None) -> str | None:
    return None if sealed is None else db.unseal(table, "phone_sealed", row_id, sealed)
