"""What staff see of messages: every attempt and its reason, what nobody got and why, and how sending goes."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from server import db
from server.actor import Role
from server.errors import Conflict, Forbidden, NotFound
from server.features.push import service as push
from server.features.push.service import _again, _health, _kinds
from server.kit import clock as clocks
from server.kit import texts
from server.kit.ids import new_id
from server.kit.paging import PageQuery
from server.ports import Ports
from tests.adapters.test_errcodes import PAGES
from tests.conftest import Clock
from tests.factories.catalogue import hall
from tests.factories.identity import AsStaff, SomeStaff
from tests.factories.push import Hello, HelloSoon, Reached, Sandbox, reached, rows, say, states
from tests.factories.thread import opened

WECHAT, SMS = push.Channel.WECHAT, push.Channel.SMS
SEND = "/cgi-bin/message/subscribe/send"


@pytest.fixture(autouse=True)
def _known() -> None:
    for kind in (Hello, HelloSoon):
        _kinds._kinds[kind.kind] = kind


@pytest.fixture
async def boss(as_staff: AsStaff) -> SomeStaff:
    return await as_staff(Role.SUPERVISOR)


async def log(of: Reached, by: SomeStaff) -> list[push.LogLine]:
    assert of.someone.person_id is not None
    return (await push.log_of_person(by.actor, of.someone.person_id, PageQuery())).items


async def given_up(to: Reached, outside: Ports, sandbox: Sandbox, message: push.Message | None = None) -> None:
    """Bring a message to its end on both ways: WeChat finds a field wrong, the number takes no SMS."""
    sandbox.fault("errcode", errcode=47003)
    sandbox.fault("errcode", path="/twins/sms/", errcode="FailedOperation.PhoneNumberInBlacklist")
    await say(to, message)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    assert (await states())[-1] == (await states("sms"))[-1] == "refused"


async def test_every_attempt_and_its_reason_are_kept(
    sandbox: Sandbox, outside: Ports, clock: Clock, boss: SomeStaff
) -> None:
    to = await reached(sandbox)
    sandbox.fault("errcode", errcode=43108, times=2)
    await say(to)
    for _ in range(3):
        await push.deliver(outside, WECHAT)
        clock.advance(minutes=2)
    (line,) = await log(to, boss)
    (way,) = line.ways
    assert [(one.state, one.code, one.cause) for one in way.attempts] == [
        ("failed", "43108", "busy"),
        ("failed", "43108", "busy"),
        ("sent", None, None),
    ]
    assert way.provider_id
    seen = await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'push.log_viewed' AND is_look = false")
    assert seen == 1


async def test_both_ways_are_told_with_their_causes(sandbox: Sandbox, outside: Ports, boss: SomeStaff) -> None:
    to = await reached(sandbox)
    await given_up(to, outside, sandbox)
    (line,) = await log(to, boss)
    assert [(way.channel, way.attempts[-1].code, way.attempts[-1].cause) for way in line.ways] == [
        ("wechat", "47003", "template"),
        ("sms", "FailedOperation.PhoneNumberInBlacklist", "number"),
    ]
    assert line.again == ["wechat", "sms"]


async def test_a_matter_s_log_is_for_whoever_handles_the_matter(
    sandbox: Sandbox, outside: Ports, as_staff: AsStaff, boss: SomeStaff
) -> None:
    to = await reached(sandbox)
    about = await opened(to.someone)
    await push.send(Hello(), to=push.To(person_id=to.someone.person_id), dedupe="one", thread_id=about.id)
    other = await hall("elsewhere", region_code="341225")
    clerk, stranger = await as_staff(Role.CLERK), await as_staff(Role.CLERK, hall=other.id)
    (line,) = (await push.log_of_thread(clerk.actor, about.id, PageQuery())).items
    with pytest.raises(NotFound):
        await push.log_of_thread(stranger.actor, about.id, PageQuery())
    with pytest.raises(NotFound):
        await push.resend(stranger.actor, line.id, WECHAT, "mended")
    manager = await as_staff(Role.HALL_MANAGER, hall=other.id)
    assert to.someone.person_id is not None
    with pytest.raises(NotFound):
        await push.log_of_person(manager.actor, to.someone.person_id, PageQuery())
    with pytest.raises(Forbidden):
        await push.stuck(manager.actor)
    with pytest.raises(Forbidden):
        await push.health(manager.actor)


async def test_it_is_sent_again_once_and_the_old_end_is_kept(
    sandbox: Sandbox, outside: Ports, clock: Clock, boss: SomeStaff
) -> None:
    to = await reached(sandbox, credits=3)
    await given_up(to, outside, sandbox)
    (line,) = await log(to, boss)
    await push.resend(boss.actor, line.id, WECHAT, "mended")
    with pytest.raises(Conflict) as refused:
        await push.resend(boss.actor, line.id, WECHAT, "mended")
    assert refused.value.code == "push.under_way"
    await push.deliver(outside, WECHAT)
    assert len(sandbox.messages(to.phone)) == 1
    (line,) = await log(to, boss)
    assert [one.state for one in line.ways[0].attempts] == ["refused", "sent"]
    with pytest.raises(Conflict) as refused:
        await push.resend(boss.actor, line.id, WECHAT, "not_received")
    assert refused.value.code == "push.just_sent"
    clock.advance(minutes=11)
    with pytest.raises(Conflict) as refused:
        await push.resend(boss.actor, line.id, WECHAT, "mended")  # a page from before it was sent
    assert refused.value.code == "push.sent_meanwhile"
    await push.resend(boss.actor, line.id, WECHAT, "not_received")
    await push.deliver(outside, WECHAT)
    assert len(sandbox.messages(to.phone)) == 2
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'push.resent'") == 2


async def test_whoever_did_not_see_it_in_wechat_gets_an_sms(sandbox: Sandbox, outside: Ports, boss: SomeStaff) -> None:
    to = await reached(sandbox)
    await say(to)
    await push.deliver(outside, WECHAT)
    (line,) = await log(to, boss)
    assert line.again == ["sms"]
    await push.resend(boss.actor, line.id, SMS, "not_received")
    await push.deliver(outside, SMS)
    assert await states("sms") == ["sent"]
    assert sandbox.world.sms_to(to.someone.phone)


@pytest.mark.parametrize("channel", [WECHAT, SMS])
async def test_taps_of_one_moment_send_it_once(
    sandbox: Sandbox, outside: Ports, boss: SomeStaff, channel: push.Channel
) -> None:
    to = await reached(sandbox, credits=5)
    if channel is SMS:
        # It went by WeChat: there is no row of this way yet that a second tap would wait for.
        await say(to)
        await push.deliver(outside, WECHAT)
    else:
        await given_up(to, outside, sandbox)
    (line,) = await log(to, boss)

    async def tap() -> str:
        try:
            await push.resend(boss.actor, line.id, channel, "not_received")
        except Conflict as refused:
            return refused.code
        return "sent again"

    assert sorted(await asyncio.gather(*(tap() for _ in range(5)))) == ["push.under_way"] * 4 + ["sent again"]
    while await push.deliver(outside, channel):
        pass
    assert await states(channel.value) == ["sent"]
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'push.resent'") == 1


async def test_what_is_of_no_use_any_more_is_not_sent_again(
    sandbox: Sandbox, outside: Ports, clock: Clock, boss: SomeStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    to = await reached(sandbox, credits=3)
    await given_up(to, outside, sandbox)
    (line,) = await log(to, boss)
    clock.advance(days=4)
    await push.resend(boss.actor, line.id, WECHAT, "mended")
    assert (await rows())[0]["deadline"] > clocks.now() + timedelta(days=2)
    # A message about a moment is over with the moment.
    monkeypatch.setattr(Hello, "deadline", "starts_at")
    await push.deliver(outside, WECHAT)
    clock.advance(days=30)
    with pytest.raises(Conflict) as refused:
        await push.resend(boss.actor, line.id, WECHAT, "mended")
    assert refused.value.code == "push.too_late"


async def test_what_nobody_got_is_put_together_by_cause_and_sent_again(
    sandbox: Sandbox, outside: Ports, boss: SomeStaff
) -> None:
    people = [await reached(sandbox, credits=2) for _ in range(3)]
    for to in people:
        await given_up(to, outside, sandbox)
    # Reached by SMS, or read in the inbox, or simply not agreed to: nothing is lacking.
    sandbox.fault("errcode", errcode=47003)
    reached_by_sms = await reached(sandbox)
    await say(reached_by_sms)
    await push.deliver(outside, WECHAT)
    await push.deliver(outside, SMS)
    read = await reached(sandbox)
    await given_up(read, outside, sandbox)
    await push.mark_all_read(read.someone.actor)
    (group,) = await push.stuck(boss.actor)
    assert (group.code, group.cause, group.channel, group.count, group.more) == (
        "FailedOperation.PhoneNumberInBlacklist",
        "number",
        "sms",
        3,
        False,
    )
    shown = await push.stuck_messages(boss.actor, group.code, SMS)
    assert len(shown) == 3
    assert not any(one.too_late for one in shown)
    assert await push.retry_all(boss.actor, group.code, SMS) == 3
    assert await push.stuck(boss.actor) == []
    assert await push.retry_all(boss.actor, group.code, SMS) == 0
    await push.deliver(outside, SMS)
    assert (await states("sms")).count("sent") == 4
    assert await db.fetchval("SELECT count(*) FROM audit_entry WHERE action = 'push.retried'") == 1


async def test_counting_ends_somewhere(
    sandbox: Sandbox, outside: Ports, boss: SomeStaff, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(_again, "MOST_COUNTED", 2)
    monkeypatch.setattr(_health, "MOST_COUNTED", 2)
    for _ in range(3):
        await given_up(await reached(sandbox), outside, sandbox)
    for _ in range(3):
        await say(await reached(sandbox))
    (group,) = await push.stuck(boss.actor)
    assert (group.count, group.more) == (2, True)
    wechat = (await push.health(boss.actor)).channels[0]
    assert (wechat.waiting, wechat.more) == (2, True)


async def test_no_question_of_the_desk_reads_a_big_table(sandbox: Sandbox, outside: Ports, boss: SomeStaff) -> None:
    """Twenty thousand messages that went well: what the desk asks must not look at them."""
    to = await reached(sandbox)
    await say(to)
    await push.deliver(outside, WECHAT)
    await db.execute("ALTER TABLE outbox DISABLE TRIGGER USER")
    await db.execute(
        """WITH said AS (
             INSERT INTO inbox (id, created_at, kind, event, person_id, page, text_sealed)
             SELECT gen_random_uuid(), now(), 'test.hello', 'many' || n, inbox.person_id, '/', inbox.text_sealed
             FROM inbox, generate_series(1, 20000) AS n RETURNING id)
           INSERT INTO outbox (id, created_at, inbox_id, channel, kind, template, payload_sealed, priority, run_at,
                               deadline, retry_unknown, sms, state, ended_at)
           SELECT gen_random_uuid(), now(), said.id, 'wechat', 'test.hello', 'booking_result', ''::bytea, 5, now(),
                  now(), true, true, 'sent', now() FROM said"""
    )
    await db.execute("ALTER TABLE outbox ENABLE TRIGGER USER")
    await db.execute("ANALYZE outbox, inbox")
    for sql, args in (
        (_again._GROUPS, (clocks.now() - timedelta(days=30), 1001)),
        (_again._OF_GROUP, ("47003", "wechat", clocks.now() - timedelta(days=30), 50)),
        (_health._OLDEST, ("wechat", clocks.now())),
        (_health._WAITING, ("wechat", 1001)),
        (_health._SUMS, (clocks.now() - timedelta(days=1),)),
    ):
        plan = "\n".join(row[0] for row in await db.fetch(f"EXPLAIN {sql}", *args))
        assert "Seq Scan on outbox" not in plan, plan
        assert "Seq Scan on inbox" not in plan, plan


def test_every_answer_of_wechat_has_its_words() -> None:
    for cause in push.CAUSES:
        for part in ("title", "cure"):
            assert texts.find(texts.SOURCE, f"push.cause.{cause}.{part}"), cause
    about_sending = [code for page in ("any call", "token", "subscribe/send", "template/send") for code in PAGES[page]]
    assert len(about_sending) > 30
    assert [code for code in about_sending if push.cause_of("dead", str(code)) in (None, "other")] == []
    assert push.cause_of("dead", "12345") == "other"
    assert push.cause_of("refused", "unreachable") == "unreachable"
    assert push.cause_of("dead", "unreachable") == "network"
    assert push.cause_of("sent", None) is None


async def test_nothing_is_there_for_a_message_nobody_said(database: None, boss: SomeStaff) -> None:
    with pytest.raises(NotFound):
        await push.resend(boss.actor, new_id(), WECHAT, "mended")
