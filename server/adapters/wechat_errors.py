"""What WeChat's error codes mean for whoever asked: never again, later, after a rest, or nobody knows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.kit import clock
from server.ports import SendError, Verdict

# The token is dead (overwritten, malformed, aged): fetched anew once, then it is trouble.
STALE = frozenset({40001, 40014, 42001})


@dataclass(frozen=True, slots=True)
class _Meaning:
    verdict: Verdict
    pause: timedelta | None = None
    alarm: bool = False


_NEVER = _Meaning(Verdict.FINAL)
_MEND = _Meaning(Verdict.FINAL, alarm=True)  # our template, page or value is wrong
_LATER = _Meaning(Verdict.RETRY)
_STRANGE = _Meaning(Verdict.RETRY, alarm=True)
_SLOWER = _Meaning(Verdict.PAUSE, timedelta(minutes=1))
_CLOSED = _Meaning(Verdict.PAUSE, timedelta(minutes=5), alarm=True)  # the whole account is turned away

_MEANINGS: dict[int, _Meaning] = {
    -1: _Meaning(Verdict.UNKNOWN),  # "system error": some of these have been delivered
    40003: _NEVER,  # not a person of this mini-program
    40029: _NEVER,  # code unknown or expired
    40163: _NEVER,  # code used
    40226: _NEVER,  # WeChat blocks this person
    43101: _NEVER,  # not agreed to, or used up: normal
    40037: _MEND,  # template gone
    40097: _MEND,
    40129: _MEND,
    40169: _MEND,
    41030: _MEND,  # page not released
    44002: _MEND,
    45168: _MEND,  # a sensitive word
    47001: _MEND,
    47003: _MEND,  # a value its field does not take
    43108: _LATER,  # another send to this person is under way
    45011: _SLOWER,
    40013: _CLOSED,
    40125: _CLOSED,  # wrong secret
    40164: _CLOSED,  # this address is not on the allowlist
    40243: _CLOSED,  # secret frozen
    41002: _CLOSED,
    41004: _CLOSED,
    43107: _CLOSED,  # subscribe messages banned
    48001: _CLOSED,
    50004: _CLOSED,
    50007: _CLOSED,
    89503: _CLOSED,
    89506: _CLOSED,
    89507: _CLOSED,
}
_DAILY_QUOTA = 45009


def refusal(errcode: int) -> SendError:
    """Turn an error code into what it means; one nobody knows is tried again and shown to somebody."""
    if errcode == _DAILY_QUOTA:
        return SendError(str(errcode), Verdict.PAUSE, pause=_until_midnight(), alarm=True)
    meaning = _MEANINGS.get(errcode, _STRANGE)
    return SendError(str(errcode), meaning.verdict, pause=meaning.pause, alarm=meaning.alarm)


def _until_midnight() -> timedelta:
    """Daily quotas begin again at midnight in China."""
    now = clock.now().astimezone(clock.SHANGHAI)
    return datetime.combine(now.date() + timedelta(days=1), time(0, 1), clock.SHANGHAI) - now
