"""The published codes of `data/vectors.json`: every one of them is held up to what reads such a code here."""

from __future__ import annotations

import json
import re
from datetime import date
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.features.catalogue import service as catalogue
from server.features.catalogue.schemas import Part
from server.kit import checks
from server.kit.certificate_number import CertificateNumber, parse
from tests.factories import catalogue as make

TESTS = Path(__file__).parents[2]
VECTORS: dict[str, Any] = json.loads((Path(__file__).parent / "data" / "vectors.json").read_text("utf-8"))
# A task's code (实施编码), and that with the two digits of one way it is handled (业务办理项编码).
LONG = (31, 33)


@pytest.mark.parametrize("number", VECTORS["citizen_id_valid"])
def test_numbers_of_citizens(number: str) -> None:
    assert checks.resident_id(number, date(2026, 11, 20)) == number
    for wrong in set("0123456789X") - {number[-1]}:
        assert checks.resident_id(number[:-1] + wrong, date(2026, 11, 20)) is None


@pytest.mark.parametrize("code", VECTORS["uscc_valid"])
def test_codes_of_bodies(code: str) -> None:
    """Codes of ministries and agencies; each satisfies GB 32100 and, inside, GB 11714."""
    assert checks.uscc(code) == checks.uscc(code.lower()) == code
    for wrong in set("0123456789ABCDEFGHJKLMNPQRTUWXY") - {code[-1]}:
        assert checks.uscc(code[:-1] + wrong) is None


@pytest.mark.parametrize("number", VECTORS["certificate_ids"])
def test_identifiers_of_certificates(number: str) -> None:
    assert str(parse(number)) == number
    for wrong in set("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ") - {number[-1]}:
        assert parse(number[:-1] + wrong) is None


@pytest.mark.parametrize("told", VECTORS["certificate_id_bad"])
def test_an_identifier_that_is_in_circulation_and_wrong(told: str) -> None:
    """Only its end is published: an identifier that ends so and computes to the other letter is made here."""
    found = re.search(r"\.(\d{3})\.([0-9A-Z]) does not verify \(computes to ([0-9A-Z])\)", told)
    assert found is not None
    sample = parse(VECTORS["certificate_ids"][0])
    assert sample is not None
    alike = (
        str(CertificateNumber(kind=sample.kind, issuer=sample.issuer, serial=str(serial), version=int(found[1])))
        for serial in count(1)
    )
    sound = next(one for one in alike if one.endswith(f".{found[1]}.{found[3]}"))
    assert str(parse(sound)) == sound
    assert parse(f"{sound[:-1]}{found[2]}") is None


@pytest.mark.usefixtures("database")
@pytest.mark.parametrize("code", VECTORS["implementation_codes"])
async def test_codes_of_tasks(code: str) -> None:
    """Its body's code is sound, an item is found by it, and a theme can be put together from it."""
    assert len(code) in LONG
    assert checks.uscc(code[:18]) == code[:18]
    item = await make.item(code=code)
    assert await catalogue.item_by_code(code) == item
    assert msgspec.convert({"key": "p1", "item": code}, Part).item == code
    with pytest.raises(msgspec.ValidationError):
        msgspec.convert({"key": "p1", "item": code.ljust(LONG[-1] + 1, "0")}, Part)


def test_every_kind_of_vector_is_asserted_by_some_test() -> None:
    used: set[str] = set()
    for path in TESTS.rglob("test_*.py"):
        if "vectors.json" in (text := path.read_text("utf-8")):
            used |= set(re.findall(r'VECTORS\["(\w+)"\]', text))
    assert used >= set(VECTORS)
    assert all(VECTORS.values())
