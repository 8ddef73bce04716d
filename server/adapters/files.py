"""Stored files behind opendal: a folder, S3, OSS or COS, chosen by FILES_URL."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

import opendal
from opendal import exceptions

from server.config import Settings
from server.ports import OutsideError

# opendal's name of the service and of the option that holds the bucket, by the scheme of FILES_URL.
_CLOUDS = {"s3": "s3", "oss": "oss", "cos": "cos"}

# opendal's failures have no common ancestor of their own, so each is named.
_FAILURES = tuple(
    failure for failure in vars(exceptions).values() if isinstance(failure, type) and issubclass(failure, Exception)
)


class OpendalFiles:
    """Keys below one root. A put is whole or not at all: a folder writes beside and renames, a cloud does so itself."""

    def __init__(self, operator: opendal.AsyncOperator) -> None:
        self._operator = operator

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store all chunks under a key and give the number of bytes."""
        content = b"".join([piece async for piece in chunks])
        try:
            await self._operator.write(key, content)
        except _FAILURES as failure:
            raise OutsideError("files_write", final=False) from failure
        return len(content)

    async def read(self, key: str) -> AsyncIterator[bytes]:
        """Give the bytes of a key."""
        try:
            content = await self._operator.read(key)
        except exceptions.NotFound as missing:
            raise OutsideError("not_found", final=True) from missing
        except _FAILURES as failure:
            raise OutsideError("files_read", final=False) from failure
        yield bytes(content)

    async def delete(self, key: str) -> None:
        """Remove a key; removing nothing is fine."""
        try:
            await self._operator.delete(key)
        except _FAILURES as failure:
            raise OutsideError("files_delete", final=False) from failure


def make(settings: Settings) -> OpendalFiles:
    """Open the store FILES_URL names: `s3://bucket/prefix?region=…&endpoint=…` (also oss, cos), or a folder."""
    parts = urlsplit(settings.files_url)
    if parts.scheme in _CLOUDS:
        options = dict(parse_qsl(parts.query))
        return OpendalFiles(
            opendal.AsyncOperator(_CLOUDS[parts.scheme], bucket=parts.netloc, root=parts.path or "/", **options)
        )
    root = Path(parts.path) if settings.files_url else settings.var_dir / "files"
    root.mkdir(mode=0o700, parents=True, exist_ok=True)
    return OpendalFiles(opendal.AsyncOperator("fs", root=str(root), atomic_write_dir=str(root / ".writing")))
