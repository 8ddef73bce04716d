"""Every command of `python -m server`. Each is imported only when it is asked for."""

from __future__ import annotations

import argparse
import importlib
import logging
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from server.config import SettingError, Settings
from server.errors import AppError
from server.kit.spoken import told

# Whatever LOG_LEVEL says: Sanic's lines name whole addresses, queries included; Tortoise's hold every value written.
HUSHED = {"sanic": logging.WARNING, "tortoise": logging.INFO}

Run = Callable[[Settings, argparse.Namespace], int]


@dataclass(frozen=True, slots=True)
class Command:
    """`says` is its line in the help; `run` is `module:function`; `arguments` are argparse's `add_argument` calls."""

    says: str
    run: str
    arguments: tuple[tuple[str, dict[str, Any]], ...] = ()

    def load(self) -> Run:
        """Import what runs it."""
        module, _, name = self.run.partition(":")
        run: Run = getattr(importlib.import_module(f"server.cli.{module}"), name)
        return run


_FILE = ("path", {"type": Path, "metavar": "FILE"})
_OWN_SOCKET = ("--socket", {"type": int, "default": None, "help": argparse.SUPPRESS})
_TO = ("--to", {"metavar": "NNNN_name", "help": "to this one instead of the newest"})
_REGION = ("--region", {"metavar": "CODE", "help": "of this region instead of REGION"})
_REPORT = ("--report", {"type": Path, "metavar": "CSV", "help": "write every refused or doubtful line there"})
_GRANT_HELP = "role@hall:KEY, role@department:USCC or role@region:CODE; may be given again"

COMMANDS: dict[str, Command] = {
    "web": Command("serve the API, the phone's pages and the console", "processes:web", (_OWN_SOCKET,)),
    "worker": Command("deliver messages, run clocks, keep house", "processes:worker"),
    "sandbox": Command("be a local WeChat, SMS and identity authority", "processes:sandbox"),
    "demo": Command("run everything here with sample data", "processes:demo"),
    "migrate": Command("bring the database to the newest shape", "data:migrate", (_TO,)),
    "seed-demo": Command("fill an empty database with a sample county", "data:seed_demo"),
    "import-items": Command(
        "bring in service items from a CSV or XLSX list", "imports:import_items", (_FILE, _REGION, _REPORT)
    ),
    "import-holidays": Command("bring in the State Council's holidays (JSON)", "imports:import_holidays", (_FILE,)),
    "import-standards": Command(
        "bring in what province and city say of items (JSON): a list of standards", "imports:import_standards", (_FILE,)
    ),
    "create-staff": Command(
        "take somebody on; the password is asked for, or read from standard input",
        "data:create_staff",
        (
            ("username", {}),
            ("--name", {"required": True, "help": "as it is shown at the desk"}),
            ("--grant", {"action": "append", "required": True, "metavar": "GRANT", "help": _GRANT_HELP}),
        ),
    ),
    "export-person": Command(
        "write all that is kept about one person into a ZIP; the document number is asked for, or read from stdin",
        "people:export_person",
        (_FILE,),
    ),
    "erase-person": Command(
        "forget one person as far as no law keeps them; the document number is asked for, or read from stdin",
        "people:erase_person",
        (("--yes", {"action": "store_true", "help": "really do it"}),),
    ),
    "rotate-keys": Command(
        "make the key that signs certificates next, or say that one is lost; then copy SECRETS_FILE to every host",
        "keys:rotate_keys",
        (
            ("--minutes", {"type": int, "default": 10, "help": "until it signs: long enough to copy the file (10)"}),
            ("--lost", {"metavar": "KEY_ID", "help": "somebody else may have this one; the new one signs at once"}),
            ("--since", {"metavar": "MOMENT", "help": "from when on, as 2026-11-20T09:00+08:00; without it: now"}),
            (
                "--algorithm",
                {"choices": ("Ed25519", "SM2-SM3"), "default": "Ed25519", "help": "how it signs (Ed25519)"},
            ),
            ("--list", {"action": "store_true", "help": "only show the keys"}),
        ),
    ),
    "verify-certificate": Command(
        "check a certificate: a file, its text, or the scanned address",
        "certificates:verify_certificate",
        (
            ("certificate", {"metavar": "FILE|TEXT"}),
            ("--offline", {"action": "store_true", "help": "ask nobody: only --keys and --status-list"}),
            ("--keys", {"type": Path, "metavar": "JSON", "help": "saved from /api/v1/certificates/keys"}),
            ("--status-list", {"type": Path, "metavar": "FILE", "help": "saved from /api/v1/certificates/status-list"}),
            ("--at", {"metavar": "ADDRESS", "help": "the house to ask; without it: PUBLIC_URL"}),
            ("--locale", {"default": "zh-CN", "choices": ("zh-CN", "en"), "help": "language of the answer"}),
        ),
    ),
    "verify-audit": Command("check the whole audit chain; names the first bad entry", "data:verify_audit"),
    "openapi": Command("write the interface as OpenAPI to standard output", "look:openapi"),
    "wechat-quota": Command(
        "show what WeChat has counted of our calls today, or have it begin anew",
        "quota:wechat_quota",
        (("--clear", {"metavar": "WHAT", "help": "an address (50 times a month), or program or service: all of it"}),),
    ),
    "doctor": Command("look whether everything the product needs is there", "look:doctor"),
}


def main(words: list[str] | None = None) -> int:
    """Run the command the words name. Gives the exit code; what goes wrong is one line on standard error."""
    given = _parser().parse_args(words)
    command = COMMANDS[given.command]
    try:
        settings = Settings.load()
        _log(settings)
        return command.load()(settings, given)
    except AppError as error:
        print(f"{given.command}: {_told(error)}", file=sys.stderr)
    except _expected() as error:
        print(f"{given.command}: {error}", file=sys.stderr)
    except KeyboardInterrupt:
        return 130
    return 1


def _told(error: AppError) -> str:
    said = told("en", f"errors.{error.code}", error.params)
    wrong = ", ".join(
        f"{field.path}: {told('en', f'errors.field.{field.code}', field.params)}" for field in error.fields
    )
    return f"{error.code}: {said} {wrong}".strip()


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m server")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in COMMANDS.items():
        one = commands.add_parser(name, help=command.says, description=command.says)
        for argument, options in command.arguments:
            one.add_argument(argument, **options)
    return parser


def _expected() -> tuple[type[Exception], ...]:
    from server.db import EmbeddedError, MigrationError  # noqa: PLC0415 - `--help` needs no database
    from server.main import StartError  # noqa: PLC0415 - as above

    return (SettingError, EmbeddedError, MigrationError, StartError)


def _log(settings: Settings) -> None:
    logging.basicConfig(
        level=settings.log_level, format="%(asctime)s %(levelname)s %(name)s %(message)s", stream=sys.stderr
    )
    for name, level in HUSHED.items():
        logging.getLogger(name).setLevel(level)
    access = logging.getLogger("server.access")
    lines = logging.StreamHandler(sys.stdout)
    lines.setFormatter(logging.Formatter("%(message)s"))
    access.addHandler(lines)
    access.propagate = False
