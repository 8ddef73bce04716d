"""The phone in a browser: the built H5 files under `/`, compressed beforehand where the build did so.

They are not routes: whatever no route answers is looked for among the files, and is a plain 404 when it is not there.
"""

from __future__ import annotations

import asyncio
import base64
import hashlib
import mimetypes
import os
import re
from email.utils import formatdate
from pathlib import Path
from typing import TYPE_CHECKING

from sanic import HTTPResponse

from server.web import html

if TYPE_CHECKING:
    from sanic import Request

BUILT = Path(__file__).resolve().parents[2] / "miniprogram" / "dist" / "build" / "h5"
_HASHED = re.compile(r"[-.][A-Za-z0-9_-]{8,}\.\w+\Z")
_INLINE_SCRIPT = re.compile(rb"<script>(.*?)</script>", re.DOTALL)
_PACKED = (("br", ".br"), ("gzip", ".gz"))
_SECRET_SUFFIXES = (".map", ".br", ".gz")


async def answer(request: Request, root: Path = BUILT) -> HTTPResponse | None:
    """Give the file a GET or HEAD asks for, the page that says how to build them, or None."""
    if request.method not in ("GET", "HEAD"):
        return None
    path = request.path
    if path == "/" and not (root / "index.html").is_file():
        return html.page(request, "not_built.html", {}, 503)
    found = _find(root, "index.html" if path == "/" else path.lstrip("/"))
    if found is None:
        return None
    return await _send(request, found)


def _find(root: Path, name: str) -> Path | None:
    # No parent steps, no hidden files, no way out by a link.
    if not name or "\x00" in name or any(part.startswith(".") for part in name.split("/")):
        return None
    wanted = (root / name).resolve()
    if not wanted.is_relative_to(root.resolve()) or wanted.suffix in _SECRET_SUFFIXES:
        return None
    try:
        return wanted if wanted.is_file() else None
    except OSError:
        return None  # a name longer than any file's


async def _send(request: Request, path: Path) -> HTTPResponse:
    stat, encoding, source = await asyncio.to_thread(_chosen, request, path)
    tag = f'"{stat.st_mtime_ns:x}-{stat.st_size:x}"'
    hashed = path.parent.name == "assets" and _HASHED.search(path.name)
    headers = {
        "etag": tag,
        "last-modified": formatdate(stat.st_mtime, usegmt=True),
        "cache-control": "public, max-age=31536000, immutable" if hashed else "no-cache",
        "vary": "accept-encoding",
    }
    if request.headers.get("if-none-match") == tag:
        return HTTPResponse(b"", 304, headers)
    if encoding:
        headers["content-encoding"] = encoding
    body = await asyncio.to_thread(source.read_bytes)
    response = HTTPResponse(body, 200, headers, mimetypes.guess_type(path.name)[0] or "application/octet-stream")
    if path.suffix == ".html":
        response.content_type = html.CONTENT_TYPE
        page = body if encoding is None else await asyncio.to_thread(path.read_bytes)
        request.ctx.script_hashes = script_hashes(page)
    return response


def _chosen(request: Request, path: Path) -> tuple[os.stat_result, str | None, Path]:
    return path.stat(), *_packed(request, path)


def _packed(request: Request, path: Path) -> tuple[str | None, Path]:
    accepted = {
        part.split(";")[0].strip()
        for part in request.headers.get("accept-encoding", "").split(",")
        if not re.search(r";\s*q=0(\.0*)?\s*\Z", part)
    }
    for encoding, suffix in _PACKED:
        packed = path.with_name(path.name + suffix)
        if encoding in accepted and packed.is_file():
            return encoding, packed
    return None, path


def script_hashes(page: bytes) -> list[str]:
    """Name the page's own inline scripts for the content security policy, so no others need be allowed."""
    return [
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in _INLINE_SCRIPT.findall(page)
    ]
