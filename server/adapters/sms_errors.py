"""What Tencent Cloud's SMS error codes mean for whoever asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.kit import clock
from server.ports import SendError, Verdict


@dataclass(frozen=True, slots=True)
class _Meaning:
    verdict: Verdict
    pause: timedelta | None = None
    rest: timedelta | None = None
    alarm: bool = False
    until_midnight: bool = False


_NEVER = _Meaning(Verdict.FINAL)
_MEND = _Meaning(Verdict.FINAL, alarm=True)
_LATER = _Meaning(Verdict.RETRY)
_UNSURE = _Meaning(Verdict.UNKNOWN)
_CLOSED = _Meaning(Verdict.PAUSE, timedelta(minutes=5), alarm=True)
_SLOWER = _Meaning(Verdict.PAUSE, timedelta(seconds=5))
_TODAY = _Meaning(Verdict.PAUSE, alarm=True, until_midnight=True)

# By the whole code, or else by its first word.
_MEANINGS: dict[str, _Meaning] = {
    # This number, for a while or for good; the others are not concerned.
    "LimitExceeded.PhoneNumberThirtySecondLimit": _Meaning(Verdict.RETRY, rest=timedelta(seconds=31)),
    "LimitExceeded.PhoneNumberOneHourLimit": _Meaning(Verdict.RETRY, rest=timedelta(hours=1)),
    "LimitExceeded.PhoneNumberDailyLimit": _NEVER,
    "LimitExceeded.PhoneNumberSameContentDailyLimit": _NEVER,
    "FailedOperation.PhoneNumberInBlacklist": _NEVER,
    "FailedOperation.PhoneNumberOnBlacklist": _NEVER,
    "FailedOperation.PhoneNumberUnsubscribed": _NEVER,
    "InvalidParameterValue.IncorrectPhoneNumber": _NEVER,
    "UnsupportedOperation.UnsupportedRegion": _NEVER,
    # The application, for a while.
    "LimitExceeded": _SLOWER,
    "LimitExceeded.DeliveryFrequencyLimit": _SLOWER,
    "LimitExceeded.AppDailyLimit": _TODAY,
    "LimitExceeded.AppMainlandChinaDailyLimit": _TODAY,
    "LimitExceeded.AppGlobalDailyLimit": _TODAY,
    "LimitExceeded.DailyLimit": _TODAY,
    "RequestLimitExceeded": _SLOWER,
    # Until somebody has paid, or mended the account: nothing goes out, and nothing is lost meanwhile.
    "FailedOperation.InsufficientBalanceInSmsPackage": _CLOSED,
    "FailedOperation.SignatureIncorrectOrUnapproved": _CLOSED,
    "InvalidParameterValue.SdkAppIdNotExist": _CLOSED,
    "AuthFailure": _CLOSED,
    "UnauthorizedOperation": _CLOSED,
    "NoSuchVersion": _CLOSED,
    "InvalidAction": _CLOSED,
    # Our words are wrong.
    "FailedOperation": _MEND,
    "FailedOperation.FailResolvePacket": _LATER,
    "FailedOperation.JsonParseFail": _MEND,
    "FailedOperation.TemplateIncorrectOrUnapproved": _MEND,
    "InvalidParameter": _MEND,
    "InvalidParameterValue": _MEND,
    "InvalidRequest": _MEND,
    "MissingParameter": _MEND,
    "UnknownParameter": _MEND,
    "UnsupportedOperation": _MEND,
    # Theirs to mend. What failed half-way may have been sent.
    "InternalError": _UNSURE,
    "InternalError.RequestTimeException": _CLOSED,
    "InternalError.RestApiInterfaceNotExist": _CLOSED,
    "ResourceUnavailable": _LATER,
}
_STRANGE = _Meaning(Verdict.RETRY, alarm=True)


def refusal(code: str) -> SendError:
    """Turn an error code into what it means; one nobody knows is tried again and shown to somebody."""
    meaning = _MEANINGS.get(code) or _MEANINGS.get(code.partition(".")[0], _STRANGE)
    pause = _until_midnight() if meaning.until_midnight else meaning.pause
    return SendError(code, meaning.verdict, pause=pause, rest=meaning.rest, alarm=meaning.alarm)


def _until_midnight() -> timedelta:
    now = clock.now().astimezone(clock.SHANGHAI)
    return datetime.combine(now.date() + timedelta(days=1), time(0, 1), clock.SHANGHAI) - now
