"""The subscribe popup: what it shows, what it answers, and the credits it makes."""

import pytest

from tests.server.sandbox.conftest import Json, Sandbox

ASK = "/_sandbox/phones/grandma/subscribe/ask"
ANSWER = "/_sandbox/phones/grandma/subscribe"


async def credits_of(sandbox: Sandbox, slug: str) -> int:
    openid = sandbox.openid()
    held = (await sandbox.get("/_sandbox/credits", openid=openid)).json["balances"][openid]["credits"]
    return int(held.get(sandbox.template(slug).id, 0))


async def test_popup_shows_what_is_asked_and_answers_by_id(sandbox: Sandbox) -> None:
    first, second = sandbox.template("booking_result").id, sandbox.template("booking_reminder").id
    asked = (await sandbox.post(ASK, {"tmplIds": [first, second]})).json
    assert [template["title"] for template in asked["ask"]] == ["预约结果通知", "预约提醒"]
    answer = (await sandbox.post(ANSWER, {"tmplIds": [first, second], "accept": [second]})).json
    assert answer == {first: "reject", second: "accept", "errMsg": "requestSubscribeMessage:ok"}
    assert [await credits_of(sandbox, slug) for slug in ("booking_result", "booking_reminder")] == [0, 1]


async def test_a_kept_choice_needs_no_popup_and_still_makes_a_credit_each_time(sandbox: Sandbox) -> None:
    template_id = sandbox.template("booking_result").id
    await sandbox.accept("booking_result", always=True)
    asked = (await sandbox.post(ASK, {"tmplIds": [template_id]})).json
    assert asked == {"ask": [], "settled": {template_id: "accept"}}
    assert (await sandbox.post(ANSWER, {"tmplIds": [template_id]})).json[template_id] == "accept"
    assert await credits_of(sandbox, "booking_result") == 2
    setting = (await sandbox.get("/_sandbox/phones/grandma/subscribe-setting")).json
    assert setting == {"mainSwitch": True, "itemSettings": {template_id: "accept"}}


async def test_only_kept_choices_are_in_the_setting(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    setting = (await sandbox.get("/_sandbox/phones/grandma/subscribe-setting")).json
    assert setting == {"mainSwitch": True, "itemSettings": {}}


async def test_a_kept_refusal_makes_no_credit(sandbox: Sandbox) -> None:
    template_id = sandbox.template("booking_result").id
    await sandbox.post(ANSWER, {"tmplIds": [template_id], "accept": [], "always": True})
    answer = (await sandbox.post(ANSWER, {"tmplIds": [template_id], "accept": [template_id]})).json
    assert answer[template_id] == "reject"
    assert await credits_of(sandbox, "booking_result") == 0


def ids_of(sandbox: Sandbox, *slugs: str) -> list[str]:
    return [sandbox.template(slug).id for slug in slugs]


ONCE = ("booking_result", "booking_reminder", "queue_call", "ready_to_collect", "posted", "rating_invite")


@pytest.mark.parametrize(
    ("ids", "errcode"),
    [
        (lambda _: [], 10001),
        (lambda _: None, 10001),
        (lambda _: "abc", 10001),
        (lambda _: [5], 10004),
        (lambda _: ["no such template"], 20001),
        (lambda box: ids_of(box, "booking_result", "case_progress"), 20002),
        (lambda box: ids_of(box, *ONCE), 20003),
    ],
)
async def test_client_refusals(sandbox: Sandbox, ids: Json, errcode: int) -> None:
    for path in (ASK, ANSWER):
        answer = await sandbox.post(path, {"tmplIds": ids(sandbox)})
        assert (answer.status, answer.json["errCode"]) == (409, errcode)
        assert answer.json["errMsg"].startswith("requestSubscribeMessage:fail ")


async def test_switched_off_and_banned(sandbox: Sandbox) -> None:
    ids = ids_of(sandbox, "booking_result", "booking_reminder")
    await sandbox.call("PATCH", "/_sandbox/account", json={"banned_templates": ids[:1]})
    answer = (await sandbox.post(ANSWER, {"tmplIds": ids, "accept": ids})).json
    assert [answer[one] for one in ids] == ["ban", "accept"]
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json={"mainSwitch": False})
    assert (await sandbox.post(ASK, {"tmplIds": ids})).json["errCode"] == 20004
    await sandbox.call("PATCH", "/_sandbox/account", json={"subscribe_banned": True})
    assert (await sandbox.post(ASK, {"tmplIds": ids})).json["errCode"] == 20005


async def test_ledger_tells_how_the_balance_came_about(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    await sandbox.wechat("/cgi-bin/message/subscribe/send", sandbox.message())
    ledger = (await sandbox.get("/_sandbox/credits", openid=sandbox.openid())).json["ledger"]
    assert [(row["reason"], row["change"], row["balance"]) for row in ledger] == [("sent", -1, 0), ("accepted", 1, 1)]


async def test_turning_a_message_off_forfeits_its_credits(sandbox: Sandbox) -> None:
    await sandbox.accept("booking_result")
    change = {"itemSettings": {sandbox.template("booking_result").id: "reject"}}
    await sandbox.call("PUT", "/_sandbox/phones/grandma/subscribe-setting", json=change)
    assert await credits_of(sandbox, "booking_result") == 0


async def test_granting_without_a_popup(sandbox: Sandbox) -> None:
    grant = {"openid": sandbox.openid(), "template_id": sandbox.template("booking_result").id, "count": 7}
    assert (await sandbox.post("/_sandbox/credits", grant)).json == {"balance": 7}
    assert (await sandbox.post("/_sandbox/credits", [grant, grant])).json == [14, 21]
    assert (await sandbox.post("/_sandbox/credits", grant | {"openid": "onobody"})).status == 404
