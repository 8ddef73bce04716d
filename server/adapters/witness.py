"""The audit chain's witness: a key from the file of keys, and a file of checkpoints beside the database."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import os
from collections.abc import Iterator
from pathlib import Path

from server.config import Settings

_TAIL_BYTES = 4096  # a line is a quarter of a kilobyte


class FileWitness:
    """Appends one line at a time, on disk before it returns. Copy the file off the machine as often as it matters."""

    def __init__(self, path: Path, key: bytes) -> None:
        self._path = path
        self._key = key

    def mac(self, purpose: str, payload: bytes) -> bytes:
        """Make 32 bytes that only the holder of the key can make."""
        return hmac.digest(self._key, purpose.encode() + b"\0" + payload, hashlib.sha256)

    def same(self, one: bytes, other: bytes) -> bool:
        """Compare two of them."""
        return hmac.compare_digest(one, other)

    async def append(self, line: bytes) -> None:
        """Add a line."""
        await asyncio.to_thread(self._append, line)

    def last(self) -> bytes | None:
        """Give the last whole line."""
        try:
            with self._path.open("rb") as file:
                file.seek(0, os.SEEK_END)
                file.seek(max(0, file.tell() - _TAIL_BYTES))
                whole = file.read().rpartition(b"\n")[0]
        except FileNotFoundError:
            return None
        return whole.rpartition(b"\n")[2] or None

    def lines(self) -> Iterator[bytes]:
        """Give every whole line, oldest first. A crash can only have torn the last one."""
        try:
            with self._path.open("rb") as file:
                yield from (line.rstrip(b"\n") for line in file if line.endswith(b"\n"))
        except FileNotFoundError:
            return

    def _append(self, line: bytes) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            end = os.lseek(handle, 0, os.SEEK_END)
            if end and os.pread(handle, 1, end - 1) != b"\n":
                # A crash tore the last line: what is left of it never counted.
                os.ftruncate(handle, self._whole_bytes(handle, end))
                os.lseek(handle, 0, os.SEEK_END)
            os.write(handle, line + b"\n")
            os.fsync(handle)
        finally:
            os.close(handle)

    @staticmethod
    def _whole_bytes(handle: int, end: int) -> int:
        start = max(0, end - _TAIL_BYTES)
        return start + os.pread(handle, end - start, start).rfind(b"\n") + 1


def make(settings: Settings) -> FileWitness:
    """Keep the checkpoints where the settings say."""
    return FileWitness(settings.audit_checkpoints, settings.secrets.audit)
