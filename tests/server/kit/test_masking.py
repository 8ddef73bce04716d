"""Masking: what is shown is what the rules of the country show, for every kind of name."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.kit import masking


@pytest.mark.parametrize(
    ("full", "masked"),
    [
        ("张三", "张*"),
        ("李小敏", "李*敏"),
        ("欧阳小明", "欧**明"),
        ("阿拉坦其其格", "阿****格"),
        ("阿依古丽·买买提", "阿***·**提"),
        ("古·丽", "古·*"),
        ("𠮷田", "𠮷*"),
        ("龘", "*"),
        ("·", "·"),
        ("", ""),
        ("Mary-Ann O'Neil", "M***-*** *'***l"),
        ("ᠪᠠᠲᠤ", "ᠪ**ᠤ"),
    ],
)
def test_names(full: str, masked: str) -> None:
    assert masking.name(full) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [("13812343210", "138****3210"), ("91234567", "******67"), ("12", "**"), ("", "")],
)
def test_phones(number: str, masked: str) -> None:
    assert masking.phone(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("34122619900101000X", "341226********000X"),
        ("E12345678", "E******78"),
        ("H12345678", "H******78"),
        ("12345678", "1*****78"),
        ("AB", "**"),
        ("", ""),
    ],
)
def test_documents(number: str, masked: str) -> None:
    assert masking.document(number) == masked


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=2, max_size=40))
def test_a_name_never_shows_more_than_two_letters(full: str) -> None:
    masked = masking.name(full)
    assert len(masked) == len(full)
    assert masked.count("*") >= max(1, len(full) - 2)


@given(st.text(alphabet="0123456789X", min_size=1, max_size=40))
def test_numbers_keep_their_length_and_hide_something(number: str) -> None:
    for mask in (masking.phone, masking.document):
        masked = mask(number)
        assert len(masked) == len(number)
        assert "*" in masked
