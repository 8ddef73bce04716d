"""The database that comes with the product: one owner, many guests, and a clean end however anybody dies."""
# ruff: noqa: ASYNC240 - looks at a few local files

from __future__ import annotations

import os
import random
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from server.config import Settings
from server.db import embedded
from server.db.embedded import place
from tests.server.db.kill_matrix import Keeper, Matrix, cluster_processes, folder, gone

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="looks at processes by /proc")
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root lends PostgreSQL another user")


@pytest.fixture
def fresh() -> Iterator[Path]:
    with folder() as made:
        yield made


@pytest.fixture(scope="module")
def made_once() -> Iterator[Path]:
    with folder() as made:
        embedded.start(settings_of(made), durable=False).stop()
        yield made


@pytest.fixture
def var(fresh: Path, made_once: Path) -> Path:
    """A folder with a cluster in it, copied because making one takes longer."""
    subprocess.run(["cp", "-a", "--", made_once / "pg", fresh], check=True)
    return fresh


@pytest.fixture
def strict_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


def settings_of(var: Path) -> Settings:
    return Settings.load({"ENV": "test", "VAR_DIR": str(var)}, env_file=None)


async def ask(address: str, sql: str) -> object:
    connection = await asyncpg.connect(address)
    try:
        return await connection.fetchval(sql)
    finally:
        await connection.close()


async def test_it_starts_stops_and_remembers(fresh: Path) -> None:
    settings = settings_of(fresh)
    async with embedded.serve(settings) as address:
        assert address == embedded.address(settings)
        await ask(address, "CREATE TABLE kept (n) AS SELECT 1")
        shown = [
            str(await ask(address, f"SHOW {name}")) for name in ("fsync", "synchronous_commit", "listen_addresses")
        ]
        assert shown == ["on", "on", ""]
        assert await ask(address, "SHOW server_encoding") == "UTF8"
        assert await ask(address, "SELECT datcollate FROM pg_database WHERE datname = current_database()") == "C"
        assert "psql '" in embedded.psql_line(settings)
        assert Path(embedded.psql_line(settings).split(" '")[0]).is_file()
    assert cluster_processes(fresh) == []
    with pytest.raises(embedded.EmbeddedError, match="nobody keeps"):
        embedded.address(settings)
    async with embedded.serve(settings) as address:
        assert await ask(address, "SELECT n FROM kept") == 1


async def test_only_its_own_user_and_root_come_in(var: Path) -> None:
    async with embedded.serve(settings_of(var)) as address:
        sockets = Path(address.partition("host=")[2])
        assert sockets.stat().st_mode & 0o077 == 0
        assert (var / "pg/data").stat().st_mode & 0o077 == 0
        running = cluster_processes(var)
        assert all(Path(f"/proc/{process}").stat().st_uid != 0 for process in running)


async def test_there_is_one_owner_and_the_others_are_guests(fresh: Path) -> None:
    var = fresh
    several = [Keeper(var) for _ in range(3)]
    said = [await one.said() for one in several]
    assert sorted(word for word, _ in said) == ["guest", "guest", "owner"]
    assert len({address for _, address in said}) == 1
    with pytest.raises(embedded.EmbeddedError, match="another process"):
        embedded.start(settings_of(var))
    for (word, _), one in zip(said, several, strict=True):
        if word == "guest":
            one.leave()
    assert await ask(said[0][1], "SELECT 1") == 1
    for one in several:
        one.leave()
    assert await gone(var)


async def test_a_terminal_s_ctrl_c_reaches_the_owner_only(var: Path) -> None:
    """So that the owner can let its own requests end first."""
    keeper = Keeper(var)
    await keeper.said()
    assert all(os.getpgid(process) != os.getpgid(keeper.process.pid) for process in cluster_processes(var))
    keeper.process.send_signal(signal.SIGTERM)
    keeper.leave()
    assert await gone(var)


async def test_kills_leave_a_working_database_and_no_stray_process(fresh: Path) -> None:
    var = fresh
    matrix = Matrix(var, random.Random(7))
    for what in ("start", "owner", "postmaster", "recycled", "backend", "all"):
        await matrix.round(what)
    keeper = Keeper(var)
    word, address = await keeper.said()
    assert word == "owner"
    await matrix._look_kept(address)
    keeper.leave()
    assert await gone(var)
    assert matrix.faults == []
    assert matrix.acknowledged
    assert matrix.shared
    assert not [path for path in matrix.shared if path.exists()]


def moved_deep(var: Path) -> Path:
    deep = var / ("long" * 20) / ("path" * 10)
    deep.mkdir(parents=True)
    shutil.move(var / "pg", deep)
    return deep


async def test_a_path_too_long_for_a_socket(var: Path) -> None:
    deep = moved_deep(var)
    async with embedded.serve(settings_of(deep)) as address:
        sockets = Path(address.partition("host=")[2])
        assert sockets.parent == place.SHORT
        assert await ask(address, "SELECT 1") == 1
    assert not sockets.exists()


async def test_somebody_else_s_socket_folder_is_not_used(var: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "SHORT", var)
    deep = moved_deep(var)
    elsewhere = var / "elsewhere"
    elsewhere.mkdir()
    (var / f"onetrip-{place._short(deep / 'pg')}").symlink_to(elsewhere)
    with pytest.raises(embedded.EmbeddedError, match="belongs to somebody else"):
        embedded.start(settings_of(deep))


@as_root
@pytest.mark.usefixtures("strict_umask")
async def test_a_folder_postgresql_s_user_cannot_enter(
    fresh: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """As when root's checkout lies in /root: nothing of root's is opened up, and it is said where the data is."""
    closed = fresh / "closed"
    closed.mkdir(mode=0o700)
    monkeypatch.setattr(place, "_SHARED", fresh / "shared")
    async with embedded.serve(settings_of(closed)) as address:
        assert await ask(address, "SELECT 1") == 1
        assert "is kept in" in caplog.text
    assert closed.stat().st_mode & 0o777 == 0o700
    assert not (closed / "pg/data").exists()


@as_root
@pytest.mark.usefixtures("strict_umask")
def test_programs_postgresql_s_user_cannot_reach_are_copied(fresh: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the libraries beside the package, where the programs look for them."""
    wheel = fresh / "closed/package/pginstall18"
    for path in (wheel / "bin/postgres", fresh / "closed/package.libs/libpq.so"):
        path.parent.mkdir(parents=True)
        path.write_text("")
    (fresh / "closed").chmod(0o700)
    monkeypatch.setattr(place, "_SHARED", fresh / "shared")
    monkeypatch.setattr(place, "binaries", lambda: wheel)
    account = place.Account.ours()
    copy = place.reachable_binaries(account)
    assert copy.is_relative_to(fresh / "shared")
    assert account.enters(copy / "bin")
    assert (copy / "../../package.libs/libpq.so").is_file()
    assert place.reachable_binaries(account) == copy


async def test_another_major_version_is_one_line_that_names_the_way(var: Path) -> None:
    settings = settings_of(var)
    (var / "pg/data/PG_VERSION").write_text("17\n")
    with pytest.raises(embedded.EmbeddedError, match=r"backup.*restore") as refused:
        embedded.start(settings)
    assert "\n" not in str(refused.value)


async def test_a_postgresql_that_cannot_start_says_why(var: Path) -> None:
    settings = settings_of(var)
    (var / "pg/data/postgresql.conf").write_text("max_connections = nonsense\n")
    with pytest.raises(embedded.EmbeddedError, match=r"postgres\.log") as refused:
        embedded.start(settings)
    assert "\n" not in str(refused.value)
    assert cluster_processes(var) == []


def test_a_machine_without_the_wheel(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    with pytest.raises(embedded.EmbeddedError, match="set DATABASE_URL"):
        embedded.binaries()
