"""SM2 with SM3 behind the port of every other seal; skipped, and said, where its library is not installed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest
from cryptography.exceptions import InvalidSignature

from server.adapters import sm2
from server.adapters.signer import Ed25519Signer
from server.cli import verifier
from server.cli.certificates import keys_of
from server.features.certificates.service import _keys, _payload, _signed
from server.features.certificates.service._text import judge_text
from server.kit import clock, cose
from server.kit.secret_file import SigningSeed

with_library = pytest.mark.skipif(not sm2.available(), reason="tongsuopy is not installed: SM2 is an option")
# GB/T 32918.5, A.2: the private number, the point, and a signature of "message digest".
NUMBER = "3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"
POINT = (
    "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
    "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
)
SIGNATURE = (
    "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
    "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"
)
SEED = (int(NUMBER, 16) - 1).to_bytes(32, "big")


def house() -> Ed25519Signer:
    """Somebody who signed with Ed25519 first, and signs with SM2 now."""
    now = clock.now()
    return Ed25519Signer(
        SigningSeed(b"e" * 32, now - timedelta(days=9)),
        SigningSeed(SEED, now - timedelta(days=1), algorithm=sm2.ALGORITHM),
    )


def signed(signer: Ed25519Signer) -> tuple[str, bytes]:
    """Sign a certificate's claims; gives its text and the message."""
    now = int(clock.now().timestamp())
    claims = {
        1: "颍上县公安局", 2: "1.2.156.3005.2.1", 5: now - 60, 6: now - 60, -70001: "senior_card", -70002: "老年优待证",
        -70003: 0, -70004: True, -70005: "张*兰", -70006: [["姓名", "张*兰"]], -70007: bytes(32),
    }  # fmt: skip
    message, _ = _signed.signed(cose.encoded(claims), kind=_payload.TYPE, signer=signer)
    return _payload.as_text(message), message


@with_library
def test_the_example_of_the_standard() -> None:
    key = sm2.Sm2Private(SEED)
    public = key.public_key()
    assert public.raw == bytes.fromhex(POINT)
    public.verify(bytes.fromhex(SIGNATURE), b"message digest")
    public.verify(key.sign(b"paper"), b"paper")
    for signature, payload in (
        (bytes.fromhex(SIGNATURE), b"message digesT"),
        (bytes(64), b"paper"),
        (key.sign(b"paper")[:-1], b"paper"),
        (b"", b""),
    ):
        with pytest.raises(InvalidSignature):
            public.verify(signature, payload)


@with_library
def test_both_verifiers_read_what_it_signs() -> None:
    signer = house()
    text, message = signed(signer)
    read = cose.read(message)
    assert (read.algorithm, len(read.signature)) == (sm2.ALGORITHM, 64)
    assert judge_text(text, signer, lambda _index: "valid", clock.now())[0] == "valid"
    told = ("key_id", "algorithm", "public_key", "compromised_from")
    published = [{name: getattr(one, name) for name in told} for one in _keys.keys(signer)]
    assert {one["algorithm"] for one in published} == {"Ed25519", "SM2-SM3"}
    trusted = keys_of(json.dumps({"keys": published}).encode())
    assert verifier.verify(text, trusted, None, clock.now()).result == "stale_list", "all but the list has been seen"
    for place in range(0, len(message), 3):
        changed = _payload.as_text(message[:place] + bytes([message[place] ^ 1]) + message[place + 1 :])
        assert judge_text(changed, signer, lambda _index: "valid", clock.now())[0] != "valid"
        assert verifier.verify(changed, trusted, None, clock.now()).result not in ("valid", "stale_list")


@with_library
def test_a_key_signs_in_its_own_way_only() -> None:
    """Named as the other algorithm, the right key's right signature is none."""
    signer = house()
    key_id = signer.key_id
    wrong = cose.sign1(b"x", type="t", key_id=key_id, sign=signer.sign, algorithm="Ed25519")
    assert signer.verify(cose.read(wrong).signed, cose.read(wrong).signature, key_id)
    assert not _signed.holds(cose.read(wrong), signer)


def test_without_the_library_nothing_of_it_is_green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.adapters.signer.available", lambda: False)
    signer = house()
    assert [key.algorithm for key in signer.every_key()] == ["Ed25519"]
    message = cose.sign1(b"x", type="t", key_id="00" * 8, sign=lambda _payload: bytes(64), algorithm=sm2.ALGORITHM)
    assert not _signed.holds(cose.read(message), signer)
