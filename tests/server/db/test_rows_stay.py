"""Rows that the hot tables name without foreign keys (decision 0012) cannot be taken away under them."""

from __future__ import annotations

import asyncpg
import pytest

from server import db
from server.features.identity import service as identity
from tests.factories import identity as people

KEPT = ("thread", "slot", "booking", "hall", "item", "guide", "person", "account", "enterprise", "region")


@pytest.mark.parametrize("table", KEPT)
async def test_every_table_they_name_is_guarded(database: None, table: str) -> None:
    assert await db.fetchval(
        "SELECT count(*) FROM pg_trigger WHERE tgname = 'row_stays' AND tgrelid = to_regclass($1)", table
    )


async def test_a_person_is_never_removed(database: None) -> None:
    person_id = (await people.citizen()).person_id
    assert person_id is not None
    with pytest.raises(asyncpg.IntegrityConstraintViolationError, match="never removed"):
        await db.execute("DELETE FROM person WHERE id = $1", person_id)
    assert (await identity.person(person_id)).id == person_id
