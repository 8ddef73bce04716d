"""A process that keeps the embedded PostgreSQL, or joins it, until its input ends. Says which, and the address."""

from __future__ import annotations

import sys

from server.config import Settings
from server.db import embedded


def main(var_dir: str) -> None:
    settings = Settings.load({"ENV": "test", "VAR_DIR": var_dir}, env_file=None)
    try:
        address, owner = embedded.join_or_own(settings)
    except embedded.EmbeddedError as error:
        sys.stdout.write(f"failed {error}\n")
        return
    sys.stdout.write(f"{'owner' if owner else 'guest'} {address}\n")
    sys.stdout.flush()
    sys.stdin.read()
    if owner:
        owner.stop()


if __name__ == "__main__":
    main(sys.argv[1])
