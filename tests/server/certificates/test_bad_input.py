"""Every reason for a "no" has its code and its words, leaves its row, shows nothing, and changes nothing else."""

from __future__ import annotations

from typing import Any, get_args

import pytest

from server import db
from server.actor import Anonymous
from server.features.certificates import service as certificates
from server.features.certificates.models import CertificateScan
from server.features.certificates.schemas import Result
from server.kit import texts
from tests.conftest import Clock
from tests.server.certificates.test_vectors import ALL, NOW, SIGNER

# Online the row has the last word on what a list or an old text says.
BY_THE_ROW = ("valid", "unsure", "key_lost", "stale_list", "revoked", "suspended", "superseded")
NEGATIVE = [one for one in ALL["vectors"] if one["reason"] not in BY_THE_ROW]
ASKER = Anonymous(locale="zh-CN", address="192.0.2.7", request_id="bad")


@pytest.fixture
def noon(clock: Clock) -> None:
    """Let it be the moment the vectors were made for."""
    clock.set(NOW)


@pytest.mark.parametrize("locale", ["zh-CN", "en"])
def test_every_result_has_words_of_its_own(locale: str) -> None:
    said = {result: texts.find(locale, f"certificates.check.{result}") for result in get_args(Result)}
    assert all(said.values()), said
    assert len(set(said.values())) == len(said)


async def test_every_bad_text_is_refused_by_its_reason_and_logged(database: None, noon: None) -> None:
    before = await everything()
    for vector in NEGATIVE:
        said = await certificates.check(ASKER, SIGNER, f"#{vector['text']}", "example.test")
        shown = (said.type, said.holder, said.number_masked, said.issuer, said.valid_until, said.fields, said.check_id)
        assert (said.result, shown) == (vector["reason"], (None, None, None, None, None, [], None)), vector["name"]
        assert said.result_text == texts.text("zh-CN", f"certificates.check.{vector['reason']}")
    rows = await CertificateScan.all().order_by("created_at", "id")
    assert [row.result for row in rows] == [one["reason"] for one in NEGATIVE]
    assert {(row.way, row.certificate_id, row.token) for row in rows} == {("text", None, "")}
    assert await everything() == before


async def test_a_genuine_text_of_no_row_is_unknown(database: None, noon: None) -> None:
    """The key of ours has signed it, and yet we have not issued it: not green."""
    text = next(one["text"] for one in ALL["vectors"] if one["reason"] == "valid")
    assert (await certificates.check(ASKER, SIGNER, f"#{text}", "example.test")).result == "unknown"


async def everything() -> dict[str, Any]:
    """Count what a check must not touch."""
    tables = (
        "certificate",
        "certificate_change",
        "certificate_code_use",
        "certificate_consent",
        "audit_entry",
        "inbox",
    )
    return {table: await db.fetchval(f"SELECT count(*) FROM {table}") for table in tables}
