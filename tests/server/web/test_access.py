from __future__ import annotations

import pytest
from sanic import Blueprint, text

import server.app
from server.actor import Anonymous, Citizen
from server.config import Settings
from server.ports import Ports
from server.web import access, route
from tests.fixtures_web import Client
from tests.server.web.small_app import World

THING = "/small/things/01890a5d-ac96-774b-bcce-b302099a8057"


@pytest.mark.parametrize(
    ("token", "status", "code"),
    [
        (None, 401, "unauthenticated"),
        ("made-up", 401, "unauthenticated"),
        ("citizen:1", 403, "identity.real_name_required"),
    ],
)
async def test_only_a_verified_person_gets_what_needs_a_real_name(
    small: Client, token: str | None, status: int, code: str
) -> None:
    answer = await (small.as_(token) if token else small).get("/small/mine")
    assert (answer.status, answer.json["code"]) == (status, code)
    assert (await small.as_("verified:1").get("/small/mine")).status == 200


async def test_anyone_is_known_when_a_token_comes_along(small: Client, world: World) -> None:
    await small.get(THING)
    await small.as_("citizen:1").get(THING)
    await small.as_("ended-session").get(THING)
    kinds = [type(actor) for actor in world.seen]
    assert kinds == [Anonymous, Citizen, Anonymous]


async def test_an_actor_knows_language_request_and_address(small: Client, world: World) -> None:
    answer = await small.as_("citizen:1").get(THING, headers={"accept-language": "en-US"})
    (actor,) = world.seen
    assert (actor.locale, actor.address) == ("en", "127.0.0.1")
    assert actor.request_id == answer.headers["x-request-id"]


async def test_staff_need_the_role_and_the_page_token(small: Client, world: World) -> None:
    assert (await small.post("/small/review")).status == 401
    assert (await small.in_console("staff:clerk").post("/small/review")).json["code"] == "forbidden"
    assert (await small.in_console("staff:reviewer").post("/small/review")).json["code"] == "csrf"
    assert (await small.as_("verified:1").post("/small/review")).status == 401
    assert not world.done


async def test_who_may_call_stands_in_the_document(small: Client) -> None:
    paths = (await small.get("/openapi.json")).json["paths"]
    assert paths["/small/mine"]["get"]["x-access"] == "verified"
    assert paths["/small/review"]["post"]["x-access"] == "staff:reviewer"
    assert paths["/small/mine"]["get"]["security"] == [{"bearer": []}]
    assert "security" not in paths["/small/notes"]["post"]
    headers = [one["name"] for one in paths["/small/deeds"]["post"]["parameters"]]
    assert headers == ["Idempotency-Key"]


def start(settings: Settings, ports: Ports, blueprint: Blueprint, patch: pytest.MonkeyPatch) -> None:
    patch.setattr(server.app, "modules", lambda: [type("module", (), {"blueprint": blueprint})])
    server.app.create_app(settings=settings, ports=ports)


def test_a_route_nobody_may_be_asked_about_stops_the_start(
    settings: Settings, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    blueprint = Blueprint("careless")
    blueprint.add_route(lambda _request: text(""), "/careless", name="careless")  # type: ignore[arg-type,return-value]
    with pytest.raises(RuntimeError, match=r"/careless .*who may call"):
        start(settings, ports, blueprint, monkeypatch)


def test_the_same_route_twice_stops_the_start(
    settings: Settings, ports: Ports, monkeypatch: pytest.MonkeyPatch
) -> None:
    blueprint = Blueprint("double")

    @route(blueprint, "GET", "/double/<one>", access=access.public)
    async def first(one: str) -> None: ...

    @route(blueprint, "GET", "/double/<other>", access=access.public)
    async def second(other: str) -> None: ...

    with pytest.raises(Exception, match="double"):
        start(settings, ports, blueprint, monkeypatch)


def test_a_handler_nobody_can_call_is_refused_when_it_is_written() -> None:
    blueprint = Blueprint("odd")

    async def wants_more(more: int) -> None: ...

    async def forgets_the_path() -> None: ...

    with pytest.raises(TypeError, match="more"):
        route(blueprint, "GET", "/odd", access=access.public)(wants_more)
    with pytest.raises(TypeError, match="thing_id"):
        route(blueprint, "GET", "/odd/<thing_id>", access=access.public)(forgets_the_path)
    with pytest.raises(TypeError, match="access"):
        route(blueprint, "GET", "/odd", access=None)(forgets_the_path)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="no rate limit"):
        route(blueprint, "GET", "/odd", access=access.public, limit="daily")(forgets_the_path)
