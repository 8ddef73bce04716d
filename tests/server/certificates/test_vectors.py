"""Two verifiers that share nothing agree on every published vector, and refuse every byte that is changed."""

from __future__ import annotations

import ast
import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from server.adapters.signer import Ed25519Signer
from server.cli import verifier
from server.cli.certificates import keys_of
from server.features.certificates.service._text import judge_text, standing_in
from server.kit.secret_file import SigningSeed
from tests.factories import certificate_vectors as vectors

ALL: dict[str, Any] = json.loads(vectors.FILE.read_text("utf-8"))
NOW = datetime.fromisoformat(ALL["now"])
KEYS = keys_of(json.dumps({"keys": ALL["keys"]}).encode())
SIGNER = Ed25519Signer(
    *(
        SigningSeed(seed, compromised_from=vectors.LOST_AT if name == "lost" else None)
        for name, seed in vectors.SEEDS.items()
        if name != "foreign"
    )
)


def bytes_of(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def listed(vector: dict[str, Any]) -> bytes | None:
    body = ALL["lists"][vector["list"]]
    return None if body is None else bytes_of(body)


def first(text: str, body: bytes | None) -> str:
    return judge_text(text, SIGNER, standing_in(body, SIGNER, NOW), NOW)[0]


def second(text: str, body: bytes | None) -> verifier.Verdict:
    return verifier.verify(text, KEYS, body, NOW)


def test_there_are_enough_and_the_file_is_what_is_made() -> None:
    negative = [one for one in ALL["vectors"] if one["reason"] != "valid"]
    assert len(ALL["vectors"]) >= 100
    assert len(negative) * 2 >= len(ALL["vectors"])
    assert len({one["name"] for one in ALL["vectors"]}) == len(ALL["vectors"])
    assert {one["layer"] for one in negative} == {
        "text", "cbor", "cose", "key", "signature", "claims", "time", "list", "status",
    }  # fmt: skip
    assert vectors.FILE.read_text("utf-8") == vectors.written()


@pytest.mark.parametrize("vector", ALL["vectors"], ids=lambda one: one["name"])
def test_both_say_what_the_vector_says(vector: dict[str, Any]) -> None:
    body = listed(vector)
    verdict = second(vector["text"], body)
    assert (verdict.result, verdict.layer) == (vector["reason"], vector["layer"])
    assert first(vector["text"], body) == vector["reason"]


@pytest.mark.parametrize(
    "vector", [one for one in ALL["vectors"] if one["reason"] == "valid"][:20], ids=lambda one: one["name"]
)
def test_every_changed_byte_is_refused(vector: dict[str, Any]) -> None:
    body, whole = listed(vector), bytes.fromhex(vector["cose"])
    for place in range(len(whole)):
        changed = bytearray(whole)
        for flip in (0x01, 0x80, 0xFF):
            changed[place] = whole[place] ^ flip
            text = vectors.as_text(bytes(changed))
            assert second(text, body).result != "valid", f"byte {place} ^ {flip:#x}"
            assert first(text, body) != "valid", f"byte {place} ^ {flip:#x}"
    for place, letter in enumerate(vector["text"]):
        text = vector["text"][:place] + ("A" if letter != "A" else "B") + vector["text"][place + 1 :]
        assert second(text, body).result != "valid"
        assert first(text, body) != "valid"


def test_a_list_alone_tells_of_a_lost_key() -> None:
    """Whoever saved the keys before one was lost still learns of it from the list."""
    trusting = {name: verifier.Key(public=key.public) for name, key in KEYS.items()}
    text = next(one["text"] for one in ALL["vectors"] if one["reason"] == "key_lost")
    body = bytes_of(ALL["lists"]["fresh"])
    assert verifier.verify(text, trusting, body, NOW).result == "key_lost"
    assert verifier.verify(text, trusting, None, NOW).result == "stale_list"


def test_the_second_shares_nothing_with_the_first() -> None:
    tree = ast.parse(Path(verifier.__file__).read_text("utf-8"))
    taken = {
        name.split(".")[0]
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names] if isinstance(node, ast.Import)
            else [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        )
    }  # fmt: skip
    assert "server" not in taken
    assert "cbor2" not in taken


def test_wherever_a_code_is_cut_it_is_said_to_be_cut() -> None:
    """Not altered: whoever held the camera badly has forged nothing."""
    for vector in [one for one in ALL["vectors"] if one["reason"] == "valid"][::20]:
        text, body = vector["text"], listed(vector)
        ends = [text[:left] for left in range(len(text))]
        assert {(first(one, body), second(one, body).result) for one in ends} == {("cut", "cut")}


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_a_key_of_another_length_has_signed_nothing(length: int) -> None:
    vector = next(one for one in ALL["vectors"] if one["reason"] == "valid")
    wrong = {name: verifier.Key(public=b"\x01" * length) for name in KEYS}
    found = verifier.verify(vector["text"], wrong, listed(vector), NOW)
    assert (found.layer, found.result) == ("signature", "forged")
