"""What cannot be taken is refused in clear words in the language of whoever asks, and nothing of it is lost or kept."""

from __future__ import annotations

import re
from typing import Any

import pytest

from server import db
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.identity import staff
from tests.fixtures_web import Answer, Client
from tests.server.console.desk import HTML, at_desk
from tests.server.ratings.test_pictures import send
from tests.server.ratings.test_rating import RATINGS, WORST, finished, rate
from tests.server.ratings.test_rectifying import do, rated
from tests.server.ratings.test_too_late import DAYS

LANGUAGES = pytest.mark.parametrize("language", ["zh-CN", "en"])
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
WRONG: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "too long": (WORST | {"words": "长" * 151}, ("words", "too_long")),
    "no text": (WORST | {"words": "a\u0000"}, ("words", "bad_format")),
    "of another level": (WORST | {"tags": ["501"]}, ("tags", "reason_of_another_level")),
    "no reason there is": (WORST | {"tags": ["999"]}, ("tags", "reason_of_another_level")),
    "no level there is": ({"level": "1"}, ("level", "bad_format")),
    "nothing": ({}, ("level", "missing")),
}


def says(told: str, language: str) -> None:
    assert len(told) >= 4, told
    assert bool(_CHINESE.search(told)) is (language == "zh-CN"), told
    assert not re.search(r"[a-z]+[._][a-z_]+", told), f"a key instead of words: {told}"


def refused(answer: Answer, status: int, code: str, language: str) -> None:
    assert (answer.status, answer.json["code"]) == (status, code), answer.text
    says(answer.json["detail"], language)


@LANGUAGES
async def test_what_whoever_rates_is_told(client: Client, ports: Ports, clock: Clock, language: str) -> None:
    spoken = client.with_(**{"accept-language": language})
    who, token = await finished(client, ports)
    notice = await db.fetchval("SELECT code FROM notice LIMIT 1")
    for forged in ("nonsense", token[:-1] + ("A" if token[-1] != "A" else "B"), notice):
        refused(await rate(spoken, forged, **WORST), 404, "codes.unknown", language)
    for given, field in WRONG.values():
        answer = await rate(spoken, token, **given)
        refused(answer, 422, "invalid_input", language)
        [told] = answer.json["fields"]
        assert (told["path"], told["code"]) == field
        says(told["text"], language)
    refused(await send(spoken, token, b"\xff\xd8\xff" + b"0" * (11 << 20)), 413, "too_large", language)
    own = client.in_console(who.office.clerk.cookie).with_(**{"accept-language": language})
    refused(await own.post(RATINGS, json={"token": token, "level": "satisfied"}), 403, "ratings.own_window", language)
    assert await db.fetchval("SELECT state FROM rating") == "open", "nothing of it was kept"
    clock.advance(days=DAYS)
    refused(await rate(spoken, token, **WORST), 410, "ratings.expired", language)


@LANGUAGES
async def test_a_used_code_says_so_and_a_script_is_only_words(client: Client, ports: Ports, language: str) -> None:
    spoken = client.with_(**{"accept-language": language})
    _, token = await finished(client, ports)
    script = "<script>alert(1)</script>"
    assert (await rate(spoken, token, **WORST | {"words": script})).status == 200
    refused(await rate(spoken, token, level="very_satisfied"), 409, "ratings.already_given", language)
    assert await db.fetchval("SELECT level FROM rating") == "very_dissatisfied"
    page = await at_desk(client, await staff("supervisor")).sees("/console/rectifications")
    assert script not in page
    assert "&lt;script&gt;" in page


@LANGUAGES
async def test_what_the_desk_is_told(client: Client, ports: Ports, language: str) -> None:
    who, _, work = await rated(client, ports)
    manager = await staff("hall_manager", hall=who.office.hall.id)
    here = f"/console/rectifications/{work}"
    desk = at_desk(client.with_(accept_language=language), manager)

    async def told(deed: str, form: dict[str, str], status: int) -> None:
        answer = await desk.refused(f"{here}/{deed}", form, on=here)
        assert answer.status == status, answer.text
        says(re.sub(r"<[^>]+>|&[^;]+;", " ", answer.text), language)

    await told("answer", {"words": "早就好了"}, 409)
    for deed in ("verify", "call_back", "rectify"):
        await do(deed, manager, work)
    await told("answer", {"words": ""}, 422)
    await told("answer", {"words": "长" * 501}, 422)
    await do("ask_exclusion", manager, work)
    supervisor = await staff("supervisor")
    await db.execute("UPDATE rating_exclusion SET asked_by = $1", supervisor.actor.staff_id)
    desk = at_desk(client.with_(accept_language=language), supervisor)
    await told("decide", {"verdict": "exclude", "words": "同意"}, 403)
    row = await db.fetchrow("SELECT r.state, w.closed_at FROM rating r JOIN rectification w ON w.rating_id = r.id")
    assert row is not None
    assert (row["state"], row["closed_at"]) == ("given", None)
    empty = await desk.sees("/console/indicators", period="2024")
    says(re.sub(r"<[^>]+>", "", re.findall(r'<p class="empty">.*?</p>', empty)[0]), language)
    assert (await desk.browser.get("/console/indicators", params={"period": "2024-13"}, headers=HTML)).status == 422
