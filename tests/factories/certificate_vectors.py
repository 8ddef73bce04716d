"""The vectors of certificates: made once from fixed keys, kept as a file, read by both implementations.

`python -m tests.factories.certificate_vectors` writes the file again; a test sees that it is what this makes.
"""

from __future__ import annotations

import base64
import hashlib
import json
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = Path(__file__).parent.parent / "vectors" / "certificates.json"
NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
LOST_AT = NOW - timedelta(days=30)
SEEDS = {"current": b"1" * 32, "former": b"2" * 32, "lost": b"3" * 32, "foreign": b"4" * 32}
KINDS = {
    "id_card": "居民身份证", "household_register": "居民户口簿", "graduation": "毕业证", "degree": "学位证",
    "social_card": "社会保障卡", "driving_licence": "机动车驾驶证", "marriage": "结婚证", "vehicle": "机动车行驶证",
    "health_card": "居民健康卡", "business_licence": "营业执照", "qualification": "资质证书",
    "residence_permit": "居住证", "senior_card": "老年优待证", "food_licence": "食品经营许可证",
}  # fmt: skip
# Places in the list: 0 valid, 1 revoked, 2 suspended, 3 superseded.
STANDING = {5: 1, 6: 2, 7: 3, 1023: 1}
SIZE = 1024

Vector = dict[str, Any]


def _private(name: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(SEEDS[name])


def _public(name: str) -> bytes:
    return _private(name).public_key().public_bytes_raw()


def key_id(name: str) -> bytes:
    """Name a key."""
    return hashlib.sha256(_public(name)).digest()[:8]


def claims(**changes: Any) -> dict[int, Any]:
    """What the usual certificate says; a name as below changes one claim, None leaves it out."""
    names = {
        "issuer": 1, "number": 2, "ends": 4, "begins": 5, "issued": 6, "kind": -70001, "type": -70002, "index": -70003,
        "sample": -70004, "holder": -70005, "lines": -70006, "digest": -70007, "extra": -70099,
    }  # fmt: skip
    said = {
        "issuer": "颍上县公安局",
        "number": "1.2.156.3005.2.11100000000013127D003.11341226003186767Q.202600000001.001.0",
        "ends": int((NOW + timedelta(days=300)).timestamp()),
        "begins": int((NOW - timedelta(days=65)).timestamp()),
        "issued": int((NOW - timedelta(days=65)).timestamp()),
        "kind": "residence_permit",
        "type": "居住证",
        "index": 0,
        "sample": False,
        "holder": "张*兰",
        "lines": [["姓名", "张*兰"], ["证件号码", "341226********1234"]],
        "digest": hashlib.sha256(b"content").digest(),
    }
    return {names[name]: value for name, value in (said | changes).items() if value is not None}


def message(
    said: object, *, key: str = "current", typ: object = "onetrip-certificate", header: dict[Any, Any] | None = None,
    unprotected: object = None, payload: bytes | None = None, tag: int | None = 18, signature: bytes | None = None,
) -> bytes:  # fmt: skip
    """Sign claims, in the right way but for what is named."""
    protected = cbor2.dumps(header or {1: -8, 4: key_id(key), 16: typ}, canonical=True)
    body = cbor2.dumps(said, canonical=True) if payload is None else payload
    signed = cbor2.dumps(["Signature1", protected, b"", body], canonical=True)
    made = _private(key).sign(signed) if signature is None else signature
    parts = [protected, {} if unprotected is None else unprotected, body, made]
    return cbor2.dumps(cbor2.CBORTag(tag, parts) if tag is not None else parts, canonical=True)


def status_list(
    *, issued: datetime = NOW, key: str = "current", lost: bool = True, size: int = SIZE, typ: str = ""
) -> bytes:
    """Publish the list."""
    packed = bytearray(-(-size // 4))
    for place, code in STANDING.items():
        if place < size:
            packed[place // 4] |= code << place % 4 * 2
    said = {
        1: "onetrip",
        6: int(issued.timestamp()),
        -70101: int((issued + timedelta(hours=1)).timestamp()),
        -70102: size,
        -70103: zlib.compress(bytes(packed), 9),
        -70104: {key_id("lost"): int(LOST_AT.timestamp())} if lost else {},
    }
    return message(said, key=key, typ=typ or "onetrip-status-list")


def lists() -> dict[str, bytes | None]:
    """Every list a vector may be checked with."""
    good = status_list()
    return {
        "fresh": good,
        "yesterday": status_list(issued=NOW - timedelta(hours=23, minutes=59)),
        "stale": status_list(issued=NOW - timedelta(hours=24, minutes=1)),
        "future": status_list(issued=NOW + timedelta(hours=1)),
        "foreign": status_list(key="foreign"),
        "lost": status_list(key="lost"),
        "former": status_list(key="former"),
        "altered": good[:-1] + bytes([good[-1] ^ 1]),
        "cut": good[:-20],
        "short": status_list(size=4),
        "certificate": message(claims()),
        "none": None,
    }


def as_text(message: bytes) -> str:
    return base64.urlsafe_b64encode(message).decode().rstrip("=")


def good() -> Iterator[tuple[str, bytes, str]]:
    """Certificates that hold: name, message, list."""
    for place, (kind, name) in enumerate(KINDS.items()):
        yield f"{kind}", message(claims(kind=kind, type=name, index=place + 10)), "fresh"
        yield f"{kind} as a sample", message(claims(kind=kind, type=name, sample=True, index=place + 40)), "fresh"
        yield f"{kind} for ever", message(claims(kind=kind, type=name, ends=None, index=place + 80)), "yesterday"
    for place in (0, 1, 2, 3, 4, 8, 23, 24, 255, 256, 1022):
        yield f"place {place} of the list", message(claims(index=place)), "fresh"
    for length in (1, 23, 24, 255, 256, 600):
        yield f"a line of {length} letters", message(claims(lines=[["备注", "a" * length]])), "fresh"
    yield "no lines", message(claims(lines=[])), "fresh"
    yield "rare letters", message(claims(holder="𠮷*䶮", lines=[["姓名", "𠮷*䶮"]])), "fresh"
    yield "under a former key", message(claims(), key="former"), "fresh"
    yield "with a list of a former key", message(claims()), "former"
    yield "ends in a second", message(claims(ends=int(NOW.timestamp()) + 1)), "fresh"
    yield "begins now", message(claims(begins=int(NOW.timestamp()), issued=int(NOW.timestamp()))), "fresh"
    yield "a clock four minutes ahead", message(claims(issued=int(NOW.timestamp()) + 240)), "fresh"


def bad() -> Iterator[tuple[str, str, str, str, str]]:
    """What does not hold: name, text, list, layer, reason."""
    whole = message(claims())
    text = as_text(whole)
    yield "nothing", "", "fresh", "text", "cut"
    yield "one letter too many", text[: len(text) // 4 * 4] + "A", "fresh", "text", "cut"
    yield from ((f"cut within letter {at}", text[:at], "fresh", "text", "cut") for at in (2, 102, 502))
    yield "not base64", text[:-5] + "%%%%%", "fresh", "text", "altered"
    yield "with a space", text[:8] + " " + text[8:-1], "fresh", "text", "altered"
    yield "with padding", as_text(whole + b"") + "=", "fresh", "text", "altered"
    yield "in the other alphabet", "+" + text[1:], "fresh", "text", "altered"
    yield "too long", "A" * 6004, "fresh", "text", "cut"
    yield "an essay", as_text("我有居住证".encode()), "fresh", "cbor", "altered"
    yield from _cut(whole)
    yield from _broken(whole)
    yield from _of_another_form()
    yield from _signed_wrongly(whole)
    yield from _saying_other_things()
    yield from _in_time()
    for name in ("stale", "future", "foreign", "lost", "altered", "cut", "certificate", "none"):
        yield f"with the list {name}", text, name, "list", "stale_list"
    yield "not in the list yet", as_text(message(claims(index=SIZE))), "fresh", "list", "stale_list"
    yield "beyond a short list", as_text(message(claims(index=4))), "short", "list", "stale_list"
    for place, why in ((5, "revoked"), (6, "suspended"), (7, "superseded"), (1023, "revoked")):
        yield f"{why} at {place}", as_text(message(claims(index=place))), "fresh", "status", why
    yield "revoked, under a former key", as_text(message(claims(index=5), key="former")), "fresh", "status", "revoked"


def _cut(whole: bytes) -> Iterator[tuple[str, str, str, str, str]]:
    for left in (1, 2, 20, 100, len(whole) - 64, len(whole) - 1):
        yield f"only {left} bytes", as_text(whole[:left]), "fresh", "cbor", "cut"


def _broken(whole: bytes) -> Iterator[tuple[str, str, str, str, str]]:
    yield "a byte behind it", as_text(whole + b"\x00"), "fresh", "cbor", "altered"
    yield "twice", as_text(whole + whole), "fresh", "cbor", "altered"
    yield "an empty map written long", as_text(whole.replace(b"\xa0", b"\xb8\x00", 1)), "fresh", "cbor", "altered"
    yield "the tag written long", as_text(b"\xd8\x12" + whole[1:]), "fresh", "cbor", "altered"
    yield "an endless array", as_text(whole[:1] + b"\x9f" + whole[2:] + b"\xff"), "fresh", "cbor", "altered"


def _of_another_form() -> Iterator[tuple[str, str, str, str, str]]:
    said = claims()
    kid = key_id("current")
    forms = {
        "without its tag": message(said, tag=None),
        "under COSE_Mac0's tag": message(said, tag=17),
        "with something unprotected": message(said, unprotected={4: kid}),
        "algorithm ES256": message(said, header={1: -7, 4: kid, 16: "onetrip-certificate"}),
        "no algorithm": message(said, header={4: kid, 16: "onetrip-certificate"}),
        "no key id": message(said, header={1: -8, 16: "onetrip-certificate"}),
        "one header more": message(said, header={1: -8, 4: kid, 16: "onetrip-certificate", 2: [16]}),
        "a key by address": message(said, header={1: -8, 4: kid, 16: "onetrip-certificate", 35: "https://x.example"}),
        "a key id of letters": message(said, header={1: -8, 4: kid.hex(), 16: "onetrip-certificate"}),
        "a status list": status_list(),
        "of no type": message(said, typ=""),
        "of another type": message(said, typ="onetrip-coupon"),
        "an array of three": cbor2.dumps(cbor2.CBORTag(18, [b"", {}, b""])),
        "a number": cbor2.dumps(18),
    }
    for name, made in forms.items():
        yield name, as_text(made), "fresh", "cose", "wrong_type"
    yield "a header cut short", as_text(_with_header(b"\xa3\x01")), "fresh", "cose", "cut"


def _with_header(protected: bytes) -> bytes:
    return cbor2.dumps(cbor2.CBORTag(18, [protected, {}, b"", b""]), canonical=True)


def _signed_wrongly(whole: bytes) -> Iterator[tuple[str, str, str, str, str]]:
    yield "under a foreign key", as_text(message(claims(), key="foreign")), "fresh", "key", "unknown_key"
    ours = {1: -8, 4: key_id("current"), 16: "onetrip-certificate"}
    foreign = message(claims(), key="foreign", header=ours)
    yield "a foreign signature under our key's name", as_text(foreign), "fresh", "signature", "forged"
    swapped = message(claims(), key="former", header=ours)
    yield "a former key's signature under the current's name", as_text(swapped), "fresh", "signature", "forged"
    for name, made in (("no", b""), ("a short", b"\x00" * 63), ("an empty", b"\x00" * 64), ("a long", b"\x00" * 65)):
        yield f"{name} signature", as_text(message(claims(), signature=made)), "fresh", "signature", "forged"
    other = cbor2.loads(message(claims(index=9))).value[3]
    yield "another certificate's signature", as_text(message(claims(), signature=other)), "fresh", "signature", "forged"
    renamed = whole.replace("张*兰".encode(), "李*兰".encode())
    yield "another name", as_text(renamed), "fresh", "signature", "forged"
    since, before = int(LOST_AT.timestamp()), int(LOST_AT.timestamp()) - 1
    after = message(claims(issued=since), key="lost")
    yield "signed when its key was lost", as_text(after), "fresh", "key", "key_lost"
    earlier = message(claims(issued=before), key="lost")
    yield "dated before its key was lost", as_text(earlier), "fresh", "key", "unsure"


def _saying_other_things() -> Iterator[tuple[str, str, str, str, str]]:
    every = ("issuer", "number", "begins", "issued", "kind", "type", "index", "sample", "holder", "lines", "digest")
    for name in every:
        yield f"without {name}", as_text(message(claims(**{name: None}))), "fresh", "claims", "altered"
    changed: dict[str, Any] = {
        "extra": 1, "sample": 0, "index": -1, "holder": 7, "lines": [["姓名"]], "digest": "x", "begins": "today",
    }  # fmt: skip
    for name, value in changed.items():
        yield f"{name} is {value}", as_text(message(claims(**{name: value}))), "fresh", "claims", "altered"
    yield "claims that are a list", as_text(message([1, 2])), "fresh", "claims", "altered"
    loose = cbor2.dumps(claims(), canonical=True)
    yield "claims cut short", as_text(message(None, payload=loose[:-4])), "fresh", "claims", "cut"
    yield "claims with more behind", as_text(message(None, payload=loose + b"\x00")), "fresh", "claims", "altered"


def _in_time() -> Iterator[tuple[str, str, str, str, str]]:
    now = int(NOW.timestamp())
    yield "ends now", as_text(message(claims(ends=now))), "fresh", "time", "expired"
    yield "ended long ago", as_text(message(claims(ends=now - 86_400 * 400))), "stale", "time", "expired"
    yield "begins tomorrow", as_text(message(claims(begins=now + 86_400))), "fresh", "time", "future"
    yield "signed in an hour", as_text(message(claims(issued=now + 3600))), "fresh", "time", "future"


def made() -> dict[str, Any]:
    """Make the whole file."""
    vectors: list[Vector] = []
    for name, content, listed in good():
        body = cbor2.loads(content).value[2]
        vectors.append(
            {"name": name, "claims": _told(cbor2.loads(body)), "payload": body.hex(), "cose": content.hex()}
            | {"text": as_text(content), "list": listed, "layer": None, "reason": "valid"}
        )
    for name, text, listed, layer, reason in bad():
        vectors.append({"name": name, "text": text, "list": listed, "layer": layer, "reason": reason})
    keys = [
        {
            "key_id": key_id(name).hex(),
            "algorithm": "Ed25519",
            "public_key": as_text(_public(name)),
            "compromised_from": LOST_AT.isoformat() if name == "lost" else None,
        }
        for name in SEEDS
        if name != "foreign"
    ]
    shown = {name: None if body is None else as_text(body) for name, body in lists().items()}
    return {"now": NOW.isoformat(), "keys": keys, "lists": shown, "vectors": vectors}


def _told(said: dict[int, Any]) -> dict[str, Any]:
    return {str(name): value.hex() if isinstance(value, bytes) else value for name, value in said.items()}


def written() -> str:
    """Write the file as it is kept: a line a vector."""
    whole = made()
    lines = ",\n".join(f"    {json.dumps(vector, ensure_ascii=False)}" for vector in whole.pop("vectors"))
    head = json.dumps(whole, ensure_ascii=False, indent=2).removesuffix("\n}")
    return f'{head},\n  "vectors": [\n{lines}\n  ]\n}}\n'


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
