"""Every other value of every byte of twenty certificates, by both verifiers: none of them is a yes."""

from __future__ import annotations

from typing import Any

import pytest

from tests.factories import certificate_vectors as vectors
from tests.server.certificates.test_vectors import ALL, first, listed, second

TWENTY = [one for one in ALL["vectors"] if one["reason"] == "valid"][:20]


@pytest.mark.timeout(1800)
@pytest.mark.parametrize("vector", TWENTY, ids=lambda one: one["name"])
def test_no_other_byte_will_do(vector: dict[str, Any]) -> None:
    body, whole = listed(vector), bytes.fromhex(vector["cose"])
    assert len(TWENTY) == 20
    for place, right in enumerate(whole):
        for value in range(256):
            if value == right:
                continue
            text = vectors.as_text(whole[:place] + bytes([value]) + whole[place + 1 :])
            assert second(text, body).result != "valid", f"byte {place} = {value:#x}"
            assert first(text, body) != "valid", f"byte {place} = {value:#x}"
