"""The SMS adapter against the twin, which checks the signature as Tencent Cloud does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.adapters import sms
from server.ports import SendError, Verdict
from server.sandbox.twins.sms import PATH, PLACEHOLDER, TEMPLATES
from tests.factories.push import Sandbox


async def test_a_code_arrives_with_its_values_in_the_provider_s_order(sandbox: Sandbox) -> None:
    serial = await sandbox.sms.send("19912340009", "login_code", {"minutes": "5", "code": "804213"})
    (arrived,) = sandbox.world.sms_to("19912340009")
    assert arrived.serial == serial
    assert "804213" in arrived.text
    assert arrived.params == ["804213", "5"]


async def test_a_wrong_key_is_refused_for_good_and_somebody_is_told(sandbox: Sandbox) -> None:
    wrong = sms.make(replace(sandbox.settings, sms_secret_key="another"))
    with pytest.raises(SendError, match="AuthFailure") as refused:
        await wrong.send("19912340009", "login_code", {"code": "1", "minutes": "5"})
    assert (refused.value.verdict, refused.value.alarm) == (Verdict.FINAL, True)
    await wrong.close()


@pytest.mark.parametrize(
    ("phone", "template", "code"),
    [("12345", "login_code", "IncorrectPhoneNumber"), ("19912340009", "unknown", "no_sms_template")],
)
async def test_what_will_never_be_taken_is_final(sandbox: Sandbox, phone: str, template: str, code: str) -> None:
    with pytest.raises(SendError, match=code) as refused:
        await sandbox.sms.send(phone, template, {"code": "1", "minutes": "5"})
    assert refused.value.verdict is Verdict.FINAL


async def test_too_often_is_for_later(sandbox: Sandbox) -> None:
    sandbox.world.account.sms_limit = True
    await sandbox.sms.send("19912340009", "login_code", {"code": "1", "minutes": "5"})
    with pytest.raises(SendError, match="ThirtySecondLimit") as refused:
        await sandbox.sms.send("19912340009", "login_code", {"code": "2", "minutes": "5"})
    assert refused.value.verdict is Verdict.RETRY


async def test_a_lost_answer_is_unknown(sandbox: Sandbox) -> None:
    sandbox.fault("drop_after_commit", PATH)
    with pytest.raises(SendError, match="answer_lost") as lost:
        await sandbox.sms.send("19912340009", "login_code", {"code": "1", "minutes": "5"})
    assert lost.value.verdict is Verdict.UNKNOWN
    assert len(sandbox.world.sms_to("19912340009")) == 1


def test_every_template_of_ours_fits_the_twin_s(sandbox: Sandbox) -> None:
    for name, template in sandbox.sms._templates.items():
        assert len(template.params) == len(set(PLACEHOLDER.findall(TEMPLATES[template.id].text))), name
