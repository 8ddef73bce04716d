"""The first screen in a real browser over a slow line, beside the same number of bytes alone over that line."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import json
import statistics
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp

from server import db, wiring
from server.features.identity import service as identity
from server.sample import seed
from server.web import h5
from tests.bench.registry import Figure, row
from tests.bench.stage import database, free_port, process
from tests.server.sandbox.chromium import FLAGS, PATH

ROUNDS = 3
# A phone in a village: 1.6 Mbit/s down, 750 kbit/s up, 150 ms there and back.
LINE = {"offline": False, "latency": 150, "downloadThroughput": 1_600_000 / 8, "uploadThroughput": 750_000 / 8}
MOST_KILOBYTES = 200
_PATIENCE = 60.0
_QUIET = 1.5

# Runs before the page's own scripts. `text` is when the first words stood there, `content` when what the server knows
# did: the sample guides are the only things on the first screen whose names hold these words.
_WATCH = """
(() => {
  const seen = (window.__seen = {});
  const look = () => {
    const words = document.body ? document.body.innerText.trim() : '';
    if (words && !seen.text) requestAnimationFrame(() => setTimeout(() => (seen.text ??= performance.now())));
    if (WORDS.some((word) => words.includes(word)) && !seen.content) seen.content = performance.now();
  };
  new MutationObserver(look).observe(document, { childList: true, subtree: true, characterData: true });
})();
"""


@dataclass(slots=True)
class Tab:
    """One page of a fresh browser on the slow line, and what its network has carried."""

    line: aiohttp.ClientWebSocketResponse
    bytes: float = 0.0
    requests: int = 0
    busy: set[str] = field(default_factory=set)
    quiet_since: float = 0.0
    failed: list[str] = field(default_factory=list)
    _numbers: Any = field(default_factory=lambda: itertools.count(1))
    _waiting: dict[int, asyncio.Future[Any]] = field(default_factory=dict)

    async def command(self, method: str, **params: Any) -> Any:  # noqa: ANN401 - the protocol's JSON
        number = next(self._numbers)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self.line.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(answer, 20)

    async def listen(self) -> None:
        async for raw in self.line:
            message = json.loads(raw.data)
            if "id" in message:
                self._waiting.pop(message["id"]).set_result(message.get("result", {}))
            else:
                self._note(message["method"], message["params"])

    def _note(self, method: str, params: dict[str, Any]) -> None:
        self.quiet_since = asyncio.get_running_loop().time()
        if method == "Network.requestWillBeSent" and not params["request"]["url"].startswith("data:"):
            self.requests += 1
            self.busy.add(params["requestId"])
        elif method == "Network.loadingFinished":
            self.bytes += params["encodedDataLength"]
            self.busy.discard(params["requestId"])
        elif method == "Network.loadingFailed":
            self.failed.append(params["errorText"])
            self.busy.discard(params["requestId"])

    async def look(self, script: str) -> Any:  # noqa: ANN401 - whatever the page says
        answer = await self.command("Runtime.evaluate", expression=script, returnByValue=True)
        return answer["result"].get("value")

    async def go(self, address: str, done: str) -> None:
        """Open a page and wait until `done` is true there and the line has been quiet for a while."""
        await self.command("Page.navigate", url=address)
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(_PATIENCE):
            while self.busy or loop.time() - self.quiet_since < _QUIET or not await self.look(done):  # noqa: ASYNC110 - a page tells nobody
                await asyncio.sleep(0.05)


@asynccontextmanager
async def tab(watched: str = "") -> AsyncIterator[Tab]:
    """Start a browser with nothing kept, as a phone of 390 by 844 that reads Chinese."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = await asyncio.create_subprocess_exec(
            PATH, *FLAGS, "--lang=zh-CN", f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.DEVNULL
        )
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.ws_connect(await _target(session, Path(profile)), max_msg_size=0) as line,
            ):
                opened = Tab(line)
                listening = asyncio.create_task(opened.listen())
                await opened.command("Page.enable")
                await opened.command("Network.enable")
                await opened.command("Network.emulateNetworkConditions", **LINE)
                await opened.command(
                    "Emulation.setDeviceMetricsOverride", width=390, height=844, deviceScaleFactor=2, mobile=True
                )
                if watched:
                    await opened.command("Page.addScriptToEvaluateOnNewDocument", source=watched)
                yield opened
                listening.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await listening
        finally:
            browser.terminate()
            await browser.wait()


async def _target(session: aiohttp.ClientSession, profile: Path) -> str:
    card = profile / "DevToolsActivePort"
    async with asyncio.timeout(_PATIENCE):
        while not card.exists() or not card.read_text():  # noqa: ASYNC110 - a file tells nobody
            await asyncio.sleep(0.05)
    port = card.read_text().splitlines()[0]
    async with session.get(f"http://127.0.0.1:{port}/json/list") as reply:
        address: str = next(one for one in await reply.json() if one["type"] == "page")["webSocketDebuggerUrl"]
    return address


@dataclass(frozen=True, slots=True)
class Shown:
    """Seconds to the first words and to what the server knows, and what that took."""

    text: float
    content: float
    bytes: float
    requests: int


async def _home(base: str, names: list[str]) -> Shown:
    async with tab(_WATCH.replace("WORDS", json.dumps(names, ensure_ascii=False))) as page:
        await page.go(base + "/", "!!(window.__seen && window.__seen.text && window.__seen.content)")
        seen = await page.look("window.__seen")
        if page.failed:
            raise RuntimeError(f"the first screen could not load everything: {page.failed}")
        return Shown(seen["text"] / 1000, seen["content"] / 1000, page.bytes, page.requests)


async def _alone(base: str) -> float:
    """Fetch one answer over the line; its size was chosen by whoever started the server."""
    async with tab() as page:
        await page.go(base + "/", "performance.getEntriesByType('navigation')[0].responseEnd > 0")
        ended: float = await page.look("performance.getEntriesByType('navigation')[0].responseEnd")
        return ended / 1000


@row("first_screen")
async def first_screen() -> Figure:
    """Seconds until words can be read on the first screen; median of some rounds, each with an empty cache."""
    if not (h5.BUILT / "index.html").is_file():
        raise RuntimeError("the phone is not built: make h5")
    async with database() as settings:
        identity.serve(settings.region)
        await seed(wiring.ports(settings), settings)
        names = [one["name"] for one in await db.fetch("SELECT name FROM item ORDER BY heat DESC LIMIT 20")]
        told = {"ENV": "test", "VAR_DIR": str(settings.var_dir), "LOG_LEVEL": "ERROR", "DATABASE_URL": ""}
        port = free_port()
        async with process(port, "server", "web", PORT=str(port), **told) as base:
            rounds = [await _home(base, names) for _ in range(ROUNDS)]
        size = round(statistics.median(one.bytes for one in rounds))
        port = free_port()
        async with process(port, "tests.bench.bare", "json", str(port), db.address(), str(size)) as base:
            alone = [await _alone(base) for _ in range(ROUNDS)]
    return Figure(
        ours=statistics.median(one.text for one in rounds),
        limit=statistics.median(alone),
        unit="s",
        more={
            "kilobytes": round(size / 1000, 1),
            "most_kilobytes": MOST_KILOBYTES,
            "requests": rounds[0].requests,
            "content_s": round(statistics.median(one.content for one in rounds), 3),
        },
    )
