"""Every command of `python -m server`. Each is imported only when it is asked for."""

from __future__ import annotations

import argparse
import asyncio
import logging
import shutil
import sys
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from server.config import ROOT, SettingError, Settings
from server.errors import AppError
from server.kit import clock, texts

Run = Callable[[Settings, argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Command:
    """`says` is its line in the help; `arguments` are argparse's `add_argument` calls."""

    says: str
    run: Run
    arguments: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = ()


def main(words: list[str] | None = None) -> int:
    """Run the command the words name. Gives the exit code; what goes wrong is one line on standard error."""
    given = _parser().parse_args(words)
    try:
        settings = Settings.load()
        _log(settings)
        return COMMANDS[given.command].run(settings, given)
    except _expected() as error:
        print(f"{given.command}: {error}", file=sys.stderr)
    except AppError as error:
        says = texts.text("en", f"errors.{error.code}", **error.params)
        print(f"{given.command}: {error.code}: {says}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.says, description=command.says)
        for names, options in command.arguments:
            one.add_argument(*names, **options)
    return parser


def _expected() -> tuple[type[Exception], ...]:
    from server.db import EmbeddedError, MigrationError  # noqa: PLC0415 - `--help` needs no database
    from server.main import StartError  # noqa: PLC0415 - as above

    return (SettingError, EmbeddedError, MigrationError, StartError)


def _log(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    # Sanic's own lines name whole addresses, queries included.
    logging.getLogger("sanic").setLevel(logging.WARNING)
    for handler in (access := logging.getLogger("server.access")).handlers:
        access.removeHandler(handler)
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(lines)
    access.propagate = False


def _in_database(settings: Settings, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    from server import db  # noqa: PLC0415 - as above

    async def within() -> int:
        await db.connect(settings)
        try:
            return await work()
        finally:
            await db.disconnect()

    return asyncio.run(within())


def _web(settings: Settings, given: argparse.Namespace) -> int:
    from server import main as web  # noqa: PLC0415 - as above

    return web.serve(settings) if given.socket is None else web.work(settings, given.socket)


def _worker(settings: Settings, _given: argparse.Namespace) -> int:
    from server import worker  # noqa: PLC0415 - as above

    return worker.work(settings)


def _sandbox(settings: Settings, _given: argparse.Namespace) -> int:
    if settings.env == "production":
        raise SettingError("ENV: the sandbox answers in WeChat's place and never runs in production. Use ENV=demo")
    from server.sandbox.process import run  # noqa: PLC0415 - as above

    run(port=settings.sandbox_port, app_origin=settings.public_url, state_file=settings.var_dir / "sandbox.json")
    return 0


def _demo(_settings: Settings, _given: argparse.Namespace) -> int:
    from server import demo  # noqa: PLC0415 - as above

    return demo.run()


def _migrate(settings: Settings, given: argparse.Namespace) -> int:
    from server import db  # noqa: PLC0415 - as above

    async def run() -> int:
        done = await (db.migrate() if given.to is None else db.migrate(given.to))
        print("\n".join(done) if done else "nothing to do")
        return 0

    return _in_database(settings, run)


def _openapi(settings: Settings, _given: argparse.Namespace) -> int:
    from server import main as web  # noqa: PLC0415 - as above
    from server.web import docs  # noqa: PLC0415 - as above

    sys.stdout.buffer.write(docs.written(web.create(settings)) + b"\n")
    return 0


def _doctor(settings: Settings, _given: argparse.Namespace) -> int:
    from server import db  # noqa: PLC0415 - as above

    found: list[tuple[bool, str]] = [(True, f"settings      ENV={settings.env}, region {settings.region}")]
    free = shutil.disk_usage(settings.var_dir).free // 2**20 if settings.var_dir.exists() else 0
    found.append((free > 300, f"disk          {free} MB free in {settings.var_dir} (300 are needed)"))
    built = ROOT / "miniprogram" / "dist" / "build" / "h5" / "index.html"
    found.append((built.is_file(), f"phone in H5   {'built' if built.is_file() else 'not built: make h5'}"))
    found.append(asyncio.run(_redis(settings)))

    async def look() -> int:
        version = await db.fetchval("SHOW server_version")
        late = await db.fetchval("SELECT now() - $1", clock.now())
        found.append((abs(late.total_seconds()) < 2, f"clocks        database and this machine differ by {late}"))
        missing = await _missing_migrations()
        says = f"not migrated ({len(missing)} to go): python -m server migrate" if missing else "migrated"
        found.append((not missing, f"database      PostgreSQL {version}, {says}"))
        return 0

    _in_database(settings, look)
    for good, line in found:
        print(f"{'ok ' if good else 'BAD'} {line}")
    return 0 if all(good for good, _ in found) else 1


async def _missing_migrations() -> set[str]:
    from server import db  # noqa: PLC0415 - as above

    there = {path.stem for path in (ROOT / "server" / "migrations").glob("[0-9]*.py")}
    if await db.fetchval("SELECT to_regclass('tortoise_migrations')") is None:
        return there
    return there - {row["name"] for row in await db.fetch("SELECT name FROM tortoise_migrations")}


async def _redis(settings: Settings) -> tuple[bool, str]:
    if not settings.redis_url:
        return True, "redis         none: everything on one host"
    import redis.asyncio as aioredis  # noqa: PLC0415 - as above

    client = aioredis.Redis.from_url(settings.redis_url, socket_timeout=2, socket_connect_timeout=2)
    try:
        await client.ping()
    except (aioredis.RedisError, OSError) as error:
        return False, f"redis         does not answer: {type(error).__name__}; correct REDIS_URL or start it"
    finally:
        await client.aclose()
    return True, "redis         answers"


COMMANDS: dict[str, Command] = {
    "web": Command(
        "serve the API, the phone's pages and the console",
        _web,
        ((("--socket",), {"type": int, "default": None, "help": argparse.SUPPRESS}),),
    ),
    "worker": Command("deliver messages, run clocks, keep house", _worker),
    "sandbox": Command("be a local WeChat, SMS and identity authority", _sandbox),
    "demo": Command("run everything here with sample data", _demo),
    "migrate": Command(
        "bring the database to the newest shape",
        _migrate,
        ((("--to",), {"metavar": "NNNN_name", "help": "to this one instead"}),),
    ),
    "openapi": Command("write the interface as OpenAPI to standard output", _openapi),
    "doctor": Command("look whether everything the product needs is there", _doctor),
}
