"""What WeChat's error codes mean for whoever asked: never again, later, after a rest, or nobody knows."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from server.kit import clock
from server.ports import SendError, Verdict

# The token is dead (overwritten, malformed, aged, forgotten): fetched anew once, then it is trouble.
STALE = frozenset({40001, 40014, 41001, 42001})


@dataclass(frozen=True, slots=True)
class _Meaning:
    verdict: Verdict
    pause: timedelta | None = None
    rest: timedelta | None = None
    alarm: bool = False


_UNSURE = _Meaning(Verdict.UNKNOWN)
_NEVER = _Meaning(Verdict.FINAL)
_MEND = _Meaning(Verdict.FINAL, alarm=True)  # our template, page, value or code is wrong
_LATER = _Meaning(Verdict.RETRY)
_STRANGE = _Meaning(Verdict.RETRY, alarm=True)
_BUSY = _Meaning(Verdict.RETRY, rest=timedelta(seconds=2))  # with this one person
_OFTEN = _Meaning(Verdict.RETRY, rest=timedelta(minutes=10))  # this one person, just now
_SLOWER = _Meaning(Verdict.PAUSE, timedelta(minutes=1))
_CLOSED = _Meaning(Verdict.PAUSE, timedelta(minutes=5), alarm=True)  # the whole account is turned away
_CONFIRM = _Meaning(Verdict.PAUSE, timedelta(hours=1), alarm=True)  # until its administrator has agreed

_GROUPS: tuple[tuple[_Meaning, tuple[int, ...]], ...] = (
    (_UNSURE, (-1,)),  # "system error": some of these have been delivered
    # The person: not one of ours; used, unknown or blocked code; has not agreed, or not any more; does not follow.
    (_NEVER, (40003, 40029, 40163, 40226, 43004, 43101, 43104, 40241)),
    (_NEVER, (61010, 80111, 80113, 87007, 87009, 89002, 89300)),  # not here lately; session, consent or payment gone
    # Our request: grant, template, page, scene, link, body, method, a value its field does not take, a word it may not
    # hold, an interface that is gone.
    (_MEND, (40002, 40008, 40036, 40037, 40039, 40062, 40066, 40097, 40129, 40159, 40165, 40169, 40212)),
    (_MEND, (40246, 40247, 40249, 40400, 41008, 41028, 41029, 41030, 43001, 43002, 43116, 44002)),
    (_MEND, (45029, 45103, 45109, 45168, 47001, 47003, 61080, 61081, 76001, 76002, 76003, 76004, 76021, 76022)),
    (_MEND, (85079, 85096, 85401, 85402, 85403, 85406, 85407, 85408, 87008, 87020, 1005, 886000, 9410009)),
    (_MEND, (*range(82020, 82027), 83200, 84001, *range(84010, 84023), *range(85431, 85472))),
    # The template library: wrong number, words or fields; full; not for this kind of account.
    (_MEND, (20001, 20002, 200002, 200011, 200012, 200013, 200014, *range(200016, 200023), 200100)),
    (_BUSY, (43108,)),  # another send to this person is under way
    (_OFTEN, (43117,)),
    (_LATER, tuple(STALE)),  # also after a fresh token; a minute later another process may have had more luck
    (_SLOWER, (45011, 44990, 44991)),
    # The account: wrong id, wrong or frozen secret, address not on the allowlist, banned, not allowed, resets used up.
    (_CLOSED, (40013, 40125, 40164, 40243, 41002, 41004, 43107, 48001, 48006, 50004, 50007)),
    (_CONFIRM, (89503, 89506, 89507)),
)
_MEANINGS = {code: meaning for meaning, codes in _GROUPS for code in codes}
# Of one day in China.
_DAILY = frozenset({45009, 44993})
# On the call for a token the whole account is turned away, whatever the code says of a single message.
TOKEN = "/cgi-bin/stable_token"  # noqa: S105 - a path
_TOKEN_CLOSED = frozenset({40001, 40002, 43002})


def refusal(errcode: int, path: str = "") -> SendError:
    """Turn an error code into what it means; one nobody knows is tried again and shown to somebody."""
    if errcode in _DAILY:
        return SendError(str(errcode), Verdict.PAUSE, pause=_until_midnight(), alarm=True)
    meaning = _CLOSED if path == TOKEN and errcode in _TOKEN_CLOSED else _MEANINGS.get(errcode, _STRANGE)
    return SendError(str(errcode), meaning.verdict, pause=meaning.pause, rest=meaning.rest, alarm=meaning.alarm)


def known() -> Iterator[int]:
    """List every code that has a meaning here."""
    yield from _MEANINGS
    yield from _DAILY


def _until_midnight() -> timedelta:
    """Daily quotas begin again at midnight in China."""
    now = clock.now().astimezone(clock.SHANGHAI)
    return datetime.combine(now.date() + timedelta(days=1), time(0, 1), clock.SHANGHAI) - now
