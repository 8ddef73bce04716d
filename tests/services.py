"""Run a command against PostgreSQL and Redis on their usual ports: `python -m tests.services pytest ...`.

A database is made for the run and dropped after it, so that two runs never meet and nothing is left behind. Test
processes beside each other make one more each, and count downwards from the Redis database named here. With `--probe`
it only says whether both answer (exit 0) or what is missing (exit 1).
"""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import redis.asyncio as aioredis

POSTGRES = os.environ.get("SERVICES_POSTGRES", "postgresql://postgres@127.0.0.1:5432/postgres")
REDIS = os.environ.get("SERVICES_REDIS", "redis://127.0.0.1:6379/15")


async def _missing() -> list[str]:
    missing = []
    try:
        connection = await asyncpg.connect(POSTGRES, timeout=3)
        await connection.close()
    except (OSError, TimeoutError, asyncpg.PostgresError) as error:
        missing.append(f"PostgreSQL at {POSTGRES}: {error!r}")
    client = aioredis.from_url(REDIS, socket_connect_timeout=3, socket_timeout=3)
    try:
        await client.ping()
    except (OSError, TimeoutError, aioredis.RedisError) as error:
        missing.append(f"Redis at {REDIS}: {error!r}")
    finally:
        await client.aclose()
    return missing


async def _execute(sql: str) -> None:
    connection = await asyncpg.connect(POSTGRES, timeout=10)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()


def _run(command: list[str]) -> int:
    name = f"onetrip_test_{os.getpid()}"
    asyncio.run(_execute(f"CREATE DATABASE {name} ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0"))
    try:
        url = urlunsplit(urlsplit(POSTGRES)._replace(path=f"/{name}"))
        environment = {**os.environ, "DATABASE_URL": url, "REDIS_URL": REDIS}
        running = subprocess.Popen(command, env=environment)
        # Ctrl-C reaches the tests too: they put away what is theirs, and we wait for them.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        return running.wait()
    finally:
        asyncio.run(_execute(f"DROP DATABASE {name} WITH (FORCE)"))


def main(arguments: list[str]) -> int:
    missing = asyncio.run(_missing())
    for line in missing:
        print(f"services: no {line}")
    if missing or arguments == ["--probe"]:
        return 1 if missing else 0
    return _run(arguments)


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
