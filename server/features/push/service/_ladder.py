"""What follows from how a send went: done, again later, the next way to the person, or the end with a reason."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

from server.features.push.models import Channel, OutboxState, Reason
from server.features.push.service import _followers as followers
from server.features.push.service._claim import Claimed, Outcome
from server.features.push.service._send import enqueue
from server.kit import clock
from server.ports import SendError, Verdict

# 5 s, 10 s, 20 s ... 30 min: twelve failures are about four hours.
MOST_FAILURES = 12
_FIRST_WAIT = timedelta(seconds=5)
_LONGEST_WAIT = timedelta(minutes=30)
# After a lost answer nobody knows; one more try is the most.
MOST_DOUBTS = 1
_DOUBT_WAIT = timedelta(seconds=30)


def sent(row: Claimed, provider_id: str, template_id: str | None = None) -> Outcome:
    """It was accepted."""
    return _end(row, OutboxState.SENT, None, provider_id=provider_id or None, template_id=template_id)


def refused(row: Claimed, reason: str) -> Outcome:
    """It will never be taken on this way."""
    return _end(row, OutboxState.REFUSED, reason)


def too_late(row: Claimed) -> Outcome:
    """It is of no use any more; nobody is disturbed."""
    return _end(row, OutboxState.TOO_LATE, Reason.DEADLINE)


def released(row: Claimed, until: datetime | None = None) -> Outcome:
    """It was not tried; somebody takes it again."""
    return _again(row, until or clock.now(), None, failures=row.failures, doubts=row.doubts)


def failed(row: Claimed, error: SendError) -> Outcome:
    """Decide after a failure."""
    if error.verdict is Verdict.FINAL:
        return refused(row, error.code)
    if error.verdict is Verdict.UNKNOWN:
        return doubted(row, error.code)
    if error.verdict is Verdict.PAUSE:
        until = clock.now() + (error.pause or _LONGEST_WAIT)
        if until >= row.deadline:
            return refused(row, error.code)
        return _again(row, until, error.code, failures=row.failures, doubts=row.doubts)
    failures = row.failures + 1
    if failures >= MOST_FAILURES:
        return _end(row, OutboxState.DEAD, error.code, failures=failures)
    wait = max(backoff(failures), error.rest or timedelta())
    return _again(row, clock.now() + wait, error.code, failures=failures, doubts=row.doubts)


def doubted(row: Claimed, reason: str) -> Outcome:
    """The answer was lost: once more where the kind allows it, else the next way. It may arrive twice, never not."""
    doubts = row.doubts + 1
    if row.retry_unknown and doubts <= MOST_DOUBTS:
        return _again(row, clock.now() + _jitter(_DOUBT_WAIT), reason, failures=row.failures, doubts=doubts)
    return _end(row, OutboxState.DEAD, reason, doubts=doubts)


def broken(row: Claimed) -> Outcome:
    """It breaks whoever handles it: it ends, and with it nothing else."""
    return _end(row, OutboxState.DEAD, Reason.BROKEN)


def backoff(failures: int) -> timedelta:
    """Wait longer after each failure, never two rows exactly as long."""
    return _jitter(min(_FIRST_WAIT * 2 ** min(failures - 1, 20), _LONGEST_WAIT))


def _jitter(wait: timedelta) -> timedelta:
    return wait * random.uniform(0.75, 1.25)  # noqa: S311 - spreads load, guards nothing


async def next_way(row: Claimed, outcome: Outcome, channel: Channel) -> None:
    """Go on by the service account or by SMS where a way has ended without success and the message is still of use."""
    ended = outcome.state in (OutboxState.REFUSED, OutboxState.DEAD)
    if not ended or channel is Channel.SMS or row.deadline <= clock.now():
        return
    if channel is Channel.WECHAT and row.payload.service is not None and await _follows(row):
        await enqueue(row, Channel.SERVICE)
    elif row.sms:
        await enqueue(row, Channel.SMS)


async def _follows(row: Claimed) -> bool:
    return row.account_id is not None and bool(await followers.openids([row.account_id]))


def _again(row: Claimed, at: datetime, reason: str | None, *, failures: int, doubts: int) -> Outcome:
    # Not later than the deadline: then it ends as too late, on time.
    return Outcome(
        state=OutboxState.PENDING, reason=reason, run_at=min(at, row.deadline), failures=failures, doubts=doubts
    )


def _end(
    row: Claimed,
    state: OutboxState,
    reason: str | None,
    *,
    provider_id: str | None = None,
    template_id: str | None = None,
    failures: int | None = None,
    doubts: int | None = None,
) -> Outcome:
    return Outcome(
        state=state,
        reason=reason,
        provider_id=provider_id,
        template_id=template_id,
        failures=row.failures if failures is None else failures,
        doubts=row.doubts if doubts is None else doubts,
    )
