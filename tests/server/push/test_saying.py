"""Saying something: kept once, in the transaction of what happened, readable by those it is for."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from server import db
from server.features.push import service as push
from server.kit import texts
from server.kit.paging import PageQuery
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.booking import key
from tests.factories.identity import AsCitizen, AsStaff, child_of, enterprise_of
from tests.factories.push import TEMPLATE, Hello, Sandbox, agree, reached, rows, say
from tests.factories.thread import opened
from tests.fixtures_web import Client


@pytest.fixture(autouse=True)
def words(monkeypatch: pytest.MonkeyPatch) -> None:
    said = {
        "zh-CN": {
            "push.test.hello.title": "预约成功",
            "push.test.hello.body": "请于 {starts_at} 到{hall}办理“{item}”。",
        },
        "en": {
            "push.test.hello.title": "Appointment confirmed",
            "push.test.hello.body": "{item}: {starts_at}, {hall}.",
        },
    }
    table = texts._table
    monkeypatch.setattr(texts, "_table", lambda locale: {**table(locale), **said.get(locale, {})})


async def test_it_is_kept_with_the_deed_or_not_at_all(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()

    async def deed() -> None:
        async with db.tx():
            await push.send(Hello(), to=push.To(person_id=someone.person_id), dedupe="deed")
            raise LookupError

    with pytest.raises(LookupError):
        await deed()
    assert await db.fetchval("SELECT count(*) FROM inbox") == 0
    assert await rows() == []


async def test_the_same_event_is_said_once(as_citizen: AsCitizen) -> None:
    someone, other = await as_citizen(), await as_citizen()
    to = push.To(person_id=someone.person_id)
    answers = await asyncio.gather(*(push.send(Hello(), to=to, dedupe="one") for _ in range(5)))
    assert sorted(answers) == [False] * 4 + [True]
    assert await push.send(Hello(), to=push.To(person_id=other.person_id), dedupe="one")
    assert await push.send(Hello(), to=to, dedupe="two")
    assert len(await rows()) == 3


async def test_the_inbox_says_it_in_the_reader_s_language(as_citizen: AsCitizen, client: Client) -> None:
    someone = await as_citizen()
    about = await opened(someone)
    to = push.To(person_id=someone.person_id)
    await push.send(Hello(hall="县" * 30), to=to, dedupe="one", thread_id=about.id)
    phone = client.as_(someone.token)
    (line,) = (await phone.get("/api/v1/inbox")).json["items"]
    assert line == {
        "id": line["id"],
        "kind": "test.hello",
        "addressee": None,
        "title": "预约成功",
        "body": f"请于 2026年11月23日 09:00 到{'县' * 30}办理“居民身份证换领”。",
        "page": "/features/booking/pages/detail?id=b1",
        "thread_id": str(about.id),
        "at": line["at"],
        "read": False,
        "delivery": "waiting",
    }
    await phone.put("/api/v1/me/preferences", json={"locale": "en"}, headers={"idempotency-key": "switch-to-english-1"})
    answer = await phone.with_(accept_language="en").get("/api/v1/inbox")
    assert answer.json["items"][0]["body"] == f"居民身份证换领: 23 November 2026, 09:00, {'县' * 30}."


async def test_what_is_shortened_for_wechat_is_whole_in_the_inbox(sandbox: Sandbox, outside: Ports) -> None:
    to = await reached(sandbox)
    await say(to, Hello(hall="颍上县政务服务中心（便民服务大厅东区二楼综合窗口）"))
    await push.deliver(outside, push.Channel.WECHAT)
    (arrived,) = sandbox.messages(to.phone)
    place = arrived.fields[3].value
    assert place == "颍上县政务服务中心（…东区二楼综合窗口）"
    (line,) = (await push.inbox(to.someone.actor, PageQuery())).items
    assert "东区二楼综合窗口" in line.body


async def test_nothing_that_was_said_lies_open(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    await push.send(Hello(hall="云朵大厅"), to=push.To(person_id=someone.person_id), dedupe="one")
    for table in ("inbox", "outbox"):
        (row,) = await db.fetch(f"SELECT {table}::text AS all FROM {table}")
        assert "云朵大厅".encode().hex() not in row["all"]
        assert "云朵大厅" not in row["all"]


async def test_only_those_it_is_for_read_it(as_citizen: AsCitizen, client: Client) -> None:
    guardian, stranger = await as_citizen(), await as_citizen()
    child, firm = await child_of(guardian), await enterprise_of(guardian)
    for turn, to in enumerate(
        (
            push.To(person_id=guardian.person_id),
            push.To(person_id=child),
            push.To(enterprise_id=firm, account_id=guardian.account_id),
            push.To(account_id=guardian.account_id),
        )
    ):
        await push.send(Hello(), to=to, dedupe=str(turn))
    mine = (await client.as_(guardian.token).get("/api/v1/inbox")).json["items"]
    assert [line["kind"] for line in mine].count(Hello.kind) == 4
    assert (await client.as_(stranger.token).get("/api/v1/inbox")).json["items"] == []
    assert (await client.get("/api/v1/inbox")).status == 401
    first = (await client.as_(guardian.token).get("/api/v1/inbox")).json["items"][0]["id"]
    assert (await client.as_(stranger.token).post(f"/api/v1/inbox/{first}/read")).status == 404


async def test_reading_is_noted(as_citizen: AsCitizen, client: Client) -> None:
    someone = await as_citizen()
    for turn in range(5):
        await push.send(Hello(), to=push.To(person_id=someone.person_id), dedupe=str(turn))
    phone = client.as_(someone.token)
    first = (await phone.get("/api/v1/inbox?limit=2")).json
    assert [line["read"] for line in first["items"]] == [False, False]
    for _ in range(2):
        assert (await phone.post(f"/api/v1/inbox/{first['items'][0]['id']}/read")).status == 204
    assert (await phone.get("/api/v1/inbox/unread")).json == {"count": 4}
    assert (await phone.post("/api/v1/inbox/read-all")).status == 204
    assert (await phone.get("/api/v1/inbox/unread")).json == {"count": 0}
    assert (await phone.post("/api/v1/inbox/read-all")).status == 204
    rest = (await phone.get(f"/api/v1/inbox?limit=10&cursor={first['next']}")).json
    assert len({line["id"] for line in (*first["items"], *rest["items"])}) == 5


async def test_who_began_the_thread_is_told_when_the_person_has_no_phone_of_their_own(
    sandbox: Sandbox, outside: Ports
) -> None:
    guardian = await reached(sandbox)
    child = await child_of(guardian.someone)
    about = await opened(guardian.someone)
    await push.send(Hello(), to=push.To(person_id=child), dedupe="one", thread_id=about.id)
    await push.deliver(outside, push.Channel.WECHAT)
    assert len(sandbox.messages(guardian.phone)) == 1


async def test_the_inbox_says_how_it_reached_the_phone(sandbox: Sandbox, outside: Ports) -> None:
    by_wechat, by_sms = await reached(sandbox), await reached(sandbox, credits=0)
    for to in (by_wechat, by_sms):
        await say(to)
    await push.deliver(outside, push.Channel.WECHAT)
    await push.deliver(outside, push.Channel.SMS)
    shown = [(await push.inbox(to.someone.actor, PageQuery())).items[0].delivery for to in (by_wechat, by_sms)]
    assert shown == ["wechat", "sms"]


async def test_staff_see_how_it_went_and_not_what_it_says(sandbox: Sandbox, outside: Ports, as_staff: AsStaff) -> None:
    to = await reached(sandbox, credits=0)
    about = await opened(to.someone)
    await push.send(Hello(), to=push.To(person_id=to.someone.person_id), dedupe="one", thread_id=about.id)
    await push.deliver(outside, push.Channel.WECHAT)
    told = await push.told(about.id, "zh-CN")
    assert [(one.title, one.channel, one.state, one.reason) for one in told] == [
        ("预约成功", "wechat", "refused", "not_agreed"),
        ("预约成功", "sms", "pending", None),
    ]


async def test_a_value_no_template_takes_stays_in_the_inbox_and_is_reported(
    as_citizen: AsCitizen, caplog: pytest.LogCaptureFixture
) -> None:
    someone = await as_citizen()
    await push.send(Hello(result="result 12"), to=push.To(person_id=someone.person_id), dedupe="one")
    assert [(row["state"], row["reason"]) for row in await rows()] == [("dead", "unfit")]
    assert await db.fetchval("SELECT count(*) FROM inbox") == 1
    assert "result" in caplog.text
    assert "result 12" not in caplog.text


async def test_the_worker_is_woken_when_the_deed_is_done(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    woken = asyncio.Event()
    stop = await db.listen(push.WAKE, lambda _payload: woken.set())
    try:
        await asyncio.sleep(0.1)
        woken.clear()
        async with db.tx():
            await push.send(Hello(), to=push.To(person_id=someone.person_id), dedupe="one")
            await asyncio.sleep(0.1)
            assert not woken.is_set()
        async with asyncio.timeout(30):
            await woken.wait()
    finally:
        stop()


async def test_a_popup_is_counted_once_however_often_it_is_reported(as_citizen: AsCitizen, client: Client) -> None:
    someone = await as_citizen()
    phone = client.as_(someone.token)
    once, long_term = push.templates()["booking_result"].id, push.templates()["case_finished"].id
    balance = "SELECT balance FROM subscription_credit WHERE template_id = $1"
    body: dict[str, Any] = {
        "nonce": "nonce-nonce-1",
        "results": [
            {"template_id": once, "outcome": "accept"},
            {"template_id": long_term, "outcome": "reject"},
            {"template_id": "gone", "outcome": "accept"},
        ],
    }
    for _ in range(3):
        assert (await phone.post("/api/v1/subscriptions", json=body, headers=key())).status == 204
    assert await db.fetchval(balance, once) == 1
    again = body | {"nonce": "nonce-nonce-2"}
    assert (await phone.post("/api/v1/subscriptions", json=again, headers=key())).status == 204
    assert await db.fetchval(balance, once) == 2
    wrong = body | {"nonce": "nonce-nonce-3", "results": [{"template_id": once, "outcome": "perhaps"}]}
    assert (await phone.post("/api/v1/subscriptions", json=wrong, headers=key())).status == 422


async def test_one_key_or_one_nonce_is_one_popup(as_citizen: AsCitizen, client: Client) -> None:
    """The same again gives the same answer, also at once from many taps; anything else under its name is refused."""
    phone, tap = client.as_((await as_citizen()).token), key()
    accepted = {"template_id": TEMPLATE, "outcome": "accept"}
    body: dict[str, Any] = {"nonce": "nonce-nonce-1", "results": [accepted]}
    other = body | {"results": [accepted | {"outcome": "reject"}]}

    async def report(body: dict[str, Any], headers: dict[str, str]) -> tuple[int, str | None, bool]:
        answer = await phone.post("/api/v1/subscriptions", json=body, headers=headers)
        code = answer.json["code"] if answer.body else None
        return answer.status, code, answer.headers.get("idempotency-replayed") == "true"

    taps = sorted(await asyncio.gather(*(report(body, tap) for _ in range(4))))
    assert taps == [(204, None, False)] + [(204, None, True)] * 3
    for changed in (other, body | {"nonce": "nonce-nonce-2"}, body | {"main_switch": False}):
        assert await report(changed, tap) == (422, "idempotency_key_reused", False)
    # A key that was forgotten, or that another phone of theirs made: the nonce knows.
    for changed in (other, body | {"main_switch": False}):
        assert await report(changed, key()) == (422, "idempotency_key_reused", False)
    assert await report(body, key()) == (204, None, False)
    assert (await phone.post("/api/v1/subscriptions", json=body)).json["code"] == "idempotency_key_missing"
    (row,) = await db.fetch("SELECT balance, rejected_at FROM subscription_credit")
    assert tuple(row) == (1, None)


async def test_old_reports_are_forgotten(as_citizen: AsCitizen, clock: Clock) -> None:
    await agree(await as_citizen())
    assert await push.forget_reports() == 0
    clock.advance(days=91)
    assert await push.forget_reports() == 1
    assert await db.fetchval("SELECT sum(balance) FROM subscription_credit") == 1


async def test_only_what_is_lacking_is_asked_for(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    ids = {name: template.id for name, template in push.templates().items()}

    def of(name: str) -> type[push.Message]:
        return type(
            f"Asks{name}", (Hello,), {"kind": "test.asks", "template": name, "fields": {}, "__module__": __name__}
        )

    once = [of("booking_result"), of("booking_reminder"), of("queue_call"), of("ready_to_collect")]
    lasting = [of("case_accepted"), of("case_finished")]
    assert await push.templates_for(someone.actor, *once, *lasting) == [
        ids["booking_result"],
        ids["booking_reminder"],
        ids["queue_call"],
    ]
    assert await push.templates_for(someone.actor, *lasting, *once) == [ids["case_accepted"], ids["case_finished"]]
    await agree(someone, ids["booking_result"])
    await agree(someone, ids["case_accepted"])
    assert (await push.templates_for(someone.actor, *once))[0] == ids["booking_reminder"]
    assert await push.templates_for(someone.actor, *lasting) == [ids["case_finished"]]
    assert await push.templates_for(someone.actor) == []
