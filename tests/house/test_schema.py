"""Models only map: what they say of tables, columns and constraints is what the migrations made."""

from __future__ import annotations

import importlib

import asyncpg
import pytest
from tortoise.fields import Field
from tortoise.fields.relational import RelationalField
from tortoise.models import Model

from server import db
from server.db.registry import model_modules
from tests.house.tree import FEATURES

pytestmark = pytest.mark.usefixtures("database")

# Types that asyncpg gives as the same Python type; a model may say any of them.
_SAME = [{"text", "varchar", "character varying"}, {"time", "timetz"}, {"int", "integer"}, {"bool", "boolean"}]

_COLUMNS = """
    SELECT a.attname, format_type(a.atttypid, NULL) AS type, NOT a.attnotnull AS nullable,
           a.atthasdef OR a.attidentity <> '' AS filled
    FROM pg_attribute a WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
"""
_NAMED = """
    SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace
    UNION SELECT indexname FROM pg_indexes WHERE schemaname = 'public'
"""


def models() -> list[type[Model]]:
    found = {
        model
        for name in model_modules()
        for model in vars(importlib.import_module(name)).values()
        if isinstance(model, type) and issubclass(model, Model) and not model._meta.abstract and model is not Model
    }
    return sorted(found, key=lambda model: model.__qualname__)


def constraints() -> list[tuple[str, str]]:
    """List (feature, name) of what a feature's models module says it relies on, in its `CONSTRAINTS`."""
    found = []
    for folder in sorted(FEATURES.glob("*/models*")):
        module = importlib.import_module(f"server.features.{folder.parent.name}.models")
        found += [(folder.parent.name, name) for name in getattr(module, "CONSTRAINTS", ())]
    return sorted(set(found))


def type_of(field: Field[object]) -> str:
    told = field.get_for_dialect("postgres", "SQL_TYPE") or field.SQL_TYPE
    return str(told).split("(")[0].lower().replace("timestamptz", "timestamp with time zone")


def same(told: str, real: str) -> bool:
    real = real.removesuffix(" without time zone") if real.startswith("time ") else real
    return told == real or any(told in group and real in group for group in _SAME)


@pytest.mark.parametrize("model", models(), ids=lambda model: model.__name__)
async def test_a_model_is_what_the_database_has(model: type[Model]) -> None:
    meta = model._meta
    real = {row["attname"]: row for row in await db.fetch(_COLUMNS, meta.db_table)}
    assert real, f"no table {meta.db_table}"
    told = {
        column: meta.fields_map[name]
        for name, column in meta.fields_db_projection.items()
        if not isinstance(meta.fields_map[name], RelationalField)
    }
    wrong = [f"{column}: not in the table" for column in told if column not in real]
    wrong += [f"{name}: not in the model, yet must be filled" for name, row in real.items() if _owed(name, row, told)]
    for column, field in told.items():
        row = real.get(column)
        if row is None:
            continue
        if not same(type_of(field), row["type"]):
            wrong.append(f"{column}: {type_of(field)} in the model, {row['type']} in the table")
        if not field.pk and field.null != row["nullable"]:
            wrong.append(f"{column}: NULL is allowed on one side only")
    assert not wrong, f"{model.__module__}.{model.__name__}"


def _owed(name: str, row: asyncpg.Record, told: dict[str, Field[object]]) -> bool:
    return name not in told and not row["nullable"] and not row["filled"]


@pytest.mark.parametrize(("feature", "name"), constraints())
async def test_a_rule_the_code_rests_on_stands_in_the_database(feature: str, name: str) -> None:
    assert name in {row[0] for row in await db.fetch(_NAMED)}


def test_the_catalogue_is_looked_at() -> None:
    assert len(models()) > 10
    assert len(constraints()) > 10
