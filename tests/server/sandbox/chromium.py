"""A headless Chromium driven by its own protocol: enough to click, look and take a picture."""

import asyncio
import base64
import contextlib
import itertools
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp

from tests.server.sandbox.conftest import Json

PATH = Path("/usr/bin/chromium")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--hide-scrollbars",
    "--mute-audio",
    "--remote-debugging-port=0",
)


class Page:
    def __init__(self, line: aiohttp.ClientWebSocketResponse) -> None:
        self._line = line
        self._ids = itertools.count(1)
        self._waiting: dict[int, asyncio.Future[Json]] = {}
        self.complaints: list[str] = []
        self._listener = asyncio.create_task(self._listen())

    async def command(self, method: str, **params: Json) -> Json:
        number = next(self._ids)
        answer = self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._line.send_json({"id": number, "method": method, "params": params})
        return await asyncio.wait_for(answer, 15)

    async def open(self, address: str, width: int, height: int) -> None:
        await self.command(
            "Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False
        )
        await self.command("Page.enable")
        await self.command("Runtime.enable")
        await self.command("Log.enable")
        await self.command("Page.navigate", url=address)

    async def look(self, script: str) -> Json:
        """The value of a JavaScript expression in the page; promises are awaited."""
        answer = await self.command("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    async def until(self, script: str, seconds: float = 10) -> Json:
        """Waits for an expression to become true, and gives its value."""
        for _ in range(int(seconds / 0.05)):
            found = await self.look(f"(() => {{ try {{ return {script} }} catch {{ return null }} }})()")
            if found:
                return found
            await asyncio.sleep(0.05)
        raise AssertionError(f"never happened: {script}")

    async def click(self, selector: str) -> None:
        await self.until(f"!!document.querySelector({selector!r})")
        await self.look(f"document.querySelector({selector!r}).click()")

    async def picture(self, file: Path) -> None:
        shot = await self.command("Page.captureScreenshot", format="png")
        await asyncio.to_thread(file.write_bytes, base64.b64decode(shot["data"]))

    async def close(self) -> None:
        self._listener.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._listener

    async def _listen(self) -> None:
        async for raw in self._line:
            message = raw.json()
            if "id" in message:
                answer = self._waiting.pop(message["id"])
                if not answer.cancelled():
                    answer.set_result(message.get("result", {}))
            elif message["method"] == "Runtime.exceptionThrown":
                self.complaints.append(str(message["params"]["exceptionDetails"]))
            elif message["method"] == "Log.entryAdded" and message["params"]["entry"]["level"] == "error":
                self.complaints.append(str(message["params"]["entry"]))


@contextlib.asynccontextmanager
async def browser() -> AsyncIterator[Page]:
    """One page of a fresh browser, which is ended and cleaned up after."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = await asyncio.create_subprocess_exec(
            PATH, *FLAGS, f"--user-data-dir={profile}", "about:blank", stderr=asyncio.subprocess.DEVNULL
        )
        try:
            port = await _port(Path(profile) / "DevToolsActivePort")
            async with aiohttp.ClientSession() as session:
                async with session.get(f"http://127.0.0.1:{port}/json/list") as reply:
                    target = next(row for row in await reply.json() if row["type"] == "page")
                async with session.ws_connect(target["webSocketDebuggerUrl"], max_msg_size=0) as line:
                    page = Page(line)
                    yield page
                    await page.close()
        finally:
            process.terminate()
            await process.wait()


async def _port(file: Path) -> int:
    for _ in range(300):
        with contextlib.suppress(FileNotFoundError):
            if lines := (await asyncio.to_thread(file.read_text)).splitlines():
                return int(lines[0])
        await asyncio.sleep(0.05)
    raise AssertionError("Chromium did not open its debugging port")
