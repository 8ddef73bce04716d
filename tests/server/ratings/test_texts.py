"""Who has no WeChat rates by a link in an SMS: one a service, bound to it, and the number forgotten once it is sent."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from typing import Any

import pytest

from server import db
from server.config import Settings
from server.errors import Conflict, InvalidInput
from server.features.cases import service as cases
from server.features.identity import service as identity
from server.features.queue import service as queue
from server.features.ratings import service as ratings
from server.ports import Ports, SendError, Verdict
from tests.conftest import Clock
from tests.factories.cases import office
from tests.factories.identity import REGISTER, AsStaff, sample_number, sample_phone
from tests.factories.push import Sandbox, running
from tests.fixtures_web import Client
from tests.server.cases.test_window import received
from tests.server.console.desk import at_desk, goes_to
from tests.server.console.test_rating_machines import scene, serve
from tests.server.ratings.test_rating import WORST, finished, rate

TOLD = "SELECT state, reason, phone_sealed, attempt FROM rating_text"


@pytest.fixture
async def sandbox(settings: Settings, database: None) -> AsyncIterator[Sandbox]:
    async with running(settings) as found:
        yield found


class Provider:
    """One that takes everything, or says the same of everything."""

    def __init__(self, verdict: Verdict | None = None) -> None:
        self.verdict, self.asked = verdict, 0
        self.taken: list[tuple[str, Mapping[str, str]]] = []

    async def send(self, phone: str, _template: str, params: Mapping[str, str]) -> str:
        self.asked += 1
        if self.verdict is not None:
            raise SendError("away", self.verdict)
        self.taken.append((phone, params))
        return "1"


async def told() -> dict[str, Any]:
    row = await db.fetchrow(TOLD)
    assert row is not None
    return dict(row)


async def walked_in(clock: Clock, as_staff: AsStaff) -> tuple[Any, queue.Served]:
    """Somebody who took a number at the kiosk was served; gives who served them, and the visit."""
    clerk, hall_id, window_id = await scene(clock, as_staff)
    await serve(clerk, hall_id, window_id)
    served = await queue.last_served(window_id)
    assert served is not None
    return clerk, served


async def test_a_walk_in_rates_by_the_link_once(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    provider: Any = Provider()
    clerk, served = await walked_in(clock, as_staff)
    phone = sample_phone()
    assert await ratings.may_text(served)
    await ratings.text_link(clerk, served, phone)
    assert not await ratings.may_text(served)
    with pytest.raises(Conflict, match="texted"):
        await ratings.text_link(clerk, served, sample_phone())
    assert phone.encode() not in bytes((await told())["phone_sealed"])
    assert await ratings.send_texts(provider) == 1
    assert await ratings.send_texts(provider) == 0
    assert await told() == {"state": "sent", "reason": None, "phone_sealed": None, "attempt": 1}
    (phone_told, params), token = provider.taken[0], await ratings.token_of_visit(served)
    assert (phone_told, params["link"]) == (phone, f"/q/{token}?via=sms")
    assert token is not None
    taken = await rate(client, token, **WORST, via="sms")
    assert taken.status == 200, taken.text
    row = await db.fetchrow("SELECT channel, subject_id, window_id FROM rating WHERE state = 'given'")
    assert tuple(row or ()) == ("sms", served.subject_id, served.window_id)
    again = await rate(client, token, level="very_satisfied", via="sms")
    assert (again.status, again.json["code"]) == (409, "ratings.already_given")
    with pytest.raises(Conflict, match="already_given"):
        await ratings.text_link(clerk, served, phone)


@pytest.mark.parametrize("typed", ["", "12345", "0558-4412345", "<script>"])
async def test_only_a_mobile_number(as_staff: AsStaff, clock: Clock, typed: str) -> None:
    clerk, served = await walked_in(clock, as_staff)
    with pytest.raises(InvalidInput):
        await ratings.text_link(clerk, served, typed)
    assert await db.fetchval("SELECT count(*) FROM rating_text") == 0


@pytest.mark.parametrize(("verdict", "asked"), [(Verdict.FINAL, 1), (Verdict.RETRY, 4), (Verdict.UNKNOWN, 4)])
async def test_it_is_tried_some_times_and_has_an_end(
    as_staff: AsStaff, clock: Clock, verdict: Verdict, asked: int
) -> None:
    clerk, served = await walked_in(clock, as_staff)
    await ratings.text_link(clerk, served, sample_phone())
    away: Any = Provider(verdict)
    for _ in range(10):
        await ratings.send_texts(away)
        clock.advance(hours=2)
    assert away.asked == asked
    assert await told() == {"state": "dead", "reason": "away", "phone_sealed": None, "attempt": asked}


async def test_late_or_given_meanwhile_it_is_not_sent(
    client: Client, as_staff: AsStaff, clock: Clock, sandbox: Sandbox
) -> None:
    clerk, served = await walked_in(clock, as_staff)
    await ratings.text_link(clerk, served, phone := sample_phone())
    token = await ratings.token_of_visit(served)
    assert token is not None
    assert (await rate(client, token, level="satisfied")).status == 200
    assert await ratings.send_texts(sandbox.sms) == 1
    assert ((await told())["state"], (await told())["reason"]) == ("too_late", "given")
    await db.execute("DELETE FROM rating_text")
    await db.execute("UPDATE rating SET state = 'open', level = NULL, given_at = NULL, channel = NULL")
    await ratings.text_link(clerk, served, phone)
    clock.advance(seconds=timedelta(days=3, minutes=1).total_seconds())
    assert await ratings.send_texts(sandbox.sms) == 1
    assert ((await told())["state"], (await told())["reason"]) == ("too_late", "days")
    assert sandbox.world.sms_to(phone) == []


@pytest.mark.parametrize("left", [None, "19900001234"])
async def test_who_was_served_at_the_window_without_a_login_is_texted(
    client: Client, sandbox: Sandbox, left: str | None
) -> None:
    """Somebody old came with an identity card and a telephone, or without one; there is no app to tell them by."""
    at = await office()
    person = await identity.register_person(
        at.clerk.actor, kind="resident_id", name="赵长庚", number=sample_number(), checker=REGISTER, phone=left
    )
    case_id = await received(at, person.id)
    await cases.decline(at.reviewer.actor, case_id, "不属于本机关职权。")
    assert await db.fetchval("SELECT count(*) FROM rating WHERE subject_kind = 'case'") == 1
    assert await ratings.send_texts(sandbox.sms) == (0 if left is None else 1)
    if left is not None:
        (sms,) = sandbox.world.sms_to(left)
        token = await db.fetchval("SELECT token FROM rating WHERE subject_kind = 'case'")
        assert f"{sandbox.settings.public_url}/q/{token}?via=sms" in sms.text, "an address that opens by itself"


async def test_who_has_a_login_is_told_there(client: Client, ports: Ports, sandbox: Sandbox) -> None:
    await finished(client, ports)
    assert await db.fetchval("SELECT count(*) FROM rating") >= 1
    assert await db.fetchval("SELECT count(*) FROM rating_text") == 0


async def test_at_the_window(client: Client, as_staff: AsStaff, clock: Clock) -> None:
    clerk, hall_id, window_id = await scene(clock, as_staff)
    someone = await as_staff("clerk", hall=hall_id)
    await serve(clerk, hall_id, window_id)
    panel = f"/console/queue?hall={hall_id}&window={window_id}"
    desk = at_desk(client, someone)
    assert "短信发送评价链接" in await desk.sees(panel)
    form = {"hall": str(hall_id), "window": str(window_id), "phone": "123"}
    refused = await desk.refused("/console/queue/text", form, on=panel)
    assert refused.status == 422
    there = goes_to(await desk.does("/console/queue/text", form | {"phone": sample_phone()}, on=panel))
    shown = await desk.sees(there)
    assert "已发送评价短信" in shown
    assert 'name="phone"' not in shown, "once is enough"
