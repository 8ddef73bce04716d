"""Tencent Cloud SMS, SendSms of 2021-01-11: verified signature, approved templates, one status a number."""

import re
import secrets
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from server.sandbox.state import Sms
from server.sandbox.twins import tc3
from server.sandbox.world import World

__all__ = ["PATH", "SmsError", "SmsTemplate", "call", "error_body", "read_sms_templates"]

PATH = "/twins/sms/"
FILE = Path(__file__).parent.parent / "data" / "sms_templates.json"
VERSION = "2021-01-11"
MOST_NUMBERS = 200
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
    _check_action(headers)
    asked = _decode(body)
    statuses = [_send_one(world, asked, number) for number in asked.phone_number_set]
    return {"Response": {"SendStatusSet": statuses, "RequestId": str(uuid.uuid4())}}


def error_body(code: str, text: str) -> dict[str, Any]:
    return {"Response": {"Error": {"Code": code, "Message": text}, "RequestId": str(uuid.uuid4())}}


def _check_action(headers: Mapping[str, str]) -> None:
    action, version = headers.get("x-tc-action"), headers.get("x-tc-version")
    if not action or not version:
        missing = "X-TC-Version" if action else "X-TC-Action"
        raise SmsError("MissingParameter", f"The request is missing a required parameter `{missing}`.")
    if action != "SendSms":
        raise SmsError("InvalidAction", f"The requested action `{action[:40]}` is invalid or has been deprecated.")
    if version != VERSION:
        raise SmsError("NoSuchVersion", f"The API version `{version[:20]}` does not exist.")
    if not headers.get("x-tc-region"):
        raise SmsError("MissingParameter", "The request is missing a required parameter `X-TC-Region`.")


def _decode(body: bytes) -> SendSms:
    try:
        asked = msgspec.json.decode(body, type=SendSms)
    except msgspec.ValidationError as error:
        missing = re.search(r"missing required field `(\w+)`", str(error))
        if missing:
            text = f"The request is missing a required parameter `{missing[1]}`."
            raise SmsError("MissingParameter", text) from None
        raise SmsError("InvalidParameter", f"The request parameter is invalid: {error}.") from None
    except (msgspec.DecodeError, RecursionError):
        raise SmsError("InvalidRequest", "The request body is not valid JSON.") from None
    if not 1 <= len(asked.phone_number_set) <= MOST_NUMBERS:
        raise SmsError("InvalidParameterValue", "PhoneNumberSet must hold 1 to 200 numbers.")
    if len(asked.session_context.encode()) >= 512:
        raise SmsError("InvalidParameterValue", "SessionContext must be shorter than 512 bytes.")
    return asked


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
    recent = (sms.at for sms in world.sms_to(number)[-1:])
    if world.account.sms_limit and any(world.clock.now() - at < 30 for at in recent):
        return "LimitExceeded.PhoneNumberThirtySecondLimit"
    return None
