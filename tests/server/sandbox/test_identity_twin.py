"""The identity check twin and its register."""

import hmac
import json

import pytest

from server.sandbox.checksums import looks_valid
from server.sandbox.settings import Settings
from tests.server.sandbox.conftest import START, Answer, Json, Sandbox

PATH = "/twins/identity/check"
PERSON = {"kind": "resident_id", "name": "周桂兰", "number": "11010519491231002X"}


async def check(sandbox: Sandbox, body: Json, *, key: str = Settings().identity_key, stamp: str = "") -> Answer:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    stamp = stamp or str(int(START))
    signature = hmac.new(key.encode(), stamp.encode() + b"." + raw, "sha256").hexdigest()
    return await sandbox.call("POST", PATH, data=raw, headers={"X-Timestamp": stamp, "X-Signature": signature})


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "match"),
        ({"number": "11010519491231002x"}, "match"),
        ({"name": "周桂芳"}, "mismatch"),
        ({"number": "440524188001010014"}, "unknown"),
        ({"kind": "passport"}, "unknown"),
    ],
)
async def test_answers(sandbox: Sandbox, changes: dict[str, str], result: str) -> None:
    assert (await sandbox.post("/_sandbox/people", PERSON)).status == 201
    answer = await check(sandbox, PERSON | changes)
    assert (answer.status, answer.json) == (200, {"result": result})


ENTERPRISE = {
    "kind": "enterprise",
    "name": "何记餐馆",
    "number": "91350100M000100Y43",
    "legal_name": "何立新",
    "legal_number": "11010519491231002X",
}


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "match"),
        ({"legal_name": "何立"}, "mismatch"),
        ({"legal_number": "440524188001010014"}, "mismatch"),
        ({"name": "何记饭馆"}, "mismatch"),
        ({"kind": "uscc"}, "unknown"),
    ],
)
async def test_enterprises_and_who_stands_for_them(sandbox: Sandbox, changes: dict[str, str], result: str) -> None:
    assert (await sandbox.post("/_sandbox/people", ENTERPRISE)).status == 201
    assert (await check(sandbox, ENTERPRISE | changes)).json == {"result": result}


async def test_a_second_name_replaces_the_first(sandbox: Sandbox) -> None:
    await sandbox.post("/_sandbox/people", [PERSON, PERSON | {"name": "周桂芳"}])
    assert (await check(sandbox, PERSON)).json == {"result": "mismatch"}
    assert len((await sandbox.get("/_sandbox/people")).json) == 1


async def test_nobody_can_have_a_number_with_a_wrong_check_digit(sandbox: Sandbox) -> None:
    refused = await sandbox.post("/_sandbox/people", PERSON | {"number": "110105194912310021"})
    assert (refused.status, refused.json["error"]["code"]) == (422, "invalid_number")
    assert (await check(sandbox, PERSON | {"number": "110105194912310021"})).json == {"result": "unknown"}


@pytest.mark.parametrize(
    "options", [{"key": "wrong"}, {"stamp": str(int(START) - 301)}, {"stamp": "x"}, {"stamp": "9" * 99}]
)
async def test_unsigned_questions(sandbox: Sandbox, options: dict[str, str]) -> None:
    answer = await check(sandbox, PERSON, **options)
    assert (answer.status, answer.json["error"]["code"]) == (401, "bad_signature")


@pytest.mark.parametrize("body", [b"", b"{", [], {}, PERSON | {"name": ""}, PERSON | {"more": 1}, b"[" * 50_000])
async def test_senseless_questions(sandbox: Sandbox, body: Json) -> None:
    answer = await check(sandbox, body)
    assert (answer.status, answer.json["error"]["code"]) == (400, "invalid_question")


@pytest.mark.parametrize(
    ("kind", "number", "valid"),
    [
        ("resident_id", "11010519491231002X", True),
        ("resident_id", "440524188001010014", True),
        ("resident_id", "440524188001010015", False),
        ("resident_id", "44052418800101001", False),
        ("uscc", "91350100M000100Y43", True),
        ("uscc", "91350100M000100Y44", False),
        ("uscc", "91350100I000100Y43", False),
        ("passport", "E12345678", True),
        ("passport", "护照", False),
    ],
)
def test_check_digits(kind: str, number: str, valid: bool) -> None:
    assert looks_valid(kind, number) is valid


CHILD = {"kind": "resident_id", "name": "周小雨", "number": "440524201501010014", "guardians": [PERSON["number"]]}
KIN = {
    "kind": "kinship",
    "name": CHILD["name"],
    "number": CHILD["number"],
    "relative_name": PERSON["name"],
    "relative_number": PERSON["number"],
}
STRANGER = {"kind": "resident_id", "name": "何立新", "number": "440524188001010014"}


@pytest.mark.parametrize(
    ("changes", "result"),
    [
        ({}, "match"),
        ({"relative_number": "11010519491231002x"}, "match"),
        ({"name": "周大雨"}, "mismatch"),
        ({"relative_name": "周桂芳"}, "mismatch"),
        ({"relative_name": STRANGER["name"], "relative_number": STRANGER["number"]}, "mismatch"),
        ({"relative_number": "11010119900307003X"}, "unknown"),
        ({"number": STRANGER["number"], "name": STRANGER["name"]}, "unknown"),
    ],
)
async def test_whose_child_it_is(sandbox: Sandbox, changes: dict[str, str], result: str) -> None:
    assert (await sandbox.post("/_sandbox/people", [PERSON, STRANGER, CHILD])).status == 201
    assert (await check(sandbox, KIN | changes)).json == {"result": result}
