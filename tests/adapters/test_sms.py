"""The SMS adapter against the twin, which checks the signature as Tencent Cloud does, and against published vectors."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from server.adapters import sms, sms_errors
from server.adapters.sms_signature import Account, authorization
from server.kit import clock as clocks
from server.ports import SendError, SmsReport, Verdict
from server.sandbox.faults import Kind
from server.sandbox.twins.sms import PATH, PLACEHOLDER, TEMPLATES
from tests.conftest import Clock
from tests.factories.push import Sandbox

NUMBER = "19912340009"
CODE = {"minutes": "5", "code": "804213"}


def test_the_published_request_is_signed_as_published() -> None:
    """The worked example of the page "Signature v3", whose key is 32 asterisks."""
    account = Account(secret_id="AKID" + "*" * 32, secret_key="*" * 32, service="cvm", host="cvm.tencentcloudapi.com")
    body = rb'{"Limit": 1, "Filters": [{"Values": ["\u672a\u547d\u540d"], "Name": "instance-name"}]}'
    made = authorization(account, "DescribeInstances", body, datetime.fromtimestamp(1551113065, UTC))
    assert made == (
        "TC3-HMAC-SHA256 Credential=AKID********************************/2019-02-25/cvm/tc3_request, "
        "SignedHeaders=content-type;host;x-tc-action, "
        "Signature=10b1a37a7301a02ca19a647ad722d5e43b4b3cff309d421d85b46093f6ab6c4f"
    )
    assert "*" * 32 not in repr(account)


async def test_a_code_arrives_with_its_values_in_the_provider_s_order(sandbox: Sandbox) -> None:
    serial = await sandbox.sms.send(NUMBER, "login_code", CODE)
    (arrived,) = sandbox.world.sms_to(NUMBER)
    assert arrived.serial == serial
    assert "804213" in arrived.text
    assert arrived.params == ["804213", "5"]


async def test_a_wrong_key_stops_everything_and_loses_nothing(sandbox: Sandbox) -> None:
    wrong = sms.make(replace(sandbox.settings, sms_secret_key="another"))
    with pytest.raises(SendError, match="AuthFailure") as refused:
        await wrong.send(NUMBER, "login_code", CODE)
    assert (refused.value.verdict, refused.value.alarm) == (Verdict.PAUSE, True)
    await wrong.close()


async def test_a_changed_body_is_not_what_was_signed(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    told = sandbox.sms._headers
    monkeypatch.setattr(sandbox.sms, "_headers", lambda action, body: told(action, body + b" "))
    with pytest.raises(SendError, match=r"AuthFailure\.SignatureFailure"):
        await sandbox.sms.send(NUMBER, "login_code", CODE)


@pytest.mark.parametrize(
    ("phone", "template", "code"),
    [("12345", "login_code", "IncorrectPhoneNumber"), (NUMBER, "unknown", "no_sms_template")],
)
async def test_what_will_never_be_taken_is_final(sandbox: Sandbox, phone: str, template: str, code: str) -> None:
    with pytest.raises(SendError, match=code) as refused:
        await sandbox.sms.send(phone, template, CODE)
    assert refused.value.verdict is Verdict.FINAL


async def test_one_number_has_its_limits_and_the_others_are_not_kept_waiting(sandbox: Sandbox, clock: Clock) -> None:
    sandbox.world.account.sms_limit = True
    seen: list[tuple[str, Verdict, bool]] = []
    while not any(code == "PhoneNumberDailyLimit" for code, _, _ in seen):
        try:
            await sandbox.sms.send(NUMBER, "login_code", CODE)
        except SendError as refused:
            seen.append((refused.code.partition(".")[2], refused.verdict, refused.pause is None))
            rest = refused.rest or timedelta()
            sandbox.world.clock.advance(rest.total_seconds())
            clock.advance(seconds=int(rest.total_seconds()))  # a signature must not be five minutes old
    await sandbox.sms.send("19912340008", "login_code", CODE)
    assert dict.fromkeys(seen) == dict.fromkeys(
        [
            ("PhoneNumberThirtySecondLimit", Verdict.RETRY, True),
            ("PhoneNumberOneHourLimit", Verdict.RETRY, True),
            ("PhoneNumberDailyLimit", Verdict.FINAL, True),
        ]
    )


@pytest.mark.parametrize(
    ("code", "verdict", "pauses", "alarm"),
    [
        ("FailedOperation.InsufficientBalanceInSmsPackage", Verdict.PAUSE, True, True),
        ("LimitExceeded.AppDailyLimit", Verdict.PAUSE, True, True),
        ("RequestLimitExceeded", Verdict.PAUSE, True, False),
        ("UnauthorizedOperation.RequestIpNotInWhitelist", Verdict.PAUSE, True, True),
        ("FailedOperation.PhoneNumberInBlacklist", Verdict.FINAL, False, False),
        ("FailedOperation.TemplateIncorrectOrUnapproved", Verdict.FINAL, False, True),
        ("InvalidParameterValue.TemplateParameterLengthLimit", Verdict.FINAL, False, True),
        ("InternalError.Timeout", Verdict.UNKNOWN, False, False),
        ("SomethingNew", Verdict.RETRY, False, True),
    ],
)
async def test_every_refusal_says_what_may_be_done_next(
    sandbox: Sandbox, code: str, verdict: Verdict, pauses: bool, alarm: bool
) -> None:
    sandbox.fault("errcode", PATH, errcode=code)
    with pytest.raises(SendError) as refused:
        await sandbox.sms.send(NUMBER, "login_code", CODE)
    assert refused.value.code == code
    assert (refused.value.verdict, refused.value.pause is not None, refused.value.alarm) == (verdict, pauses, alarm)


def test_the_day_s_limit_ends_with_the_day() -> None:
    pause = sms_errors.refusal("LimitExceeded.AppDailyLimit").pause
    assert pause is not None
    assert 0 < pause.total_seconds() <= 86_460


async def test_a_lost_answer_is_unknown(sandbox: Sandbox) -> None:
    sandbox.fault("drop_after_commit", PATH)
    with pytest.raises(SendError, match="answer_lost") as lost:
        await sandbox.sms.send(NUMBER, "login_code", CODE)
    assert lost.value.verdict is Verdict.UNKNOWN
    assert len(sandbox.world.sms_to(NUMBER)) == 1


async def test_a_report_says_once_how_a_message_ended(sandbox: Sandbox) -> None:
    good = await sandbox.sms.send(NUMBER, "login_code", CODE)
    sandbox.world.account.sms_failure = "UNDELIV"
    bad = await sandbox.sms.send(NUMBER, "login_code", CODE)
    assert await sandbox.sms.reports() == [
        SmsReport(serial=good, problem=None),
        SmsReport(serial=bad, problem="UNDELIV"),
    ]
    assert await sandbox.sms.reports() == []
    assert len(sandbox.world.sms_to(NUMBER)) == 1


async def test_one_number_is_asked_about_and_nothing_is_taken_away(sandbox: Sandbox) -> None:
    began = clocks.now()
    good = await sandbox.sms.send(NUMBER, "login_code", CODE)
    await sandbox.sms.send("19912340010", "login_code", CODE)
    wanted = [SmsReport(serial=good, problem=None)]
    assert await sandbox.sms.reports_of(NUMBER, began - timedelta(minutes=1)) == wanted
    assert len(await sandbox.sms.reports()) == 2
    assert await sandbox.sms.reports_of(f"+86{NUMBER}", began - timedelta(minutes=1)) == wanted
    assert await sandbox.sms.reports_of(NUMBER, began + timedelta(minutes=1)) == []
    with pytest.raises(SendError, match="BeginTimeVerifyFail"):
        await sandbox.sms.reports_of(NUMBER, began - timedelta(days=8))


async def test_more_reports_than_one_answer_holds_come_with_the_next(sandbox: Sandbox) -> None:
    for _ in range(sms.MOST_REPORTS + 1):
        await sandbox.sms.send(NUMBER, "login_code", CODE)
    assert len(await sandbox.sms.reports()) == sms.MOST_REPORTS
    assert len(await sandbox.sms.reports()) == 1


def test_the_documented_report_is_read() -> None:
    row = {
        "Description": "DELIVRD",
        "CountryCode": "86",
        "SubscriberNumber": "18501234444",
        "ReportStatus": "SUCCESS",
        "PhoneNumber": "+8618501234444",
        "SerialNo": "5000:1045710669157053657849499619",
        "UserReceiveTime": 1620734188,
        "SessionContext": "",
    }
    assert sms._report(row) == SmsReport(serial="5000:1045710669157053657849499619", problem=None)


async def test_nothing_secret_and_no_number_is_logged_or_raised(
    sandbox: Sandbox, caplog: pytest.LogCaptureFixture
) -> None:
    said = [repr(sandbox.sms), repr(sandbox.settings)]
    kinds: tuple[Kind, ...] = ("drop_after_commit", "reset", "truncated", "errcode", "http")
    with caplog.at_level(logging.DEBUG):
        await sandbox.sms.send(NUMBER, "login_code", CODE)
        for kind in kinds:
            sandbox.fault(kind, PATH)
            with pytest.raises(SendError) as lost:
                await sandbox.sms.send(NUMBER, "login_code", CODE)
            assert lost.value.__cause__ is None
            assert lost.value.__context__ is None
            said.append(repr(lost.value))
    whole = caplog.text + "".join(said)
    for secret in (sandbox.settings.sms_secret_id, sandbox.settings.sms_secret_key, NUMBER, CODE["code"]):
        assert secret not in whole


def test_every_template_of_ours_fits_the_twin_s(sandbox: Sandbox) -> None:
    for name, template in sandbox.sms._templates.items():
        assert len(template.params) == len(set(PLACEHOLDER.findall(TEMPLATES[template.id].text))), name
