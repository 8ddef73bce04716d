"""Commands that only look."""

from __future__ import annotations

import argparse
import asyncio
import shutil
import sys
from collections.abc import AsyncIterator, Iterator

import redis.asyncio as aioredis
from redis.exceptions import RedisError

from server import db, main, wiring
from server.cli.data import in_database
from server.config import ROOT, Settings
from server.errors import AppError
from server.features.push import service as push
from server.kit import clock
from server.ports import OutsideError
from server.web import docs

_LEAST_FREE_MB = 300
_MOST_APART_SECONDS = 2.0

Finding = tuple[bool, str]


def openapi(settings: Settings, _given: argparse.Namespace) -> int:
    """Write the OpenAPI document."""
    sys.stdout.buffer.write(docs.written(main.create(settings)) + b"\n")
    return 0


def doctor(settings: Settings, _given: argparse.Namespace) -> int:
    """Say of each thing the product needs whether it is there, and how to mend it."""
    found = [*_here(settings), asyncio.run(_redis(settings))]

    async def look() -> int:
        found.extend(await _database())
        if settings.wechat_appid:
            found.extend([one async for one in _templates(settings)])
        return 0

    try:
        in_database(settings, look)
    except (AppError, db.EmbeddedError) as error:
        found.append((False, f"database     {error}; correct DATABASE_URL or start it"))
    for good, line in found:
        print(f"{'ok ' if good else 'BAD'} {line}")
    return 0 if all(good for good, _ in found) else 1


def _here(settings: Settings) -> Iterator[Finding]:
    yield True, f"settings     ENV={settings.env}, region {settings.region}"
    there = settings.var_dir if settings.var_dir.exists() else ROOT
    free = shutil.disk_usage(there).free // 2**20
    yield free >= _LEAST_FREE_MB, f"disk         {free} MB free for {settings.var_dir} ({_LEAST_FREE_MB} are needed)"
    built = (ROOT / "miniprogram" / "dist" / "build" / "h5" / "index.html").is_file()
    yield built, f"phone in H5  {'built' if built else 'not built: make h5'}"


async def _redis(settings: Settings) -> Finding:
    if not settings.redis_url:
        return True, "redis        none: everything on one host"
    client = aioredis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
    try:
        await client.ping()
    except (RedisError, OSError) as error:
        return False, f"redis        does not answer ({type(error).__name__}): correct REDIS_URL or start it"
    finally:
        await client.aclose()
    return True, "redis        answers"


async def _database() -> list[Finding]:
    version = await db.fetchval("SHOW server_version")
    apart = abs((await db.fetchval("SELECT clock_timestamp()") - clock.now()).total_seconds())
    missing = await _missing_migrations()
    says = f"not migrated ({len(missing)} to go): python -m server migrate" if missing else "migrated"
    return [
        (not missing, f"database     PostgreSQL {version}, {says}"),
        (apart < _MOST_APART_SECONDS, f"clocks       the database's and this machine's are {apart:.1f} s apart"),
    ]


async def _templates(settings: Settings) -> AsyncIterator[Finding]:
    """Compare our templates with those of the accounts, which allow this question a few times a day."""
    ports = wiring.ports(settings)
    for line in push.incomplete():
        yield False, f"templates    {line}"
    accounts = {"mini": ports.wechat.templates} | (
        {"service": ports.service_account.templates} if settings.service_account_appid else {}
    )
    try:
        for account, ask in accounts.items():
            theirs = {one.id: one.fields for one in await ask()}
            ours = {name: one for name, one in push.templates().items() if one.account == account}
            wrong = {name: push.differences(one, theirs.get(one.id)) for name, one in ours.items()}
            for name, said in wrong.items():
                if said:
                    yield False, f"templates    {name}: {said}: correct {settings.wechat_templates.name}"
            if not any(wrong.values()):
                yield True, f"templates    {len(ours)} of the {account} account are as WeChat has them"
    except OutsideError as error:
        yield False, f"templates    WeChat does not say which there are ({error.code})"
    finally:
        for close in ports.closers:
            await close()


async def _missing_migrations() -> set[str]:
    there = {path.stem for path in (ROOT / "server" / "migrations").glob("[0-9]*.py")}
    if await db.fetchval("SELECT to_regclass('tortoise_migrations')") is None:
        return there
    return there - {row["name"] for row in await db.fetch("SELECT name FROM tortoise_migrations")}
