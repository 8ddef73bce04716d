"""Commands that change or check what is stored."""

from __future__ import annotations

import argparse
import asyncio
import getpass
import importlib
import sys
from collections.abc import Callable, Coroutine
from typing import Any

from server import db, wiring
from server.actor import Grant, Role, ScopeKind, System
from server.config import SettingError, Settings
from server.features.audit import service as audit
from server.features.identity import service as identity

_OPERATOR = System(name="operator")


def in_database(settings: Settings, work: Callable[[], Coroutine[Any, Any, int]]) -> int:
    """Run something with the database open."""

    async def within() -> int:
        await db.connect(settings)
        try:
            return await work()
        finally:
            await db.disconnect()

    return asyncio.run(within())


def migrate(settings: Settings, given: argparse.Namespace) -> int:
    """Run the migrations that are missing, or undo those after `--to`."""

    async def run() -> int:
        done = await (db.migrate() if given.to is None else db.migrate(given.to))
        print("\n".join(done) if done else "nothing to do")
        return 0

    return in_database(settings, run)


def seed_demo(settings: Settings, _given: argparse.Namespace) -> int:
    """Fill in the sample county. Twice is as good as once."""
    if settings.env == "production":
        raise SettingError("ENV: sample people do not belong among real ones. Use ENV=demo")
    sample: Any = importlib.import_module("server.sample")

    async def run() -> int:
        ports = wiring.ports(settings)
        try:
            for line in await sample.seed(ports):
                print(line)
        finally:
            for close in ports.closers:
                await close()
        return 0

    return in_database(settings, run)


def create_staff(settings: Settings, given: argparse.Namespace) -> int:
    """Take somebody on and show, once, what goes into their authenticator."""
    grants = [_grant(text) for text in given.grant]
    password = getpass.getpass("Password: ") if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")

    async def run() -> int:
        new = await identity.create_staff(
            _OPERATOR, username=given.username, name=given.name, password=password, grants=grants
        )
        print(f"{given.username} may log in. For the authenticator, shown only now:\n{new.uri}")
        return 0

    return in_database(settings, run)


def verify_audit(settings: Settings, _given: argparse.Namespace) -> int:
    """Check the audit chain from its first entry to its last."""

    async def run() -> int:
        verdict = await audit.verify(wiring.ports(settings).witness)
        counted = f"{verdict.entries} entries, {verdict.checkpoints} checkpoints, {verdict.waiting} not sealed yet"
        if verdict.fault is None:
            print(f"unbroken: {counted}")
            return 0
        print(f"BROKEN at {verdict.sequence} ({verdict.fault}), entry {verdict.entry_id}: {counted}")
        return 1

    return in_database(settings, run)


def _grant(text: str) -> Grant:
    role, _, scope = text.partition("@")
    kind, _, place = scope.partition(":")
    try:
        return Grant(Role(role), ScopeKind(kind), place)
    except ValueError:
        roles, kinds = ", ".join(Role), ", ".join(ScopeKind)
        raise SettingError(f"--grant: {text!r} is not ROLE@SCOPE:WHERE, ROLE of {roles}; SCOPE of {kinds}") from None
