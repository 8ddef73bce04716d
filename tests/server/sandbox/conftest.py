"""One sandbox for the run, on a real socket, as new for every test."""

import itertools
import socket
from collections.abc import AsyncIterator
from typing import Any, NamedTuple, TypeAlias

import aiohttp
import pytest
from sanic import Sanic

from server.sandbox.app import create_app
from server.sandbox.clock import Clock
from server.sandbox.process import Serving
from server.sandbox.settings import Settings
from server.sandbox.world import World

APPID = "wxonetripdemo00001"
SECRET = Settings().secret
START = 1_795_140_000.0
names = itertools.count()
Json: TypeAlias = Any  # whatever was answered, or is sent to see what is answered


class Answer(NamedTuple):
    status: int
    json: Json
    text: str
    headers: Any
    body: bytes


class Sandbox:
    """What a test does with a running sandbox."""

    def __init__(self, world: World, session: aiohttp.ClientSession, base: str) -> None:
        self.world = world
        self.session = session
        self.base = base

    async def call(self, method: str, path: str, **options: Any) -> Answer:
        async with self.session.request(method, self.base + path, allow_redirects=False, **options) as reply:
            body = await reply.read()
            is_json = "json" in reply.content_type or body[:1] in {b"{", b"["}
            parsed = await reply.json(content_type=None) if is_json and body else None
            return Answer(reply.status, parsed, body.decode("utf-8", "replace"), reply.headers, body)

    async def get(self, path: str, /, **params: str | int) -> Answer:
        return await self.call("GET", path, params=params)

    async def post(self, path: str, body: Json = None, /, **params: str) -> Answer:
        return await self.call("POST", path, json={} if body is None else body, params=params)

    async def token(self) -> str:
        asked = {"grant_type": "client_credential", "appid": APPID, "secret": SECRET}
        answer = await self.post("/cgi-bin/stable_token", asked)
        return str(answer.json["access_token"])

    async def wechat(self, path: str, body: Json) -> Json:
        """A POST with a good token; the JSON of the answer."""
        return (await self.post(path, body, access_token=await self.token())).json

    def template(self, slug: str) -> Json:
        return next(template for template in self.world.templates.values() if template.slug == slug)

    def openid(self, key: str = "grandma") -> str:
        phone = self.world.phones.get(key)
        assert phone is not None
        return phone.openid

    def message(self, slug: str = "booking_result", **changes: Any) -> dict[str, Any]:
        """A body of subscribe/send that is right but for `changes`."""
        template = self.template(slug)
        data = {field.key: {"value": field.example} for field in template.fields}
        body = {"touser": self.openid(), "template_id": template.id, "data": data, "page": "features/x/pages/y?id=1"}
        return body | changes

    async def accept(self, *slugs: str, key: str = "grandma", always: bool = False) -> Json:
        ids = [self.template(slug).id for slug in slugs]
        answer = await self.post(f"/_sandbox/phones/{key}/subscribe", {"tmplIds": ids, "accept": ids, "always": always})
        return answer.json


@pytest.fixture(scope="session")
async def running_sandbox() -> AsyncIterator[Sandbox]:
    app: Sanic[Any, Any] = create_app(
        Settings(app_origin="http://127.0.0.1:18999", send_latency=0.0),
        clock=Clock(lambda: START),
        name=f"sandbox_{next(names)}",
    )
    line = socket.create_server(("127.0.0.1", 0))
    base = f"http://127.0.0.1:{line.getsockname()[1]}"
    async with Serving(app, line), aiohttp.ClientSession() as session:
        yield Sandbox(app.ctx.world, session, base)


@pytest.fixture
def sandbox(running_sandbox: Sandbox) -> Sandbox:
    running_sandbox.world.reset()
    return running_sandbox
