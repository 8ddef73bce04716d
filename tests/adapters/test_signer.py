"""The seal of the issuing authority: ours verifies, nobody else's does."""

from __future__ import annotations

import pytest

from server.adapters.signer import Ed25519Signer
from server.kit.secret_file import SigningSeed

# RFC 8032, 7.1, test 2: seed, message and signature.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
    "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)


def test_it_signs_as_the_standard_says() -> None:
    signer = Ed25519Signer(SigningSeed(SEED))
    assert signer.sign(b"\x72") == SIGNATURE
    assert signer.verify(b"\x72", SIGNATURE, signer.key_id)


@pytest.mark.parametrize(
    ("payload", "signature"),
    [(b"\x73", SIGNATURE), (b"\x72", SIGNATURE[:-1] + b"\x01"), (b"\x72", b""), (b"", SIGNATURE)],
    ids=["other words", "other signature", "no signature", "no words"],
)
def test_anything_changed_is_refused(payload: bytes, signature: bytes) -> None:
    signer = Ed25519Signer(SigningSeed(SEED))
    assert not signer.verify(payload, signature, signer.key_id)


def test_a_key_nobody_knows_has_signed_nothing() -> None:
    ours, theirs = Ed25519Signer(SigningSeed(SEED)), Ed25519Signer(SigningSeed(b"x" * 32))
    assert ours.key_id != theirs.key_id
    assert ours.key_id == Ed25519Signer(SigningSeed(SEED)).key_id
    assert not ours.verify(b"paper", theirs.sign(b"paper"), theirs.key_id)
    assert not ours.verify(b"paper", theirs.sign(b"paper"), ours.key_id)
