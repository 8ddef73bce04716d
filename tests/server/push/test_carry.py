"""Before a message is due, the person's page says how it will come and what would bring it to WeChat."""

from __future__ import annotations

from pathlib import Path

import pytest

from server import db
from server.features.push import service as push
from server.features.push.service import _kinds, _ways
from server.kit import ids
from server.kit import texts as texts_of
from tests.conftest import Clock
from tests.factories.identity import AsCitizen
from tests.factories.push import TEMPLATE, Hello, Sandbox, agree, follow, reached, say

LASTING = push.templates()["case_finished"].id


def kind(name: str, template: str | None, **says: object) -> type[push.Message]:
    plain: dict[str, object] = {"kind": f"test.{name}", "template": template, "fields": {}, "__module__": __name__}
    return type(name, (Hello,), plain | says)


@pytest.fixture(autouse=True)
def _titles(monkeypatch: pytest.MonkeyPatch) -> None:
    find = texts_of.text
    monkeypatch.setattr(
        texts_of, "text", lambda locale, key, **more: key if key.startswith("push.test.") else find(locale, key, **more)
    )


async def test_it_says_for_each_message_how_it_comes_and_asks_for_what_lacks(sandbox: Sandbox) -> None:
    first, second = kind("first", "booking_result"), kind("second", "booking_result", sms=False)
    lasting, quiet = kind("lasting", "case_finished"), kind("quiet", None)
    to = await reached(sandbox, credits=1)
    found = await push.will_carry(to.someone.actor, [first, second, lasting, quiet])
    # Two messages need two acceptances; one was given.
    assert [(one.kind, one.by, one.why) for one in found.messages] == [
        ("test.first", "wechat", None),
        ("test.second", "inbox", "used_up"),
        ("test.lasting", "sms", "not_agreed"),
    ]
    # Never mixed: the first that lacks decides.
    assert (found.ask, found.main_switch) == ([TEMPLATE], True)
    assert (await push.will_carry(to.someone.actor, [lasting, second])).ask == [LASTING]
    await agree(to.someone, LASTING)
    found = await push.will_carry(to.someone.actor, [lasting, lasting, lasting])
    assert {one.by for one in found.messages} == {"wechat"}
    assert found.ask == []


async def test_what_waits_to_be_sent_is_served_first(sandbox: Sandbox) -> None:
    to = await reached(sandbox, credits=1)
    await say(to)
    (line,) = (await push.will_carry(to.someone.actor, [Hello])).messages
    assert line.by == "sms"


async def test_at_most_three_are_asked_for(sandbox: Sandbox) -> None:
    to = await reached(sandbox, credits=0)
    kinds = [kind(name, name) for name in ("booking_result", "booking_reminder", "queue_call", "ready_to_collect")]
    assert len((await push.will_carry(to.someone.actor, kinds)).ask) == 3


async def test_whoever_said_no_is_not_asked_at_every_tap_but_may_change_their_mind(
    sandbox: Sandbox, clock: Clock
) -> None:
    to = await reached(sandbox, credits=0)
    await agree(to.someone, outcome="reject")
    assert await push.templates_for(to.someone.actor, Hello) == []
    found = await push.will_carry(to.someone.actor, [Hello])
    assert (found.messages[0].why, found.ask) == ("rejected", [TEMPLATE])
    clock.advance(days=8)
    assert await push.templates_for(to.someone.actor, Hello) == [TEMPLATE]


async def test_a_banned_template_and_a_main_switch_cannot_be_mended_by_asking(sandbox: Sandbox) -> None:
    to = await reached(sandbox, credits=2)
    await agree(to.someone, outcome="ban")
    found = await push.will_carry(to.someone.actor, [Hello])
    assert (found.messages[0].why, found.ask) == ("banned", [])
    await agree(to.someone)
    await push.note_subscriptions(
        to.someone.actor, push.Subscriptions(nonce=ids.token(), results=[], main_switch=False)
    )
    found = await push.will_carry(to.someone.actor, [Hello])
    assert (found.messages[0].by, found.messages[0].why) == ("sms", "main_switch")
    assert (found.ask, found.main_switch) == ([], False)


async def test_a_follower_is_told_by_the_service_account(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    ways = _ways.Ways(once="booking_result", service="service_booking_result")
    monkeypatch.setattr(_ways, "table", lambda: {"test.hello": ways})
    to = await reached(sandbox, credits=0)
    await follow(sandbox, to)
    (line,) = (await push.will_carry(to.someone.actor, [Hello])).messages
    assert line.by == "service"


async def test_without_wechat_nothing_is_asked_for(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    await db.execute("UPDATE account SET openid_sealed = NULL, openid_index = NULL")
    found = await push.will_carry(someone.actor, [Hello])
    assert (found.messages[0].by, found.messages[0].why, found.ask) == ("sms", "unreachable", [])


def test_a_table_of_kinds_that_cannot_work_says_why(tmp_path: Path) -> None:
    for line, wrong in (
        ('{"a.b": {"once": "nonsense"}}', "no nonsense"),
        ('{"a.b": {"once": "case_finished"}}', "not such a template"),
        ('{"a.b": {"service": "booking_result"}}', "not such a template"),
        ('{"a.b": {"sms": "x"}}', "unknown field"),
    ):
        file = tmp_path / "kinds.json"
        file.write_text(line)
        with pytest.raises(ValueError, match=wrong):
            _ways.read(file)
    assert _kinds.forms_of("gone") == []
