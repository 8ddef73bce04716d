"""Sending rude requests, each as somebody who may, and looking at what comes back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any
from urllib.parse import quote, quote_from_bytes, urlencode, urlsplit

import msgspec

from server.kit import texts
from server.kit.ids import token
from server.web import csrf
from server.web.routing import Operation
from tests.fixtures_web import Serving
from tests.server.rude import nasty
from tests.server.rude.asks import ask, body_of, sample
from tests.server.rude.nasty import MARK, STRINGS
from tests.server.rude.wire import Line, Reply
from tests.server.rude.world import World

LINES = 8
# Doing these would end the session everything else is sent with.
_THE_END = {"identity.logout", "identity.withdraw_consent", "console_login.logout"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Rude:
    """One request nobody should send."""

    operation: Operation
    what: str
    target: bytes
    headers: dict[str, bytes]
    body: bytes | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Sender:
    """Writes requests as somebody who may, so that they get as far in as they can."""

    world: World
    chance: Random

    def headers(self, operation: Operation) -> dict[str, bytes]:
        """Who sends it."""
        made = {"accept": b"application/json", "accept-language": b"en"}
        if operation.access.name.startswith("staff:"):
            cookie = self.world.staff["right"][0]
            made |= {"cookie": f"onetrip_console={cookie}".encode(), "x-csrf-token": csrf._derive(cookie).encode()}
        elif operation.access.name != "public":
            made["authorization"] = f"Bearer {self.world.a.citizen.token}".encode()
        if operation.idempotent:
            made["idempotency-key"] = token().encode()
        return made

    def path(self, operation: Operation) -> str:
        """Where it goes."""
        return ask(operation, self.world.a.ids, self.world.given).path

    def full(self, struct: type[msgspec.Struct]) -> dict[str, Any]:
        """A body with every field filled that can be."""
        names = {name for field in msgspec.structs.fields(struct) for name in (field.encode_name,)}
        return sample(struct, {**self.world.given, **self.world.a.ids}, names)

    def bodies(self, operation: Operation, each: int) -> Iterator[Rude]:
        """Broken JSON bodies, or broken forms."""
        struct = body_of(operation)
        if struct is None or operation.name in _THE_END:
            return
        target, valid = self.path(operation).encode(), self.full(struct)
        if operation.binding.body is None:
            kind = {"content-type": b"application/x-www-form-urlencoded"}
            for name in (*valid, f"{MARK}<b>"):
                for value in (*nasty.FAR_TEXTS, *self.chance.sample(STRINGS, each)):
                    form = urlencode({**valid, name: value}, doseq=True, errors="surrogatepass")
                    yield self._rude(operation, f"form {name}", target, kind, form.encode())
            for other in nasty.FORM_KINDS:
                broken = b"%ff=%00&&&=&\xff\xfe;" + MARK.encode() + b"&a=b" * 2000
                yield self._rude(operation, f"form {other!r}", target, {"content-type": other}, broken)
            return
        for raw, kind in nasty.bodies(valid):
            yield self._rude(operation, f"body {raw[:30]!r}", target, kind, raw)
        for changed in nasty.changed(valid, self.chance, each):
            yield self._rude(
                operation, f"body {changed[:400]!r}", target, {"content-type": b"application/json"}, changed
            )

    def queries(self, operation: Operation, each: int) -> Iterator[Rude]:
        """Broken queries: every parameter, and some that do not exist."""
        struct = operation.binding.query
        path = self.path(operation)
        if struct is not None:
            valid = self.full(struct)
            for name in (*valid, f"{MARK}[]"):
                values = [*self.chance.sample(STRINGS, each), *nasty.FAR_TEXTS]
                values += nasty.cursors() if name == "cursor" else ()
                for value in values:
                    query = urlencode({**valid, name: value}, doseq=True)
                    yield self._rude(operation, f"query {name}={value[:60]!r}", f"{path}?{query}".encode())
        for raw in (b"%", b"%ff%fe=%ff", b"a=%00", b"&&==&", b"q=%ed%a0%80", b"cursor=a&cursor=b", b"x" * 6000):
            if operation.method == "GET":
                yield self._rude(operation, f"query {raw[:30]!r}", path.encode() + b"?" + raw)

    def paths(self, operation: Operation, each: int) -> Iterator[Rude]:
        """Broken ids in the path."""
        if operation.name in _THE_END:
            return
        for name in operation.binding.path_types:
            values = [
                quote(value, safe="") for value in self.chance.sample(STRINGS, each) if value and len(value) < 999
            ]
            for value in (
                *values,
                "%00",
                "%ff",
                "%ed%a0%80",
                "%2e%2e",
                "%2f",
                "a" * 3000,
                quote_from_bytes(b"\xff\x00"),
            ):
                path = operation.template.format_map({**self.world.given, **self.world.a.ids, name: value})
                yield self._rude(operation, f"path {value[:60]}", path.encode())

    def heads(self, operation: Operation) -> Iterator[Rude]:
        """Broken headers."""
        target = self.path(operation).encode()
        for name in ("accept-language", "x-request-id", "idempotency-key", "authorization", "cookie", "content-type",
                     "accept", "user-agent", "x-forwarded-for", "forwarded", "range", "if-none-match", "expect",
                     "transfer-encoding", "x-csrf-token", "accept-encoding"):  # fmt: skip
            for value in nasty.HEADERS:
                yield self._rude(operation, f"{name}: {value[:30]!r}", target, {name: value})

    def _rude(
        self, operation: Operation, what: str, target: bytes, headers: dict[str, bytes] | None = None,
        body: bytes | None = None,
    ) -> Rude:  # fmt: skip
        if operation.method != "GET" and body is None:
            body = b""
        merged = {**self.headers(operation), **(headers or {})}
        return Rude(operation=operation, what=what, target=target, headers=merged, body=body)


def fault(rude: Rude, reply: Reply) -> str | None:
    """Say what is wrong with an answer to rudeness."""
    cell = f"{rude.operation.name} {rude.what}"
    # Readiness says by its status whether the database answers within a second; a busy machine's may not.
    unready = (rude.operation.name, reply.status) == ("health.ready", 503)
    if not 0 < reply.status < 500 and not unready:
        return f"{cell}: {reply.status or 'no answer'} {reply.headers} {reply.body[:200]!r}"
    if reply.status < 400 or (rude.method == "HEAD" and not reply.body):
        return None
    if MARK.encode() in reply.body or any(MARK in value for name, value in reply.headers.items()):
        return f"{cell}: repeats what was sent {reply.body[:300]!r}"
    if b"Traceback" in reply.body or b".py" in reply.body:
        return f"{cell}: shows its inside"
    if reply.headers.get("content-type") != "application/problem+json":
        return f"{cell}: {reply.status} is {reply.headers.get('content-type')} {reply.body[:100]!r}"
    code = reply.json["code"]
    unspoken = [locale for locale in texts.available() if f"errors.{code}" not in texts._table(locale)]
    return f"{cell}: {code} has no words in {unspoken}" if unspoken else None


async def send_all(serving: Serving, rudes: list[Rude]) -> list[str]:
    waiting = iter(rudes)
    port = urlsplit(serving.base).port or 0
    faults: list[str | None] = []

    async def one() -> None:
        line = Line(port)
        for rude in waiting:
            reply = await line.send(rude.method or rude.operation.method, rude.target, rude.headers, rude.body)
            faults.append(fault(rude, reply))
        line.close()

    await asyncio.gather(*(one() for _ in range(LINES)))
    return list(dict.fromkeys(filter(None, faults)))
