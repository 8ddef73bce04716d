from __future__ import annotations

import gzip
from pathlib import Path

import aiohttp
import pytest
from yarl import URL

from server.web import h5
from tests.fixtures_web import Client

PAGE = b"<html><script>var a = 1</script><script src='/assets/index-BxYz1234.js'></script></html>"


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    root = tmp_path / "h5"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_bytes(PAGE)
    (root / "index.html.gz").write_bytes(gzip.compress(PAGE))
    (root / "assets" / "index-BxYz1234.js").write_bytes(b"plain")
    (root / "assets" / "index-BxYz1234.js.br").write_bytes(b"br")
    (root / "assets" / "index-BxYz1234.js.gz").write_bytes(b"gz")
    (root / "assets" / "index-BxYz1234.js.map").write_bytes(b"{}")
    (root / "static").mkdir()
    (root / "static" / "logo.png").write_bytes(b"png")
    (tmp_path / "secret.txt").write_bytes(b"secret")
    (root / "link.txt").symlink_to(tmp_path / "secret.txt")
    (root / ".hidden").write_bytes(b"secret")
    monkeypatch.setattr(h5.answer, "__defaults__", (root,))
    return root


async def test_the_first_page_is_asked_for_each_time_and_its_own_scripts_may_run(small: Client, built: Path) -> None:
    page = await small.get("/", headers={"accept-encoding": "identity"})
    assert (page.status, page.body, page.headers["cache-control"]) == (200, PAGE, "no-cache")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    policy = page.headers["content-security-policy"]
    assert f"script-src 'self' {h5.script_hashes(PAGE)[0]};" in policy
    same = await small.get("/", headers={"if-none-match": page.headers["etag"]})
    assert (same.status, same.body) == (304, b"")


@pytest.mark.parametrize(
    ("accepted", "encoding", "body"),
    [
        ("gzip, deflate, br", "br", b"br"),
        ("gzip", "gzip", b"gz"),
        ("br;q=0, gzip;q=0.5", "gzip", b"gz"),
        ("identity", None, b"plain"),
        ("", None, b"plain"),
    ],
)
async def test_what_the_build_compressed_is_sent_compressed(
    small: Client, built: Path, accepted: str, encoding: str | None, body: bytes
) -> None:
    async with (
        aiohttp.ClientSession(auto_decompress=False) as session,
        session.get(f"{small.base}/assets/index-BxYz1234.js", headers={"accept-encoding": accepted}) as answer,
    ):
        assert await answer.read() == body
        assert answer.headers.get("content-encoding") == encoding
        assert answer.headers["vary"] == "accept-encoding"
        assert answer.headers["content-length"] == str(len(body))
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers["content-type"].startswith("text/javascript")


async def test_unhashed_files_are_asked_for_each_time(small: Client, built: Path) -> None:
    logo = await small.get("/static/logo.png")
    assert (logo.body, logo.headers["content-type"], logo.headers["cache-control"]) == (b"png", "image/png", "no-cache")
    head = await small.request("HEAD", "/static/logo.png")
    assert (head.status, head.body, head.headers["content-length"]) == (200, b"", "3")


@pytest.mark.parametrize(
    "path",
    [
        "/missing.js",
        "/assets",
        "/static/",
        "/../secret.txt",
        "/static/../../secret.txt",
        "/%2e%2e/secret.txt",
        "/..%2fsecret.txt",
        "/link.txt",
        "/.hidden",
        "/assets/index-BxYz1234.js.map",
        "/assets/index-BxYz1234.js.br",
        "/index.html%00.png",
        "//etc/passwd",
    ],
)
async def test_nothing_else_is_given_away(small: Client, built: Path, path: str) -> None:
    async with small.session.get(URL(small.base + path, encoded=True)) as answer:
        assert answer.status == 404
        assert b"secret" not in await answer.read()


async def test_a_post_to_a_file_is_not_found(small: Client, built: Path) -> None:
    assert (await small.post("/static/logo.png")).status == 404


async def test_unbuilt_it_says_how_to_build(small: Client, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(h5.answer, "__defaults__", (tmp_path,))
    answer = await small.get("/")
    assert answer.status == 503
    assert "make h5" in answer.text


def test_only_inline_scripts_are_named() -> None:
    assert len(h5.script_hashes(PAGE)) == 1
