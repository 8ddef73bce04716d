"""A code is good for its half minute and the next, whatever the phone's own clock says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as some

from server.kit import rotating

SECRET = b"s" * 32
NAME = rotating.new_name()
CODES = rotating.codes(NAME, SECRET)
ALIVE = rotating.STEP * rotating.STEPS
WHEN = some.timedeltas(timedelta(0), ALIVE - timedelta(seconds=1))
SKEW = some.timedeltas(timedelta(hours=-1), timedelta(hours=1))


class Phone:
    """Counts from when it was given the codes, by a clock that is wrong."""

    def __init__(self, given_at: datetime, skew: timedelta) -> None:
        self.skew = skew
        self.began = given_at + skew

    def shows(self, now: datetime) -> str:
        step = int((now + self.skew - self.began) / rotating.STEP)
        return CODES[min(step, rotating.STEPS - 1)]


def accepted(code: str, age: timedelta) -> bool:
    read = rotating.read(code)
    assert read
    step = rotating.step_of(read, SECRET)
    return step is not None and rotating.is_current(step, age)


@given(after=WHEN, skew=SKEW, late=some.timedeltas(timedelta(0), timedelta(seconds=2)))
def test_what_a_phone_shows_is_accepted_at_once(after: timedelta, skew: timedelta, late: timedelta) -> None:
    """The answer travelled for `late`, so the phone counts from a little after the server."""
    start = datetime(2026, 11, 21, 12, tzinfo=UTC)
    phone = Phone(start + late, skew)
    assert accepted(phone.shows(start + late + after), late + after)


@given(after=WHEN, skew=SKEW, age=some.timedeltas(timedelta(seconds=61), timedelta(hours=2)))
def test_a_picture_of_it_is_worth_nothing_after_a_minute(after: timedelta, skew: timedelta, age: timedelta) -> None:
    start = datetime(2026, 11, 21, 12, tzinfo=UTC)
    assert not accepted(Phone(start, skew).shows(start + after), after + age)


@given(code=some.text(max_size=40))
def test_guesses_open_nothing(code: str) -> None:
    read = rotating.read(code)
    assert read is None or rotating.step_of(read, SECRET) is None


@given(
    place=some.integers(0, rotating.LENGTH - 1),
    step=some.integers(0, rotating.STEPS - 1),
    letter=some.sampled_from("Az09-_"),
)
def test_a_changed_letter_is_another_code(place: int, step: int, letter: str) -> None:
    code = CODES[step]
    changed = code[:place] + letter + code[place + 1 :]
    read = rotating.read(changed)
    assert changed == code or read is None or rotating.step_of(read, SECRET) is None or read.name != NAME


def test_codes_fit_where_codes_go() -> None:
    assert {len(code) for code in CODES} == {rotating.LENGTH}
    assert len(set(CODES)) == rotating.STEPS
    assert rotating.LENGTH <= 32
    assert not accepted(rotating.codes(NAME, b"t" * 32)[0], timedelta(0))
