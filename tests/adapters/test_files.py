"""The store keeps bytes whole or not at all, whatever stands behind its address."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from server.adapters import files
from server.config import Settings
from server.ports import FileStore, OutsideError


async def pieces(*parts: bytes) -> AsyncIterator[bytes]:
    for part in parts:
        yield part


async def broken() -> AsyncIterator[bytes]:
    yield b"half"
    raise ConnectionError


async def whole(store: FileStore, key: str) -> bytes:
    return b"".join([piece async for piece in store.read(key)])


@pytest.fixture(params=["", "file://"], ids=["folder", "file address"])
def store(request: pytest.FixtureRequest, settings: Settings, tmp_path: Path) -> FileStore:
    """A folder, as it may be written in FILES_URL."""
    return files.make(replace(settings, files_url=f"{request.param}{tmp_path}/elsewhere"))


async def test_what_is_put_is_read_until_it_is_deleted(store: FileStore) -> None:
    assert await store.put("ab/cd", pieces(b"one ", b"two")) == 7
    assert await whole(store, "ab/cd") == b"one two"
    assert await store.put("ab/cd", pieces(b"newer")) == 5
    assert await whole(store, "ab/cd") == b"newer"
    await store.delete("ab/cd")
    await store.delete("ab/cd")
    with pytest.raises(OutsideError) as missing:
        await whole(store, "ab/cd")
    assert (missing.value.code, missing.value.final) == ("not_found", True)


async def test_half_an_upload_leaves_nothing(store: FileStore, tmp_path: Path) -> None:
    with pytest.raises(ConnectionError):
        await store.put("ab/half", broken())
    with pytest.raises(OutsideError):
        await whole(store, "ab/half")
    assert not left_in(tmp_path)


def left_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_a_store_that_cannot_be_written_says_so(settings: Settings, tmp_path: Path) -> None:
    store = files.make(replace(settings, files_url=str(tmp_path)))
    (tmp_path / "ab").write_bytes(b"a file where a folder should be")
    with pytest.raises(OutsideError) as failure:
        await store.put("ab/cd", pieces(b"x"))
    assert not failure.value.final
