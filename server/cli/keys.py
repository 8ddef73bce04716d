"""The keys that sign certificates: a new one in good time, or at once when one is lost. Nothing has to be restarted."""

from __future__ import annotations

import argparse
from datetime import datetime, timedelta

from server.adapters import signer, sm2
from server.config import SettingError, Settings
from server.kit import clock

_MOST_MINUTES = 7 * 24 * 60


def rotate_keys(settings: Settings, given: argparse.Namespace) -> int:
    """Add a key to the secrets file; it is published at once and signs later, so that every host knows it by then."""
    path, now = settings.secrets_file, clock.now()
    if given.list:
        return _listed(settings)
    if given.since and not given.lost:
        raise SettingError("--since: says from when on a key was lost, but no --lost names it")
    if not 0 <= given.minutes <= _MOST_MINUTES:
        raise SettingError(f"--minutes: {given.minutes} is not 0 to {_MOST_MINUTES}")
    if given.lost and not signer.compromise(path, given.lost, _moment(given.since, now)):
        raise SettingError(f"--lost: {given.lost!r} is no key of {path}. See --list")
    if given.algorithm == sm2.ALGORITHM and not sm2.available():
        raise SettingError("--algorithm: SM2 is not installed. Run: pip install tongsuopy==1.0.1")
    begins = now if given.lost else now + timedelta(minutes=given.minutes)
    made = signer.rotate(path, signs_from=begins, algorithm=given.algorithm)
    print(f"made {made}, which signs from {begins.isoformat(timespec='seconds')} on")
    if given.lost:
        print(f"{given.lost} is lost: what it signed before is signed again by the worker, what it signed since is red")
    return _listed(settings)


def _listed(settings: Settings) -> int:
    for key in reversed(signer.keys_of(settings.secrets_file)):
        lost = f", lost since {key.compromised_from.isoformat()}" if key.compromised_from else ""
        print(f"{key.key_id} signs from {key.signs_from.isoformat()}{lost}, public {key.public.hex()}")
    return 0


def _moment(written: str | None, now: datetime) -> datetime:
    if written is None:
        return now
    try:
        since = datetime.fromisoformat(written)
    except ValueError:
        raise SettingError(f"--since: {written!r} is no moment. Write it as 2026-11-20T09:00+08:00") from None
    if since.tzinfo is None or since > now:
        raise SettingError(f"--since: {written!r} is to come or has no +08:00 behind it. Correct it")
    return since
