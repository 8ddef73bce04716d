"""A web worker that kills itself at a named point of a deed. The product has no such switch; this puts one in.

Run as `python -m tests.server.rude.crashing POINT PORT` beside a running web process, whose database it joins.
"""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Awaitable, Callable
from typing import Any

from server import main
from server.config import Settings
from server.features.booking.service import _batch
from server.web.serving import listen

Step = Callable[..., Awaitable[Any]]


def die(*_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def dying(step: Step, *, before: bool = False) -> Step:
    async def last(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - as the step has it
        if before:
            die()
        result = await step(*args, **kwargs)
        die()
        return result

    return last


# Where it dies: the module, the name of the step, and whether before it rather than after.
POINTS: dict[str, tuple[Any, str, bool]] = {
    "somebody waits": (_batch, "facts_of", True),
    "judged": (_batch, "facts_of", False),
    "before the statement": (_batch, "_asked", True),
    "committed, not answered": (_batch, "_asked", False),
}

if __name__ == "__main__":
    point, port = sys.argv[1:]
    module, name, first = POINTS[point]
    setattr(module, name, dying(getattr(module, name), before=first))
    listening = listen("127.0.0.1", int(port))
    raise SystemExit(main.work(Settings.load(env_file=None), listening.detach()))
