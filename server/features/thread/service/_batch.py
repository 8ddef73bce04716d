"""Opening and recording for many at once, within the statement of whoever does the deed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from server.features.thread.service._number import format_number, tail_index
from server.features.thread.service._steps import is_public, reacted_to, reactions
from server.kit import clock
from server.kit.ids import new_id_of

if TYPE_CHECKING:
    from asyncpg import Record

# Joins to `asked (party_id, item_id)`: the live thread a deed goes on.
LIVE_THREAD = """
    LEFT JOIN LATERAL (
        SELECT id, number FROM thread WHERE coalesce(enterprise_id, person_id) = asked.party_id
            AND thread.item_id = asked.item_id AND state = 'open' LIMIT 1) AS matter ON true
"""
# A serial is drawn only where a thread will be opened; the caller puts its condition for {wanted}.
LIVE_THREAD_COLUMNS = """matter.id AS matter_id, matter.number AS matter_number,
        CASE WHEN matter.id IS NULL AND {wanted} THEN nextval('thread_serial') END AS serial"""


@dataclass(frozen=True, slots=True)
class Opening:
    """The thread a deed goes on: the live one of the party and item, or one that the deed `opens`."""

    thread_id: UUID
    number: str
    opens: bool

    def tail(self, phone: str | None) -> bytes | None:
        """Make what the end of a telephone number is recognised by."""
        return tail_index(self.number, phone) if phone else None


def opening_of(row: Record, region_code: str, person_id: UUID) -> Opening:
    """Read a row that has LIVE_THREAD_COLUMNS. Nothing is written yet: the statement of the deed does."""
    if row["matter_id"] is not None:
        return Opening(row["matter_id"], row["matter_number"], opens=False)
    return Opening(new_id_of(person_id), format_number(region_code, clock.today(), row["serial"]), opens=True)


def plain_step(name: str) -> str:
    """Give back the name of a step nobody reacts to, so that a statement may write it. Raises ValueError."""
    if reacted_to(name):
        msg = f"{', '.join(reactions()[name])} reacts to {name}: use thread.record"
        raise ValueError(msg)
    is_public(name)
    return name


def opened_rows(source: str, *, at: str) -> str:
    """Give the INSERT of the threads that are to be opened, returning `id`; one opened meanwhile is left out.

    It reads `opens, thread_id, number, region_code, item_id, title, person_id, enterprise_id, account_id, tail_index,
    step, step_data, public` from `source`.
    """
    return f"""INSERT INTO thread (id, created_at, updated_at, number, region_code, item_id, title, person_id,
            enterprise_id, account_id, tail_index, status, status_data)
        SELECT thread_id, {at}, {at}, number, region_code, item_id, title, person_id, enterprise_id, account_id,
            tail_index, CASE WHEN public THEN step END, CASE WHEN public THEN step_data ELSE '{{}}'::jsonb END
        FROM {source} WHERE opens
        ON CONFLICT ((coalesce(enterprise_id, person_id)), item_id) WHERE state = 'open' DO NOTHING RETURNING id"""  # noqa: S608 - our own words


def continued_rows(source: str, *, at: str) -> str:
    """Give the UPDATE of the threads that go on, returning `id`; one closed meanwhile is left out. Reads as above."""
    # IS TRUE keeps the planner from reading the whole index of open threads for it.
    return f"""UPDATE thread SET updated_at = {at},
            status = CASE WHEN more.public THEN more.step ELSE thread.status END,
            status_data = CASE WHEN more.public THEN more.step_data ELSE thread.status_data END
        FROM {source} AS more
        WHERE thread.id = ANY(ARRAY(SELECT thread_id FROM {source} WHERE NOT opens)) AND thread.id = more.thread_id
            AND NOT more.opens AND (thread.state = 'open') IS TRUE RETURNING thread.id"""  # noqa: S608 - our own words


def step_rows(source: str, *, at: str) -> str:
    """Give the INSERT of one step a row, done by citizens: reads `thread_id, step, account_id, step_data`."""
    return f"""INSERT INTO step (thread_id, at, name, actor_kind, actor_id, data)
        SELECT thread_id, {at}, step, 'citizen', account_id, step_data FROM {source}"""  # noqa: S608 - our own words


def code_rows(source: str, *, at: str, kind: str) -> str:
    """Give the INSERT of one code a row that has one: reads `code, booking_id, thread_id, code_until`."""
    return f"""INSERT INTO code (token, created_at, kind, subject_id, thread_id, expires_at)
        SELECT code, {at}, '{kind}', booking_id, thread_id, code_until FROM {source} WHERE code IS NOT NULL"""  # noqa: S608 - our own words


def clock_rows(source: str, *, at: str, kind: str) -> str:
    """Give the INSERT of one running clock a row: reads `clock_id, thread_id, started_on, promise_on, law_on`."""
    return f"""INSERT INTO clock (id, created_at, thread_id, kind, started_on, promise_on, law_on, state)
        SELECT clock_id, {at}, thread_id, '{kind}', started_on, promise_on, law_on, 'running' FROM {source}"""  # noqa: S608 - our own words
