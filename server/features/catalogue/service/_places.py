"""Where things are done and by whom: regions, departments, halls and their windows."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server import db
from server.actor import ScopeKind
from server.errors import FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import DepartmentView, HallView, PlaceIn, RegionView, WindowView
from server.features.catalogue.service import _authority, _halls, _words
from server.features.identity import service as identity
from server.kit import checks, clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from server.actor import Actor

REGIONS = Path(__file__).resolve().parent.parent / "data" / "regions.csv"
_LEVELS = {2: 1, 4: 2, 6: 3, 9: 4, 12: 5}
_PARENT_LENGTH = {4: 2, 6: 4, 9: 6, 12: 9}

_DEPARTMENT = "SELECT id, key, name, uscc, region_code, phone, sample FROM department"
_HALL = "SELECT id, key, name, kind, address, phone, hours_text, region_code, latitude, longitude FROM hall"
_HALL_REGION = "SELECT region_code FROM hall WHERE id = $1"
_DEPARTMENT_REGION = "SELECT region_code FROM department WHERE id = $1"
_WINDOW = 'SELECT id, hall_id, number, name, skills, open FROM "window"'


async def region(code: str) -> RegionView:
    """Look up a region. Raises NotFound."""
    row = await db.fetchrow("SELECT code, name, level, parent_code FROM region WHERE code = $1", code)
    return RegionView(**_found(row))


async def regions(below: str) -> list[RegionView]:
    """List what lies directly below a region."""
    rows = await db.fetch(
        "SELECT code, name, level, parent_code FROM region WHERE parent_code = $1 ORDER BY code", below
    )
    return [RegionView(**row) for row in rows]


async def regions_named(codes: Sequence[str]) -> list[RegionView]:
    """List regions by their codes."""
    rows = await db.fetch(
        "SELECT code, name, level, parent_code FROM region WHERE code = ANY ($1) ORDER BY code", list(codes)
    )
    return [RegionView(**row) for row in rows]


async def department(department_id: UUID) -> DepartmentView:
    """Look up a department. Raises NotFound."""
    return DepartmentView(**_found(await db.fetchrow(f"{_DEPARTMENT} WHERE id = $1", department_id)))


async def departments(region_code: str = "") -> list[DepartmentView]:
    """List the departments of a region and of everything below it."""
    rows = await db.fetch(f"{_DEPARTMENT} WHERE region_code LIKE $1 || '%' ORDER BY region_code, name", region_code)
    return [DepartmentView(**row) for row in rows]


async def hall(hall_id: UUID) -> HallView:
    """Look up a hall. Raises NotFound."""
    return HallView(**_found(await db.fetchrow(f"{_HALL} WHERE id = $1", hall_id)))


async def hall_by_key(key: str) -> HallView:
    """Look up a hall by the key guides name it by. Raises NotFound."""
    return HallView(**_found(await db.fetchrow(f"{_HALL} WHERE key = $1", key)))


async def halls(region_code: str = "", *, keys: list[str] | None = None) -> list[HallView]:
    """List the halls of a region and below it, or those of a guide's `hall_keys`; the county hall comes first.

    Lockers are no place to be served at: `locker_banks` has them.
    """
    rows = await db.fetch(
        f"{_HALL} WHERE kind <> 'locker_bank' AND region_code LIKE $1 || '%' AND ($2::text[] IS NULL OR key = ANY($2))"
        " ORDER BY length(region_code), region_code, name",
        region_code,
        keys,
    )
    return [HallView(**row) for row in rows]


async def locker_banks(served_by: tuple[UUID, ...] | None = None) -> list[HallView]:
    """List the locker banks that a window fills; of these halls, if they are named."""
    rows = await db.fetch(
        f"{_HALL} WHERE kind = 'locker_bank' AND served_by IS NOT NULL AND ($1::uuid[] IS NULL OR served_by = ANY($1))"
        " ORDER BY region_code, name",
        served_by,
    )
    return [HallView(**row) for row in rows]


async def unserved_banks() -> list[HallView]:
    """List the locker banks that nobody fills yet."""
    rows = await db.fetch(f"{_HALL} WHERE kind = 'locker_bank' AND served_by IS NULL ORDER BY region_code, name")
    return [HallView(**row) for row in rows]


async def hall_serving(bank_id: UUID) -> UUID:
    """Name the hall whose window fills a locker bank. Raises NotFound."""
    row = await db.fetchrow("SELECT served_by FROM hall WHERE id = $1 AND served_by IS NOT NULL", bank_id)
    found: UUID = _found(row)["served_by"]
    return found


@db.transactional
async def serve_bank(actor: Actor, bank_id: UUID, hall_id: UUID) -> None:
    """Have a hall's window fill a locker bank from now on; the caller has checked that it is the actor's hall.

    Raises NotFound for what is no bank, or filled by another.
    """
    done = await db.fetchval(
        "UPDATE hall SET served_by = $2 WHERE id = $1 AND kind = 'locker_bank'"
        " AND (served_by IS NULL OR served_by = $2) RETURNING id",
        bank_id,
        hall_id,
    )
    _found(done)
    await audit.record(actor, "catalogue.bank_served", "hall", bank_id)


async def halls_within(reach: identity.Reach) -> tuple[UUID, ...] | None:
    """Name the halls a member of staff reaches, by grant or by region; None is all of them."""
    if reach.hall_ids is None:
        return None
    return tuple(one.id for one in await halls() if reach.covers_hall(one.id, one.region_code))


async def departments_within(reach: identity.Reach) -> tuple[UUID, ...] | None:
    """Name the departments a member of staff reaches, by grant or by region; None is all of them."""
    if reach.department_ids is None:
        return None
    return tuple(one.id for one in await departments() if reach.covers_department(one.id, one.region_code))


@identity.located_by
async def _where(kind: ScopeKind, place_id: UUID) -> str | None:
    ask = _HALL_REGION if kind is ScopeKind.HALL else _DEPARTMENT_REGION
    found: str | None = await db.fetchval(ask, place_id)
    return found


async def window(window_id: UUID) -> WindowView:
    """Look up a window. Raises NotFound."""
    return WindowView(**_found(await db.fetchrow(f"{_WINDOW} WHERE id = $1", window_id)))


async def windows(*hall_ids: UUID) -> list[WindowView]:
    """List the windows of halls: hall by hall as they are named, by number."""
    rows = await db.fetch(
        f"{_WINDOW} WHERE hall_id = ANY($1::uuid[]) ORDER BY array_position($1::uuid[], hall_id), number", hall_ids
    )
    return [WindowView(**row) for row in rows]


@db.transactional
async def load_regions() -> int:
    """Bring in the regions the product ships with, and give how many were new or renamed."""
    with REGIONS.open(encoding="utf-8", newline="") as file:
        rows = [(row["code"], row["name"]) for row in csv.DictReader(file)]
    before = {row["code"]: row["name"] for row in await db.fetch("SELECT code, name FROM region")}
    fresh = [(code, name) for code, name in sorted(rows, key=lambda row: len(row[0])) if before.get(code) != name]
    for code, name in fresh:
        await upsert_region(code, name)
    return len(fresh)


async def upsert_region(code: str, name: str) -> None:
    """Add a region or rename it; its parent is the one its code begins with and must be there."""
    if len(code) not in _LEVELS or not code.isascii() or not code.isdigit():
        raise InvalidInput("catalogue.region_code_wrong", region=code[:20])
    parent = code[: _PARENT_LENGTH[len(code)]] if len(code) > 2 else None
    await db.execute(
        "INSERT INTO region (id, created_at, code, name, level, parent_code) VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (code) DO UPDATE SET name = excluded.name",
        new_id(), clock.now(), code, name, _LEVELS[len(code)], parent,
    )  # fmt: skip


@db.transactional
async def upsert_department(
    actor: Actor, key: str, name: str, *, region_code: str, uscc: str | None = None, phone: str | None = None,
    sample: bool = False,
) -> DepartmentView:  # fmt: skip
    """Add a department or correct it. Raises InvalidInput when its credit code fails a check, Forbidden."""
    await _authority.require(actor, region_code)
    if uscc is not None and not checks.uscc(uscc):
        raise InvalidInput("catalogue.uscc_wrong", fields=(FieldError("uscc", "uscc"),))
    row = await db.fetchrow(
        "INSERT INTO department (id, created_at, key, name, uscc, region_code, phone, sample)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (key) DO UPDATE SET name = excluded.name,"
        " uscc = excluded.uscc, region_code = excluded.region_code, phone = excluded.phone, sample = excluded.sample"
        " WHERE (department.name, department.uscc, department.region_code, department.phone, department.sample)"
        " IS DISTINCT FROM (excluded.name, excluded.uscc, excluded.region_code, excluded.phone, excluded.sample)"
        " RETURNING id",
        new_id(), clock.now(), key, name, uscc, region_code, phone, sample,
    )  # fmt: skip
    if row is not None:
        await audit.record(actor, "catalogue.department_set", "department", row["id"])
    return DepartmentView(**_found(await db.fetchrow(f"{_DEPARTMENT} WHERE key = $1", key)))


@db.transactional
async def upsert_hall(actor: Actor, place: PlaceIn) -> HallView:
    """Add a hall or correct it; its key never changes. Raises Forbidden."""
    await _authority.require(actor, place.region_code)
    row = await db.fetchrow(
        "INSERT INTO hall (id, created_at, key, name, kind, region_code, address, phone, hours_text, latitude,"
        " longitude, sample, pinyin) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)"
        " ON CONFLICT (key) DO UPDATE"
        " SET name = excluded.name, kind = excluded.kind, region_code = excluded.region_code, sample = excluded.sample,"
        " address = excluded.address, phone = excluded.phone, hours_text = excluded.hours_text,"
        " pinyin = excluded.pinyin, latitude = excluded.latitude, longitude = excluded.longitude"
        " WHERE to_jsonb(hall) - '{id,created_at,served_by}'::text[]"
        " <> to_jsonb(excluded) - '{id,created_at,served_by}'::text[]"
        " RETURNING id",
        new_id(), clock.now(), place.key, place.name, place.kind, place.region_code, place.address, place.phone,
        place.hours_text, place.latitude, place.longitude, place.sample, _words.name_of(place.name).pinyin,
    )  # fmt: skip
    if row is not None:
        await audit.record(actor, "catalogue.hall_set", "hall", row["id"])
        db.after_commit(_halls.forget)
    return await hall_by_key(place.key)


@db.transactional
async def upsert_window(actor: Actor, hall_id: UUID, number: int, *, name: str, skills: list[str]) -> WindowView:
    """Add a window or give it other skills. Raises NotFound, Forbidden."""
    await _authority.require(actor, (await hall(hall_id)).region_code)
    row = await db.fetchrow(
        'INSERT INTO "window" AS w (id, created_at, hall_id, number, name, skills) VALUES ($1, $2, $3, $4, $5, $6)'
        " ON CONFLICT (hall_id, number) DO UPDATE SET name = excluded.name, skills = excluded.skills"
        " WHERE (w.name, w.skills) IS DISTINCT FROM (excluded.name, excluded.skills) RETURNING id",
        new_id(), clock.now(), hall_id, number, name, skills,
    )  # fmt: skip
    if row is not None:
        await audit.record(actor, "catalogue.window_set", "window", row["id"])
    found = await db.fetchrow(f"{_WINDOW} WHERE hall_id = $1 AND number = $2", hall_id, number)
    return WindowView(**_found(found))


def _found(row: Any) -> Any:  # noqa: ANN401 - a Record or None
    if row is None:
        raise NotFound
    return row
