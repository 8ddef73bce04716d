"""Commands about one person's data."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from uuid import UUID

from server import wiring
from server.actor import System
from server.cli.data import in_database
from server.config import Settings
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.privacy import service as privacy

_OPERATOR = System(name="operator")


def export_person(settings: Settings, given: argparse.Namespace) -> int:
    """Write the archive of one person into a new file that only its owner may read."""

    async def run() -> int:
        ports = wiring.ports(settings)
        try:
            content = await privacy.export_of(_OPERATOR, await _asked(), ports.files)
        finally:
            for close in ports.closers:
                await close()
        with os.fdopen(os.open(given.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as sink:
            sink.write(content)
        print(
            f"{given.path}: {len(content)} bytes. It holds everything about this person: hand it over, then delete it"
        )
        return 0

    return in_database(settings, run)


def erase_person(settings: Settings, given: argparse.Namespace) -> int:
    """Forget one person; says what was forgotten and what the law keeps. Without `--yes` it only says what it would."""

    async def run() -> int:
        person_id = await _asked()
        if not given.yes:
            print("nothing done. Forgetting cannot be undone: say --yes")
            return 1
        done = await privacy.erase(_OPERATOR, person_id)
        print("forgotten: " + ", ".join(f"{count} {kind}" for kind, count in sorted(done.forgotten.items())))
        kept = ", ".join(done.kept)
        print("name and document: forgotten" if done.unnamed else f"name and document: kept by law, for {kept}")
        return 0

    return in_database(settings, run)


async def _asked() -> UUID:
    """Read whose: a document number typed at a prompt stays out of the shell's history and the process list."""
    number = getpass.getpass("Document number: ") if sys.stdin.isatty() else sys.stdin.readline().strip()
    found = await identity.person_by_document(_OPERATOR, number)
    if found is None:
        raise NotFound
    return found
