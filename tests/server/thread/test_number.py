from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.features.thread import service as thread
from server.features.thread.service._number import _check_digit

DAY = date(2026, 11, 20)
NUMBER = thread.format_number("341226", DAY, 18)


def test_a_number_says_where_and_when_it_began() -> None:
    assert NUMBER[:18] == "341226" + "261120" + "000018"
    assert len(NUMBER) == 19


def test_the_check_digit_is_the_standard_s() -> None:
    """ISO 7064 MOD 11,10: the example of the standard, 0794, has the check digit 5."""
    assert _check_digit("0794") == "5"


@pytest.mark.parametrize(
    "written",
    [NUMBER, f" {NUMBER[:6]} {NUMBER[6:12]}-{NUMBER[12:]} ", "".join(chr(ord(digit) + 0xFEE0) for digit in NUMBER)],
)
def test_it_is_read_as_people_write_it(written: str) -> None:
    assert thread.parse_number(written) == NUMBER


@pytest.mark.parametrize("written", ["", "341226", NUMBER + "1", NUMBER[:-1] + "x", "一二三"])
def test_what_is_no_number_is_none(written: str) -> None:
    assert thread.parse_number(written) is None


@given(st.integers(0, 999_999), st.integers(0, 18), st.integers(1, 9))
def test_one_wrong_digit_never_passes(serial: int, place: int, step: int) -> None:
    number = thread.format_number("341226", DAY, serial)
    wrong = str((int(number[place]) + step) % 10)
    assert thread.parse_number(number[:place] + wrong + number[place + 1 :]) is None


def test_two_neighbours_changed_round_hardly_ever_pass() -> None:
    tried = passed = 0
    for serial in range(0, 999_999, 997):
        number = thread.format_number("341226", DAY, serial)
        for place in range(18):
            swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
            if swapped != number:
                tried += 1
                passed += thread.parse_number(swapped) is not None
    assert tried > 5_000
    assert passed / tried < 0.03
