"""Pushes events to the account's own server, as often, as patiently and in the envelopes WeChat does."""

import asyncio
import contextlib
import secrets
from collections import deque
from typing import Annotated, Literal

import aiohttp
import msgspec

from server.sandbox.clock import Clock
from server.sandbox.wechat.envelope import encrypted, signature
from server.sandbox.wechat.events import AccountKind, Event

__all__ = ["Callback", "Push", "Pusher", "Try"]

KEPT = 2_000
AT_ONCE = 64
ANSWER_SHOWN = 200
Mode = Literal["plain", "compatible", "safe"]
Format = Literal["json", "xml"]


class Callback(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """Where and how an account's events are pushed, and what may go wrong on the way. Without a url nothing is."""

    url: str = ""
    appid: str = ""
    original_id: str = ""  # gh_…, what events are addressed to
    token: str = ""
    aes_key: str = ""
    mode: Mode = "safe"
    format: Format = "json"
    timeout: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    tries: Annotated[int, msgspec.Meta(ge=1, le=10)] = 3
    gap: Annotated[float, msgspec.Meta(ge=0, le=60)] = 0.0  # seconds between two tries
    delay: Annotated[float, msgspec.Meta(ge=0, le=600)] = 0.0  # seconds before the first
    copies: Annotated[int, msgspec.Meta(ge=1, le=20)] = 1  # how often every event is pushed though it was taken
    reorder: bool = False  # every second event overtakes the one before it
    wrong_signature: bool = False
    always_list: bool = False  # a List of one row as a list, as the page says and the field does not


class Try(msgspec.Struct, kw_only=True):
    at: float
    status: int | None = None  # None: no answer
    answer: str = ""
    took_ms: float = 0


class Push(msgspec.Struct, kw_only=True):
    """One event on its way: waiting, taken, or given_up."""

    id: int
    event: Event
    state: Literal["waiting", "taken", "given_up"] = "waiting"
    tries: list[Try] = []


class Pusher:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.callbacks: dict[AccountKind, Callback] = {}
        self.pushes: deque[Push] = deque(maxlen=KEPT)
        self._number = 0
        self._held: dict[AccountKind, Push] = {}
        self._under_way: set[asyncio.Task[None]] = set()
        self._session: aiohttp.ClientSession | None = None
        self._places = asyncio.Semaphore(AT_ONCE)

    def configure(self, account: AccountKind, callback: Callback) -> None:
        self.callbacks[account] = callback

    def emit(self, event: Event) -> None:
        """Sends an event on its way; returns at once."""
        callback = self.callbacks.get(event.account)
        if callback is None or not callback.url:
            return
        self._number += 1
        push = Push(id=self._number, event=event)
        self.pushes.append(push)
        if callback.reorder and event.account not in self._held:
            self._held[event.account] = push
            return
        overtaker = self._start(push, callback)
        held = self._held.pop(event.account, None)
        if held is not None:
            self._start(held, callback, after=overtaker)

    async def verify(self, account: AccountKind) -> tuple[bool, str]:
        """The GET by which WeChat makes sure of an address before it saves it."""
        callback = self.callbacks[account]
        stamp, nonce, echo = str(int(self._clock.now())), str(secrets.randbelow(10**10)), secrets.token_hex(10)
        query = {
            "signature": signature(callback.token, stamp, nonce),
            "timestamp": stamp,
            "nonce": nonce,
            "echostr": echo,
        }
        timeout = aiohttp.ClientTimeout(total=callback.timeout)
        try:
            async with self._client().get(callback.url, params=query, timeout=timeout) as reply:
                text = await reply.text("utf-8", "replace")
                return reply.status == 200 and text == echo, f"{reply.status} {text[:ANSWER_SHOWN]}"
        except (aiohttp.ClientError, TimeoutError, OSError) as error:
            return False, type(error).__name__

    async def settled(self) -> None:
        """Waits until nothing is under way."""
        while self._under_way:
            await asyncio.wait(self._under_way)

    async def close(self) -> None:
        for task in tuple(self._under_way):
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        if self._session is not None:
            await self._session.close()
            self._session = None

    def forget(self) -> None:
        for task in tuple(self._under_way):
            task.cancel()
        self.pushes.clear()
        self._held.clear()

    def _start(
        self, push: Push, callback: Callback, *, after: "list[asyncio.Task[None]] | None" = None
    ) -> "list[asyncio.Task[None]]":
        loop = asyncio.get_running_loop()
        started = [loop.create_task(self._push(push, callback, after)) for _copy in range(callback.copies)]
        for task in started:
            self._under_way.add(task)
            task.add_done_callback(self._under_way.discard)
        return started

    async def _push(self, push: Push, callback: Callback, after: "list[asyncio.Task[None]] | None") -> None:
        if after:
            await asyncio.wait(after)
        await asyncio.sleep(callback.delay)
        for number in range(callback.tries):
            if number:
                await asyncio.sleep(callback.gap)
            async with self._places:
                taken = await self._try(push, callback)
            if taken:
                push.state = "taken"
                return
        if push.state != "taken":
            push.state = "given_up"

    async def _try(self, push: Push, callback: Callback) -> bool:
        # Every try has a new timestamp and nonce, and so a new signature.
        query, body = dressed(push.event, callback, str(int(self._clock.now())), str(secrets.randbelow(10**10)))
        kind = "application/json" if callback.format == "json" else "text/xml"
        began, told = asyncio.get_running_loop().time(), Try(at=self._clock.now())
        push.tries.append(told)
        timeout = aiohttp.ClientTimeout(total=callback.timeout)
        with contextlib.suppress(aiohttp.ClientError, TimeoutError, OSError):
            async with self._client().post(
                callback.url, params=query, data=body, headers={"Content-Type": kind}, timeout=timeout
            ) as reply:
                told.answer = (await reply.text("utf-8", "replace"))[:ANSWER_SHOWN]
                told.status = reply.status
        told.took_ms = round((asyncio.get_running_loop().time() - began) * 1000, 1)
        return told.status == 200 and told.answer in {"", "success"}

    def _client(self) -> aiohttp.ClientSession:
        if self._session is None or self._session.closed:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        return self._session


def dressed(event: Event, callback: Callback, stamp: str, nonce: str) -> tuple[dict[str, str], bytes]:
    """Query and body of one push, in the callback's mode and format."""
    is_json = callback.format == "json"
    token = f"{callback.token}?" if callback.wrong_signature else callback.token
    query = {
        "signature": signature(token, stamp, nonce),
        "timestamp": stamp,
        "nonce": nonce,
        "openid": event.openid,
    }
    plain = (
        event.as_json(callback.original_id, always_list=callback.always_list)
        if is_json
        else event.as_xml(callback.original_id)
    )
    if callback.mode == "plain":
        return query, plain
    text = encrypted(callback.aes_key, callback.appid, plain)
    query |= {"encrypt_type": "aes", "msg_signature": signature(token, stamp, nonce, text)}
    return query, _sealed(plain, text, callback)


def _sealed(plain: bytes, text: str, callback: Callback) -> bytes:
    """Safe mode sends the sealed text alone, compatible mode the plain one beside it."""
    beside = callback.mode == "compatible"
    if callback.format == "json":
        open_part = msgspec.json.decode(plain, type=dict[str, object]) if beside else {}
        return msgspec.json.encode({**open_part, "ToUserName": callback.original_id, "Encrypt": text})
    sealed = f"<Encrypt><![CDATA[{text}]]></Encrypt>"
    if beside:
        return plain.replace(b"</xml>", f"{sealed}</xml>".encode())
    return f"<xml><ToUserName><![CDATA[{callback.original_id}]]></ToUserName>{sealed}</xml>".encode()
