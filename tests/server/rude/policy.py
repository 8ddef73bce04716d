"""Who may call what: the expectation of every cell of the access matrix, and how an answer is held against it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from server.actor import Role
from server.web.routing import Operation
from tests.fixtures_web import Answer, Client

_UUID = re.compile("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
# What is everybody's, or everybody's law: only a grant over the whole county opens it.
COUNTYWIDE = {
    "console_pledges.rules",
    "console_pledges.set_rule",
    "console_holidays.preview",
    "console_holidays.take",
    "console_messages.export",
    "console_messages.health",
    "console_messages.health_now",
    "console_messages.retry",
    "console_messages.stuck",
    "console_privacy.answer",
    "console_privacy.waiting",
}
_ADMITTED = {200, 201, 204, 302, 303, 409, 410, 422}


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Somebody who asks. `reaches` says whose things they may reach, `county` that their grants cover everything."""

    name: str
    client: Client
    citizen: bool = False
    verified: bool = False
    roles: frozenset[Role] = frozenset()
    reaches: frozenset[str] = frozenset()
    county: bool = False


@dataclass(frozen=True, slots=True)
class Refusal:
    """How a cell must be refused; None in place of it means admitted."""

    status: int
    code: str


LOG_IN = Refusal(303, "")
NOBODY = Refusal(401, "unauthenticated")
UNVERIFIED = Refusal(403, "identity.real_name_required")
NOT_THEIRS = Refusal(403, "forbidden")
NOT_THE_COUNTY = Refusal(403, "")
ABSENT = Refusal(404, "")


def expected(operation: Operation, caller: Caller, subject: str) -> Refusal | None:  # noqa: PLR0911 - one line a rule
    """The whole policy in one place. `subject` is whose things are named: a, b, absent, or nothing."""
    policy = operation.access.name
    if policy in {"public", "anyone"}:
        return None
    if policy in {"citizen", "verified"}:
        if not caller.citizen:
            return NOBODY
        if policy == "verified" and not caller.verified:
            return UNVERIFIED
    else:
        if not caller.roles:
            return LOG_IN if operation.page else NOBODY
        if not caller.roles & {Role(role) for role in policy.removeprefix("staff:").split(",")}:
            return NOT_THEIRS
        if operation.name in COUNTYWIDE and not caller.county:
            return NOT_THE_COUNTY
    return None if subject == "nothing" or subject in caller.reaches else ABSENT


def fault(cell: str, answer: Answer, wanted: Refusal | None) -> str | None:
    """Say what is wrong with an answer, if anything is."""
    if answer.status >= 500:
        return f"{cell}: {answer.status} {shown(answer)}"
    if wanted is None:
        return None if answer.status in _ADMITTED else f"{cell}: refused with {answer.status} {shown(answer)}"
    if answer.status != wanted.status:
        return f"{cell}: {answer.status}, not {wanted.status} {shown(answer)}"
    if wanted is LOG_IN and not answer.headers["location"].startswith("/console/login"):
        return f"{cell}: led to {answer.headers['location']}"
    if wanted.code and answer.json["code"] != wanted.code:
        return f"{cell}: {answer.json['code']}, not {wanted.code}"
    return None


def shown(answer: Answer) -> str:
    """The beginning of an answer, whatever it is."""
    return answer.body[:200].decode("utf-8", "replace")


def likeness(answer: Answer) -> tuple[Any, ...]:
    """What of an answer could tell somebody else's from nothing."""
    known = answer.headers["x-request-id"].encode()
    kept = {
        name.lower(): value for name, value in answer.headers.items() if name.lower() not in {"x-request-id", "date"}
    }
    headers = sorted((name, _UUID.sub("", value)) for name, value in kept.items())
    return answer.status, len(answer.body), answer.body.replace(known, b""), headers
