"""Why a message did not go: what the other side answered, put together to causes that somebody can do something about.

A cause has its words and its cure in the texts: `push.cause.<cause>.title` and `.cure`.
"""

from __future__ import annotations

# Answers that begin so, the longer beginning first. WeChat answers with numbers, the SMS provider with words.
_CAUSES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("not_agreed", ("not_agreed", "used_up", "rejected", "main_switch", "banned", "43101")),
    ("not_wanted", ("not_wanted",)),
    ("not_following", ("43004", "not_following")),
    ("nobody", ("40003", "40226", "43104", "61010")),
    ("number", ("FailedOperation.PhoneNumberInBlacklist", "InvalidParameterValue.IncorrectPhoneNumber")),
    ("number", ("UnsupportedOperation.", "FailedOperation.PhoneNumberParseFail")),
    ("balance", ("FailedOperation.InsufficientBalance",)),
    ("word", ("45168", "40249", "FailedOperation.ContainSensitiveWord", "FailedOperation.ForbidAddMarketing")),
    ("page", ("41030", "40165")),
    (
        "template",
        (
            "40008",
            "40036",
            "40037",
            "40039",
            "47003",
            "47001",
            "40129",
            "43116",
            "44002",
            "no_sms_template",
            "no_template",
        ),
    ),
    (
        "template",
        ("unfit", "FailedOperation.Template", "FailedOperation.MissingTemplate", "InvalidParameterValue.Template"),
    ),
    ("template", ("FailedOperation.Signature", "FailedOperation.MissingSignature", "FailedOperation.ParametersOther")),
    ("token", ("40001", "40014", "41001", "42001", "token_")),
    ("often", ("43117", "40241", "LimitExceeded.PhoneNumber")),
    ("quota", ("45009", "45011", "44990", "44991", "44993", "LimitExceeded", "RequestLimitExceeded")),
    ("busy", ("43108",)),
    (
        "account",
        ("40002", "40013", "40125", "40164", "40243", "41002", "41004", "43107", "48001", "48006", "50004", "50007"),
    ),
    ("account", ("89503", "89506", "89507", "AuthFailure", "UnauthorizedOperation", "no_sms", "no_service_account")),
    ("network", ("answer_lost", "bad_answer", "http_", "timeout", "-1", "InternalError")),
    ("rest", ("impatient", "paused")),
    ("system", ("broken", "unreadable", "40066", "43001", "43002")),
    ("late", ("deadline",)),
    ("stopped", ("stopped", "cancelled")),
)
_BEGINNINGS = sorted(
    ((beginning, cause) for cause, beginnings in _CAUSES for beginning in beginnings), key=lambda one: -len(one[0])
)
CAUSES = (*dict.fromkeys(cause for cause, _ in _CAUSES), "unreachable", "other")


def cause_of(state: str, reason: str | None) -> str | None:
    """Name the cause behind a reason; None where nothing went wrong."""
    if reason is None:
        return None
    if reason == "unreachable":
        # The same word twice: a line that could not be reached is tried again, a person without a phone is not.
        return "unreachable" if state == "refused" else "network"
    return next((cause for beginning, cause in _BEGINNINGS if reason.startswith(beginning)), "other")
