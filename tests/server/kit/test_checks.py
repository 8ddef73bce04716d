"""Document numbers: official vectors, every single slip, and what people really type."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit import checks

TODAY = date(2026, 11, 20)
births = st.dates(min_value=date(1900, 1, 1), max_value=TODAY)
areas = st.sampled_from(["341226", "431302", "152531", "421281", "810000", "820000", "830000", "710000", "110105"])
bodies = st.text(alphabet="0123456789ABCDEFGHJKLMNPQRTUWXY", min_size=8, max_size=8)


def test_the_vector_of_the_standard() -> None:
    assert checks.resident_id("11010519491231002X", TODAY) == "11010519491231002X"
    assert checks.birth_date("11010519491231002X") == date(1949, 12, 31)


@pytest.mark.parametrize(
    "typed",
    [
        "11010519491231002x",
        " 110105 19491231 002X ",
        "１１０１０５１９４９１２３１００２Ｘ",
        "110105\u300019491231002x",
    ],
)
def test_people_type_it_in_many_ways(typed: str) -> None:
    assert checks.resident_id(typed, TODAY) == "11010519491231002X"


@pytest.mark.parametrize(
    "wrong",
    [
        "", "1", "11010519491231002", "110105194912310021", "1101051949123100211", "X1010519491231002X",
        "110105194902310029", "110105194913310020", "110105490101002", "990105194912310020", "٣٤١٢٢٦١٩٩٠٠١٠١٠٠٠٠",
        "11010519491231002X\x00", "1101051949123100٢X",
    ],
)  # fmt: skip
def test_what_cannot_be_a_number(wrong: str) -> None:
    assert checks.resident_id(wrong, TODAY) is None


@given(areas, births)
def test_a_sample_number_is_sound_and_belongs_to_nobody(area: str, born: date) -> None:
    number = checks.sample_resident_id(area, born)
    assert checks.resident_id(number, TODAY) == number
    assert checks.birth_date(number) == born
    assert number[14:17] == "000"


@given(areas, births, st.integers(0, 17), st.sampled_from("0123456789X"))
def test_one_wrong_character_is_noticed(area: str, born: date, place: int, char: str) -> None:
    number = checks.sample_resident_id(area, born)
    wrong = number[:place] + char + number[place + 1 :]
    assert wrong == number or checks.resident_id(wrong, TODAY) is None


@given(areas, births, st.integers(0, 16))
def test_two_neighbours_swapped_are_noticed(area: str, born: date, place: int) -> None:
    number = checks.sample_resident_id(area, born)
    swapped = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert swapped == number or checks.resident_id(swapped, TODAY) is None


def test_nobody_is_born_tomorrow_or_in_another_age() -> None:
    tomorrow = checks.sample_resident_id("341226", TODAY + timedelta(days=1))
    assert checks.resident_id(tomorrow, TODAY) is None
    assert checks.resident_id(tomorrow, TODAY + timedelta(days=1)) == tomorrow
    assert checks.resident_id(checks.sample_resident_id("341226", date(1899, 12, 31)), TODAY) is None


def test_a_leap_day_needs_a_leap_year() -> None:
    leap = checks.sample_resident_id("341226", date(2000, 2, 29))
    assert checks.resident_id(leap, TODAY) == leap
    assert checks.birth_date("341226190002290000") is None


def test_residence_permits_of_hong_kong_macau_and_taiwan_are_numbers_too() -> None:
    for area in ("810000", "820000", "830000"):
        number = checks.sample_resident_id(area, date(1988, 6, 1))
        assert checks.resident_id(number, TODAY) == number


@given(st.text(max_size=30))
def test_no_text_makes_a_check_fail(text: str) -> None:
    checks.resident_id(text, TODAY)
    for check in (checks.passport, checks.hk_macau_permit, checks.taiwan_permit, checks.mobile, checks.uscc):
        canonical = check(text)
        assert canonical is None or check(canonical) == canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("E12345678", "E12345678"), ("ea1234567", "EA1234567"), (" g 1234 5678", "G12345678"),
        ("K25345719", "K25345719"),
        ("C01X00T47", "C01X00T47"), ("12345", "12345"), ("", None), ("ABCDEFGHI", None), ("E123456789", None),
        ("1234", None), ("E1234-678", None),
    ],
)  # fmt: skip
def test_passports(typed: str, canonical: str | None) -> None:
    assert checks.passport(typed) == canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("H12345678", "H12345678"), ("m87654321", "M87654321"), ("H1234567801", "H12345678"),
        ("H1234567802", "H12345678"),
        ("C12345678", None), ("H1234567", None), ("H123456789", None), ("12345678", None), ("H12345678012", None),
    ],
)  # fmt: skip
def test_permits_of_hong_kong_and_macau(typed: str, canonical: str | None) -> None:
    assert checks.hk_macau_permit(typed) == canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("12345678", "12345678"), ("１２３４５６７８", "12345678"), ("1234567801(B)", "12345678"),
        ("1234567801B", "12345678"),
        ("1234567801", "12345678"), ("1234567", None), ("123456789", None), ("T1234567", None), ("12345678(B)", None),
    ],
)  # fmt: skip
def test_permits_of_taiwan(typed: str, canonical: str | None) -> None:
    assert checks.taiwan_permit(typed) == canonical


@pytest.mark.parametrize(
    ("typed", "canonical"),
    [
        ("13812343210", "13812343210"), ("+86 138-1234-3210", "13812343210"), ("008619912343210", "19912343210"),
        ("１３８１２３４３２１０", "13812343210"), ("12812343210", None), ("1381234321", None), ("138123432100", None),
        ("0558-1234567", None), ("+85291234567", None),
    ],
)  # fmt: skip
def test_mobile_numbers(typed: str, canonical: str | None) -> None:
    assert checks.mobile(typed) == canonical


@given(areas, bodies, st.integers(0, 17), st.sampled_from("0123456789ABCDEFGHJKLMNPQRTUWXYIOSVZ"))
def test_one_wrong_character_of_a_code_is_noticed(area: str, body: str, place: int, char: str) -> None:
    code = checks.sample_uscc(area, body)
    assert checks.uscc(code) == code
    wrong = code[:place] + char + code[place + 1 :]
    assert wrong == code or checks.uscc(wrong) is None


def test_both_checks_of_a_code_are_made() -> None:
    sound = "11430000006122244L"
    for place in range(8, 16):
        for digit in "0123456789":
            wrong = sound[:place] + digit + sound[place + 1 :]
            outer_mended = wrong[:17] + checks._uscc_check(wrong[:17])
            assert (checks.uscc(outer_mended) is None) == (wrong != sound)
