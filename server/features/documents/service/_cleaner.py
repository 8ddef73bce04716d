"""A process of its own in which uploads are opened, one after the other: what a hostile file costs, it costs there."""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import json
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path
from typing import IO, Any
from weakref import WeakKeyDictionary

from server.errors import InvalidInput, TooLarge, Unavailable
from server.features.documents.service._opening import HEAD, Clean

# In the hands of one worker at a time: together with what is sealed and sent to the store some 40 MB each.
AT_ONCE = 2
PATIENCE = 20.0
# A picture of the most pixels takes two seconds; whatever takes so long is made to.
SLOWEST = 20.0
_PROGRAM = "import sys; sys.path.insert(0, sys.argv[1]); from _opening import _serving; _serving.serve()"
_FOLDER = Path(__file__).parent


class _Cleaner:
    """Speaks with the program. It is started when first needed, ends when idle, and is replaced when it dies."""

    def __init__(self) -> None:
        self._turn = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None

    def clean(self, content: bytes) -> Clean:
        """Blocking. Raises InvalidInput or TooLarge with the code of the refusal."""
        with self._turn:
            try:
                return self._asked(content)
            except BrokenPipeError:
                # It went to rest just as we came.
                self._end()
                return self._asked(content)

    def _asked(self, content: bytes) -> Clean:
        process = self._running()
        outwards, inwards = process.stdin, process.stdout
        if outwards is None or inwards is None:
            raise BrokenPipeError
        watch = threading.Timer(SLOWEST, process.kill)
        watch.start()
        try:
            outwards.write(HEAD.pack(len(content)))
            outwards.write(content)
            outwards.flush()
            return replace(_answer(inwards), thumb=self._thumb(inwards))
        except EOFError:
            # Killed for its greed or its slowness, or crashed by what it decoded.
            self._end()
            raise InvalidInput("documents.broken") from None
        finally:
            watch.cancel()

    def _thumb(self, inwards: IO[bytes]) -> bytes | None:
        """Take the small picture. What is kept is in our hands: whoever dies over drawing it loses nothing else."""
        try:
            return _measured(inwards) or None
        except EOFError:
            self._end()
            return None

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self._end()
            self._process = subprocess.Popen(  # noqa: S603 - our own program, no argument from outside
                [sys.executable, "-I", "-c", _PROGRAM, str(_FOLDER)],
                stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={}, cwd="/",
            )  # fmt: skip
        return self._process

    def _end(self) -> None:
        if self._process is None:
            return
        self._process.kill()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        self._process.wait()
        self._process = None

    def close(self) -> None:
        """End the program with the process that asked it."""
        with self._turn:
            self._end()


def _answer(inwards: IO[bytes]) -> Clean:
    said: dict[str, Any] = json.loads(_measured(inwards))
    if "refused" in said:
        code = said["refused"]
        raise TooLarge(code) if code == "too_large" else InvalidInput(code)
    return Clean(
        content=_exactly(inwards, said["size"]),
        media_type=said["media_type"],
        thumb=None,
        width=said["width"],
        height=said["height"],
    )


def _measured(inwards: IO[bytes]) -> bytes:
    return _exactly(inwards, HEAD.unpack(_exactly(inwards, HEAD.size))[0])


def _exactly(inwards: IO[bytes], size: int) -> bytes:
    piece = inwards.read(size)
    if len(piece) < size:
        raise EOFError
    return piece


_cleaner = _Cleaner()
atexit.register(_cleaner.close)
_gates: WeakKeyDictionary[asyncio.AbstractEventLoop, asyncio.Semaphore] = WeakKeyDictionary()


class Turn:
    """Wait until few enough uploads are in memory. Raises Unavailable `documents.busy` when that takes too long."""

    async def __aenter__(self) -> None:
        self._gate = _gates.setdefault(asyncio.get_running_loop(), asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(PATIENCE):
                await self._gate.acquire()
        except TimeoutError:
            raise Unavailable("documents.busy", retry_after=5) from None

    async def __aexit__(self, *_left: object) -> None:
        self._gate.release()


async def clean(content: bytes) -> Clean:
    """Turn received bytes into what is kept, in that process. Raises InvalidInput, TooLarge."""
    return await asyncio.to_thread(_cleaner.clean, content)
