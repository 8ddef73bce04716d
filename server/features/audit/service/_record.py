"""Writing down."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from server import db
from server.features.audit.models import LOOKS, who
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Actor

_INSERT = """
INSERT INTO audit_entry (id, created_at, actor_kind, actor_id, actor_role, actor_scope, address, request_id,
    action, subject, subject_id, person_id, thread_id, is_look, detail)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15::jsonb)
"""


async def record(
    actor: Actor,
    action: str,
    subject: str,
    subject_id: UUID | None,
    *,
    person_id: UUID | None = None,
    thread_id: UUID | None = None,
    **detail: str | int,
) -> None:
    """Write one deed down, in the caller's transaction: both happen or neither.

    `action` is "<feature>.<past participle>"; `person_id` is whose papers it concerns. `detail` holds no personal data.
    """
    await db.execute(
        _INSERT,
        new_id(),
        clock.now(),
        *who(actor),
        actor.request_id,
        action,
        subject,
        subject_id,
        person_id,
        thread_id,
        action.rpartition(".")[2] in LOOKS,
        msgspec.json.encode(detail).decode(),
    )


@db.transactional
async def taken(actor: Actor, action: str, subject: str, *, lines: int) -> None:
    """Write down that a list was taken away as a table, where reading it changes nothing else."""
    await record(actor, action, subject, None, lines=lines)
