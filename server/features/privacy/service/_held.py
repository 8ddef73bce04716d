"""Everything that is kept about one person, whichever feature keeps it.

The catalogue of the database says which tables belong to a person, directly or through a row of theirs: by a foreign
key, or by a column called after a table where a hot path keeps no keys. So a table added tomorrow is exported without
anybody thinking of it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from server import db

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from asyncpg import Record

# Tables that say nothing more about a person, and why.
KEPT_OUT = {
    "outbox": "copies of the inbox on their way",
    "code": "secrets behind QR codes",
    "idempotency_key": "answers already given, dropped after a day",
    "subscription_report": "technical notes of a popup",
    "booker": "a count, against booking twice at once",
    "audit_entry": "added by itself, officers unnamed",
}
# These name somebody else than the row's own person: what they say is that person's.
_NOT_THEIRS = frozenset({"authorised_by", "objected_by", "merged_into", "earlier_case_id"})
# Secrets, indexes, and whoever did a step: an officer, or oneself.
_SECRET = ("_index", "_hash", "token", "digest", "actor_id")

_LINKS = """
SELECT child.relname AS child, link.attname AS link, parent.relname AS parent
FROM pg_constraint f
JOIN pg_class child ON child.oid = f.conrelid JOIN pg_class parent ON parent.oid = f.confrelid
JOIN pg_attribute link ON link.attrelid = child.oid AND link.attnum = f.conkey[1]
JOIN pg_attribute target ON target.attrelid = parent.oid AND target.attnum = f.confkey[1]
WHERE f.contype = 'f' AND cardinality(f.conkey) = 1 AND target.attname = 'id'
    AND f.connamespace = 'public'::regnamespace
UNION
SELECT c.table_name, c.column_name, t.table_name
FROM information_schema.columns c JOIN information_schema.tables t ON c.column_name = t.table_name || '_id'
WHERE c.table_schema = 'public' AND t.table_schema = 'public' AND t.table_name <> c.table_name
"""
_COLUMNS = """
SELECT table_name, column_name, udt_name FROM information_schema.columns WHERE table_schema = 'public'
ORDER BY table_name, ordinal_position
"""
_DEEDS = """
SELECT created_at, action, actor_kind, actor_role, is_look FROM audit_entry WHERE person_id = $1
ORDER BY created_at, id
"""


async def held(person_id: UUID) -> dict[str, list[dict[str, Any]]]:
    """Give every row about a person by table, opened; secrets, indexes and officers are left out."""
    columns = await _columns()
    links = [tuple(row) for row in await db.fetch(_LINKS)]
    accounts = await db.fetch("SELECT id FROM account WHERE person_id = $1", person_id)
    found: dict[str, set[UUID]] = {"person": {person_id}, "account": {row["id"] for row in accounts}}
    todo = [("person", found["person"]), ("account", found["account"])]
    while todo:
        parent, ids = todo.pop()
        for child, link, above in links:
            if above != parent or not ids or child in KEPT_OUT or link in _NOT_THEIRS or "id" not in columns[child]:
                continue
            new = await _children(child, link, ids, person_id, columns[child]) - found.get(child, set())
            found.setdefault(child, set()).update(new)
            if new:
                todo.append((child, new))
    officers = {(child, link) for child, link, parent in links if parent == "staff"}
    told = {
        table: [_told(table, row, officers) for row in await _rows(table, ids)] for table, ids in found.items() if ids
    }
    told["audit_entry"] = [dict(row) for row in await db.fetch(_DEEDS, person_id)]
    return dict(sorted(told.items()))


async def _columns() -> dict[str, dict[str, str]]:
    tables: dict[str, dict[str, str]] = {}
    for row in await db.fetch(_COLUMNS):
        tables.setdefault(row["table_name"], {})[row["column_name"]] = row["udt_name"]
    return tables


async def _children(child: str, link: str, ids: Iterable[UUID], person_id: UUID, columns: Iterable[str]) -> set[UUID]:
    """Rows that hang on rows of theirs; one that names another person is that person's, unless they are its agent."""
    own = ""
    if "person_id" in columns:
        agent = " OR agent_id = $2" if "agent_id" in columns else ""
        own = f" AND (person_id IS NULL OR person_id = $2{agent})"
    else:
        own = " AND $2::uuid IS NOT NULL"
    sql = f'SELECT id FROM "{child}" WHERE "{link}" = ANY($1){own}'  # noqa: S608 - names come from the catalogue
    return {row["id"] for row in await db.fetch(sql, list(ids), person_id)}


async def _rows(table: str, ids: Iterable[UUID]) -> list[Record]:
    sql = f'SELECT * FROM "{table}" WHERE id = ANY($1) ORDER BY id'  # noqa: S608 - as above
    rows: list[Record] = await db.fetch(sql, list(ids))
    return rows


def _told(table: str, row: Record, officers: set[tuple[str, str]]) -> dict[str, Any]:
    told: dict[str, Any] = {}
    for column, value in row.items():
        if column.endswith("_sealed"):
            told[column.removesuffix("_sealed")] = None if value is None else _opened(table, column, row["id"], value)
        elif not column.endswith(_SECRET) and (table, column) not in officers and not isinstance(value, bytes):
            told[column] = value
    return told


def _opened(table: str, column: str, row_id: UUID, blob: bytes) -> Any:  # noqa: ANN401 - text, or JSON values
    text = db.unseal(table, column, row_id, blob)
    # A number of digits is a text, not a number.
    return msgspec.json.decode(text) if text.startswith(("{", "[")) else text
