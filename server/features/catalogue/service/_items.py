"""Items: the list of what may be done at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from server import db
from server.errors import Conflict, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import ItemIn, ItemView
from server.features.catalogue.service import _authority, _index
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from server.actor import Actor

SELECT = (
    "SELECT id, code, local_code, name, kind, department_id, region_code, audience, themes, tags, guide_id, visits,"
    " promise_days, handling, online, bookable, skill, sample, active FROM item"
)


async def item(item_id: UUID) -> ItemView:
    """Look up an item, withdrawn ones too: old cases still name them. Raises NotFound."""
    return _view(await db.fetchrow(f"{SELECT} WHERE id = $1", item_id))


async def item_by_code(code: str) -> ItemView:
    """Look up an item by its code. Raises NotFound."""
    return _view(await db.fetchrow(f"{SELECT} WHERE code = $1", code))


async def items(ids: Iterable[UUID]) -> dict[UUID, ItemView]:
    """Look up many items at once; absent ones are left out."""
    rows = await db.fetch(f"{SELECT} WHERE id = ANY($1::uuid[])", list(ids))
    return {row["id"]: ItemView(**row) for row in rows}


async def items_at(hall_key: str, skills: Collection[str], most: int) -> list[ItemView]:
    """List what is done in a hall by windows of some skills, what is asked for most first, so many of each skill."""
    columns = SELECT.removeprefix("SELECT ").removesuffix(" FROM item")
    named = ", ".join(f"item.{name.strip()}" for name in columns.split(","))
    rows = await db.fetch(
        f"SELECT {columns} FROM (SELECT {named}, row_number()"  # noqa: S608 - our own columns
        " OVER (PARTITION BY item.skill ORDER BY item.heat DESC, item.name) AS place"
        " FROM item JOIN guide ON guide.id = item.guide_id"
        " WHERE item.active AND item.skill = ANY($2::text[]) AND guide.content->'hall_keys' ? $1) AS known"
        " WHERE place <= $3 ORDER BY place, name",
        hall_key, list(skills), most,
    )  # fmt: skip
    return [ItemView(**row) for row in rows]


async def items_of(department_id: UUID, most: int) -> list[ItemView]:
    """List what a department has a guide for, what is asked for most first."""
    rows = await db.fetch(
        f"{SELECT} WHERE active AND guide_id IS NOT NULL AND department_id = $1 ORDER BY heat DESC, name LIMIT $2",
        department_id, most,
    )  # fmt: skip
    return [ItemView(**row) for row in rows]


@db.transactional
async def upsert_item(actor: Actor, given: ItemIn) -> ItemView:
    """Add an item or correct what its list says; what its guide says is not touched. Raises Forbidden."""
    await _authority.require(actor, given.region_code, given.department_id)
    row = await db.fetchrow(
        "INSERT INTO item (id, created_at, code, local_code, name, kind, department_id, region_code, audience, themes,"
        " heat, sample, source) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (code) DO UPDATE SET local_code = excluded.local_code, name = excluded.name,"
        " kind = excluded.kind, department_id = excluded.department_id, region_code = excluded.region_code,"
        " heat = excluded.heat, sample = excluded.sample, source = excluded.source, active = true"
        " WHERE (item.local_code, item.name, item.kind, item.department_id, item.region_code, item.heat, item.sample,"
        " item.source, item.active) IS DISTINCT FROM (excluded.local_code, excluded.name, excluded.kind,"
        " excluded.department_id, excluded.region_code, excluded.heat, excluded.sample, excluded.source, true)"
        " RETURNING id",
        new_id(), clock.now(), given.code, given.local_code, given.name, given.kind, given.department_id,
        given.region_code, given.audience, given.themes, given.heat, given.sample, given.source,
    )  # fmt: skip
    if row is not None:
        await _index.refresh([row["id"]])
        await audit.record(actor, "catalogue.item_set", "item", row["id"])
    return await item_by_code(given.code)


@db.transactional
async def add_item(actor: Actor, given: ItemIn) -> ItemView:
    """Add an item that is not there yet. Raises Forbidden, Conflict `catalogue.code_taken`."""
    await _authority.require(actor, given.region_code, given.department_id)
    if await db.fetchval("SELECT 1 FROM item WHERE code = $1", given.code):
        raise Conflict("catalogue.code_taken")
    return await upsert_item(actor, given)


@db.transactional
async def withdraw_item(actor: Actor, item_id: UUID) -> None:
    """Take an item off the list: it is no longer found, and nobody can begin it. Raises NotFound, Forbidden."""
    found = await item(item_id)
    await _authority.require(actor, found.region_code, found.department_id)
    await db.execute("UPDATE item SET active = false WHERE id = $1", item_id)
    await _index.refresh([item_id])
    await audit.record(actor, "catalogue.item_withdrawn", "item", item_id)


def _view(row: Any) -> ItemView:  # noqa: ANN401 - a Record or None
    if row is None:
        raise NotFound
    return ItemView(**row)


async def items_named(part: str) -> list[UUID]:
    """Name the items that have some words in their name, at most some hundred."""
    rows = await db.fetch("SELECT id FROM item WHERE position($1 in name) > 0 ORDER BY heat DESC, id LIMIT 300", part)
    return [row["id"] for row in rows]
