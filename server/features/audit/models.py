"""What one entry says, and the bytes its seal covers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from tortoise import Model, fields

from server.actor import Actor, Citizen, Staff, System
from server.kit.ids import new_id

CONSTRAINTS = ("audit_entry_actor_kind_check", "audit_entry_sequence_key", "audit_entry_seal_check")

# An action that ends in one of these verbs is a look at somebody's papers, which that person can read about.
LOOKS = frozenset({"viewed", "downloaded", "found", "exported"})

SEALED_COLUMNS = (
    "id, created_at, xid::text AS xid, actor_kind, actor_id, actor_role, actor_scope, address, request_id, action,"
    " subject, subject_id, person_id, thread_id, is_look, detail"
)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)


class AuditEntry(Model):
    """One deed. Written by `record`, sealed once by the task, never changed otherwise: a trigger sees to it."""

    id: UUID = fields.UUIDField(primary_key=True, default=new_id)
    created_at: datetime = fields.DatetimeField()
    actor_kind: str = fields.TextField()
    actor_id: UUID | None = fields.UUIDField(null=True)
    actor_role: str | None = fields.TextField(null=True)
    actor_scope: str | None = fields.TextField(null=True)
    address: str | None = fields.TextField(null=True)
    request_id: str = fields.TextField()
    action: str = fields.TextField()
    subject: str = fields.TextField()
    subject_id: UUID | None = fields.UUIDField(null=True)
    person_id: UUID | None = fields.UUIDField(null=True)
    thread_id: UUID | None = fields.UUIDField(null=True)
    is_look = fields.BooleanField()
    detail: dict[str, Any] = fields.JSONField()
    sequence: int | None = fields.BigIntField(null=True)
    seal: bytes | None = fields.BinaryField(null=True)

    class Meta:
        table = "audit_entry"


def who(actor: Actor) -> tuple[str, UUID | None, str | None, str | None, str | None]:
    """Describe an actor as (kind, id, role or name, scope, address); only of staff is the address kept."""
    match actor:
        case Staff():
            first = actor.grants[0] if actor.grants else None
            role = first.role.value if first else None
            scope = f"{first.kind.value}:{first.scope}" if first else None
            return "staff", actor.staff_id, role, scope, actor.address or None
        case Citizen():
            return "citizen", actor.account_id, None, None, None
        case System():
            return "system", None, actor.name, None, None
        case _:
            return "anonymous", None, None, None, None


def sealed_bytes(sequence: int, row: Mapping[str, Any]) -> bytes:
    """Give the bytes the seal of a row covers: every column, in one order, in one spelling."""
    return msgspec.json.encode(
        [
            sequence,
            row["id"],
            (row["created_at"] - _EPOCH) // _MICROSECOND,
            row["xid"],
            row["actor_kind"],
            row["actor_id"],
            row["actor_role"],
            row["actor_scope"],
            row["address"],
            row["request_id"],
            row["action"],
            row["subject"],
            row["subject_id"],
            row["person_id"],
            row["thread_id"],
            row["is_look"],
            # Decoded and encoded again: PostgreSQL's own spelling of jsonb may differ between versions.
            msgspec.json.decode(row["detail"]),
        ],
        order="sorted",
    )
