"""Tencent Cloud SMS of 2021-01-11: verified signature, approved templates, one status a number, reports to pull."""

import re
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from server.sandbox.state import Sms
from server.sandbox.twins import tc3
from server.sandbox.world import World

__all__ = ["PATH", "SmsError", "SmsTemplate", "call", "error_body", "read_sms_templates"]

PATH = "/twins/sms/"
FILE = Path(__file__).parent.parent / "data" / "sms_templates.json"
VERSION = "2021-01-11"
MOST_NUMBERS = 200
MOST_REPORTS = 100
WEEK = 7 * 86_400
# Tencent Cloud's own policy for one number, unless its console says otherwise: seconds, how many, the code.
LIMITS = (
    (30, 1, "LimitExceeded.PhoneNumberThirtySecondLimit"),
    (3_600, 5, "LimitExceeded.PhoneNumberOneHourLimit"),
    (86_400, 10, "LimitExceeded.PhoneNumberDailyLimit"),
)
MAINLAND = re.compile(r"(?:\+86|0086|86)?(1[3-9]\d{9})")
PLACEHOLDER = re.compile(r"\{(\d+)\}")
# Code → words. Those of the template are seen in the field, the rest follow the list of codes.
STATUS = {
    "Ok": "send success",
    "FailedOperation.TemplateIncorrectOrUnapproved": (
        "template is not approved or request content does not match the approved template content"
    ),
    "FailedOperation.SignatureIncorrectOrUnapproved": "signature is not approved or is incorrect",
    "InvalidParameterValue.SdkAppIdNotExist": "sdkappid does not exist",
    "InvalidParameterValue.IncorrectPhoneNumber": "incorrect phone number",
    "LimitExceeded.PhoneNumberOneHourLimit": "the number of messages to this number within 1h exceeds the limit",
    "LimitExceeded.PhoneNumberDailyLimit": "the number of messages to this number within 1 day exceeds the limit",
    "LimitExceeded.PhoneNumberThirtySecondLimit": "the number of messages to this number within 30s exceeds the limit",
}


class SmsError(Exception):
    """The whole call is refused: Response.Error."""

    def __init__(self, code: str, text: str) -> None:
        self.code = code
        self.text = text
        super().__init__(code)


class SmsTemplate(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    slug: str
    text: str  # {1}, {2} … are the parameters in order


Asked = TypeVar("Asked")
Pull = TypeVar("Pull", bound="PullStatus")


class PullStatus(msgspec.Struct, rename="pascal", kw_only=True):
    sms_sdk_app_id: str
    limit: int


class PullOfNumber(PullStatus, rename="pascal", kw_only=True):
    begin_time: int
    offset: int
    phone_number: str
    end_time: int | None = None


class SendSms(msgspec.Struct, rename="pascal", kw_only=True):
    phone_number_set: list[str]
    sms_sdk_app_id: str
    template_id: str
    sign_name: str = ""
    template_param_set: list[str] = []
    extend_code: str = ""
    session_context: str = ""
    sender_id: str = ""


def read_sms_templates() -> dict[str, SmsTemplate]:
    rows = msgspec.json.decode(FILE.read_bytes(), type=list[SmsTemplate])
    return {row.id: row for row in rows}


TEMPLATES = read_sms_templates()


def call(world: World, headers: Mapping[str, str], body: bytes, path: str) -> dict[str, Any]:
    """The JSON of the answer. Raises SmsError. `headers` by lower-case name."""
    try:
        tc3.check(
            secret_id=world.settings.sms_secret_id,
            key=world.settings.sms_secret_key,
            service="sms",
            now=world.clock.now(),
            headers=headers,
            path=path,
            body=body,
        )
    except tc3.SignatureError as error:
        raise SmsError(error.code, error.text) from None
    pull = PULLS.get(_checked_action(headers))
    if pull is not None:
        return {"Response": {"PullSmsSendStatusSet": pull(world, body), "RequestId": str(uuid.uuid4())}}
    asked = _decode(body, SendSms)
    if not 1 <= len(asked.phone_number_set) <= MOST_NUMBERS:
        raise SmsError("InvalidParameterValue", "PhoneNumberSet must hold 1 to 200 numbers.")
    if len(asked.session_context.encode()) >= 512:
        raise SmsError("InvalidParameterValue", "SessionContext must be shorter than 512 bytes.")
    statuses = [_send_one(world, asked, number) for number in asked.phone_number_set]
    return {"Response": {"SendStatusSet": statuses, "RequestId": str(uuid.uuid4())}}


def error_body(code: str, text: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": text}, "RequestId": str(uuid.uuid4())}}


def _checked_action(headers: Mapping[str, str]) -> str:
    action, version = headers.get("x-tc-action"), headers.get("x-tc-version")
    if not action or not version:
        missing = "X-TC-Version" if action else "X-TC-Action"
        raise SmsError("MissingParameter", f"The request is missing a required parameter `{missing}`.")
    if action not in {"SendSms", *PULLS}:
        raise SmsError("InvalidAction", f"The requested action `{action[:40]}` is invalid or has been deprecated.")
    if version != VERSION:
        raise SmsError("NoSuchVersion", f"The API version `{version[:20]}` does not exist.")
    if not headers.get("x-tc-region"):
        raise SmsError("MissingParameter", "The request is missing a required parameter `X-TC-Region`.")
    return action


def _decode(body: bytes, kind: type[Asked]) -> Asked:
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.ValidationError as error:
        missing = re.search(r"missing required field `(\w+)`", str(error))
        if missing:
            text = f"The request is missing a required parameter `{missing[1]}`."
            raise SmsError("MissingParameter", text) from None
        raise SmsError("InvalidParameter", f"The request parameter is invalid: {error}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise SmsError("InvalidRequest", "The request body is not valid JSON.") from None


def _send_one(world: World, asked: SendSms, given: str) -> dict[str, Any]:
    template = TEMPLATES.get(asked.template_id)
    number = MAINLAND.fullmatch(given)
    code = _refusal(world, asked, template, number[1] if number else None)
    serial = ""
    if code is None and template is not None and number is not None:
        serial = f"2640:{secrets.randbelow(10**26):026d}"
        text = PLACEHOLDER.sub(lambda hole: asked.template_param_set[int(hole[1]) - 1], template.text)
        world.keep_sms(
            Sms(
                serial=serial,
                at=world.clock.now(),
                number=number[1],
                sign=asked.sign_name,
                text=text,
                template_id=template.id,
                params=asked.template_param_set,
                failed=world.account.sms_failure,
            )
        )
    return {
        "SerialNo": serial,
        "PhoneNumber": f"+86{number[1]}" if number else given,
        "Fee": 0 if code else 1,
        "SessionContext": asked.session_context,
        "Code": code or "Ok",
        "Message": STATUS[code or "Ok"],
        "IsoCode": "CN" if number else "",
    }


def _refusal(world: World, asked: SendSms, template: SmsTemplate | None, number: str | None) -> str | None:
    if asked.sms_sdk_app_id != world.settings.sms_app_id:
        return "InvalidParameterValue.SdkAppIdNotExist"
    if number is None:
        return "InvalidParameterValue.IncorrectPhoneNumber"
    if asked.sign_name != world.settings.sms_sign_name:
        return "FailedOperation.SignatureIncorrectOrUnapproved"
    if template is None or len(set(PLACEHOLDER.findall(template.text))) != len(asked.template_param_set):
        return "FailedOperation.TemplateIncorrectOrUnapproved"
    return _too_often(world, number) if world.account.sms_limit else None


def _too_often(world: World, number: str) -> str | None:
    now = world.clock.now()
    ages = [now - sms.at for sms in world.sms_to(number)]
    return next((code for span, most, code in LIMITS if sum(age < span for age in ages) >= most), None)


def _reports(world: World, body: bytes) -> list[dict[str, Any]]:
    """What became of messages since the last call; a report is given once."""
    asked = _checked_pull(world, _decode(body, PullStatus))
    given = [sms for sms in world.state.sms if not sms.reported][: asked.limit]
    for sms in given:
        sms.reported = True
    return [_report(sms) for sms in given]


def _reports_of_number(world: World, body: bytes) -> list[dict[str, Any]]:
    """What became of the messages to one number within a week, given as often as it is asked for."""
    asked = _checked_pull(world, _decode(body, PullOfNumber))
    number, now = MAINLAND.fullmatch(asked.phone_number), world.clock.now()
    if number is None or not asked.phone_number.startswith("+"):
        raise SmsError(
            "InvalidParameterValue.IncorrectPhoneNumber", STATUS["InvalidParameterValue.IncorrectPhoneNumber"]
        )
    if asked.begin_time < now - WEEK:
        raise SmsError("InvalidParameterValue.BeginTimeVerifyFail", "BeginTime must be within 7 days.")
    until = now if asked.end_time is None else asked.end_time
    found = [sms for sms in world.sms_to(number[1]) if asked.begin_time <= sms.at <= until]
    return [_report(sms) for sms in found[asked.offset :][: asked.limit]]


def _checked_pull(world: World, asked: Pull) -> Pull:
    if asked.sms_sdk_app_id != world.settings.sms_app_id:
        raise SmsError("InvalidParameterValue.SdkAppIdNotExist", STATUS["InvalidParameterValue.SdkAppIdNotExist"])
    if not 1 <= asked.limit <= MOST_REPORTS:
        raise SmsError("InvalidParameterValue", "Limit must be 1 to 100.")
    return asked


def _report(sms: Sms) -> dict[str, Any]:
    return {
        "CountryCode": "86",
        "SubscriberNumber": sms.number,
        "PhoneNumber": f"+86{sms.number}",
        "SerialNo": sms.serial,
        "ReportStatus": "FAIL" if sms.failed else "SUCCESS",
        "Description": sms.failed or "DELIVRD",
        "UserReceiveTime": int(sms.at),
        "SessionContext": "",
    }


PULLS = {"PullSmsSendStatus": _reports, "PullSmsSendStatusByPhoneNumber": _reports_of_number}
