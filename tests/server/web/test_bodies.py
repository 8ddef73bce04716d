from __future__ import annotations

import io
import json
from typing import Any
from urllib.parse import parse_qs

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web import reading
from tests.fixtures_web import Client

NOTES = "/small/notes"


def wrong(**changes: Any) -> dict[str, Any]:
    return {"text": "hello", **changes}


@pytest.mark.parametrize(
    ("body", "path", "code"),
    [
        ({}, "text", "missing"),
        (wrong(text=1), "text", "wrong_type"),
        (wrong(text=None), "text", "wrong_type"),
        (wrong(text=""), "text", "too_short"),
        (wrong(text="x" * 21), "text", "too_long"),
        (wrong(applicants=[{"name": "a"}, {"name": "b", "age": 151}]), "applicants.1.age", "out_of_range"),
        (wrong(applicants=[{"name": "a", "age": 10**30}]), "applicants.0.age", "out_of_range"),
        (wrong(applicants=[{"name": "a"}] * 3), "applicants", "too_long"),
        (wrong(applicants=[{}]), "applicants.0.name", "missing"),
        (wrong(applicants={}), "applicants", "wrong_type"),
        (wrong(extra=1), "extra", "unknown_field"),
        (wrong(applicants=[{"name": "a", "age_": 1}]), "applicants.0.age_", "unknown_field"),
        (wrong(when="tomorrow"), "when", "bad_format"),
        (wrong(when="2026-11-20T09:00:00"), "when", "bad_format"),
        (wrong(text="a\x00b"), "text", "bad_format"),
        (wrong(applicants=[{"name": "\x00"}]), "applicants.0.name", "bad_format"),
        ([], "", "wrong_type"),
    ],
)
async def test_a_wrong_field_is_named_by_path_and_code(small: Client, body: object, path: str, code: str) -> None:
    answer = await small.post(NOTES, json=body)
    assert (answer.status, answer.json["code"]) == (422, "invalid_input")
    (field,) = answer.json["fields"]
    assert (field["path"], field["code"]) == (path, code)
    assert field["text"]
    assert not field["text"].startswith("errors.")
    assert "{" not in field["text"]


async def test_what_was_sent_is_never_repeated(small: Client) -> None:
    secret = "340826199001011234"
    for body in (wrong(when=secret), wrong(**{f"{secret} 李秀英": 1}), wrong(text=[secret]), wrong(applicants=secret)):
        answer = await small.post(NOTES, json=body)
        assert answer.status == 422
        assert secret not in answer.text
        assert "李秀英" not in answer.text


@pytest.mark.parametrize(
    ("raw", "kind", "status", "code"),
    [
        (b'{"text": "a"', "application/json", 400, "not_json"),
        (b"", "application/json", 400, "not_json"),
        (b"text=a", "application/json", 400, "not_json"),
        (b'{"text": "\xff\xfe"}', "application/json", 400, "not_utf8"),
        ('{"text": "中"}'.encode("gbk"), "application/json", 400, "not_utf8"),
        (b'{"text": "a"}', "application/json; charset=gbk", 415, "not_utf8"),
        (b'{"text": "a"}', "text/plain", 415, "not_json_type"),
        (b'{"text": "a"}', "application/x-www-form-urlencoded", 415, "not_json_type"),
        (b"[" * 200_000, "application/json", 422, "invalid_input"),
        (b'{"text": ' + b"[" * 200_000, "application/json", 422, "invalid_input"),
        (b'{"applicants": [' + b'{"x":[' * 100_000, "application/json", 422, "invalid_input"),
        (b'{"text": "\\ud800"}', "application/json", 400, "not_json"),
        (b"\x00" * 100, "application/json", 400, "not_json"),
    ],
)
async def test_a_broken_body_is_refused_quietly(small: Client, raw: bytes, kind: str, status: int, code: str) -> None:
    answer = await small.post(NOTES, data=raw, headers={"content-type": kind})
    assert (answer.status, answer.json["code"]) == (status, code)


async def test_a_body_without_a_type_is_refused(small: Client) -> None:
    answer = await small.post(NOTES, data=b'{"text": "a"}', skip_auto_headers=["content-type"])
    assert answer.status == 415


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json;charset=UTF-8", 'Application/JSON; charset="utf-8"']
)
async def test_json_by_any_spelling_is_taken(small: Client, kind: str) -> None:
    answer = await small.post(NOTES, data='{"text": "中文"}'.encode(), headers={"content-type": kind})
    assert (answer.status, answer.json["text"]) == (201, "中文")


async def test_more_than_a_megabyte_is_too_large(small: Client) -> None:
    answer = await small.post(NOTES, data=io.BytesIO(b" " * 1_100_000), headers={"content-type": "application/json"})
    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert (await small.post(NOTES, json={"text": "still here"})).status == 201


async def test_times_leave_in_shanghai_to_the_second(small: Client) -> None:
    written = await small.post(NOTES, json={"text": "a"})
    assert written.json["written"].endswith("+08:00")
    assert written.json["before"][0]["written"].endswith("+08:00")
    shown = await small.get("/small/things/01890a5d-ac96-774b-bcce-b302099a8057")
    assert shown.json["written"] == "2026-11-20T09:00:00+08:00"


async def test_queries_are_converted_and_checked(small: Client) -> None:
    page = await small.get("/small/search?limit=2&kind=a&kind=b&day=3")
    assert page.json["items"] == ["0", "1", "a", "b"]
    following = await small.get(f"/small/search?limit=2&cursor={page.json['next']}")
    assert following.json["items"] == ["2", "3"]
    for query, path, code in (
        ("limit=101", "limit", "out_of_range"),
        ("limit=x", "limit", "wrong_type"),
        ("nothing=1", "nothing", "unknown_field"),
        ("cursor=made-up", "cursor", "bad_format"),
        ("cursor=%00", "cursor", "bad_format"),
        ("cursor=" + "a" * 500, "cursor", "too_long"),
        ("kind=%00", "kind.0", "bad_format"),
    ):
        answer = await small.get(f"/small/search?{query}")
        assert (answer.status, answer.json["fields"][0]["path"], answer.json["fields"][0]["code"]) == (422, path, code)


async def test_path_parameters_that_cannot_be_are_not_found(small: Client) -> None:
    assert (await small.get("/small/roles/clerk")).json == ["clerk"]
    assert (await small.get("/small/roles/clerk")).headers["x-thing"] == "yes"
    for path in ("/small/roles/emperor", "/small/things/1", "/small/things/%00", "/small/roles/%FF"):
        assert (await small.get(path)).status == 404


async def test_a_path_may_end_in_a_suffix(small: Client) -> None:
    path = "/small/things/01890a5d-ac96-774b-bcce-b302099a8057.pdf"
    paper = await small.get(path)
    assert (paper.status, paper.body.decode()) == (200, path[14:-4])
    assert (await small.get("/small/things/1.pdf")).status == 404
    assert "/small/things/{thing_id}.pdf" in (await small.get("/openapi.json")).json["paths"]


async def test_bytes_are_saved_under_their_own_name(small: Client) -> None:
    picture = await small.get("/small/picture")
    assert (picture.body, picture.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert picture.headers["content-disposition"] == "attachment; filename*=UTF-8''%E8%AF%81.png"
    assert json.loads((await small.get("/openapi.json")).body)["paths"]["/small/picture"]["get"]


@given(query=st.text(alphabet="ab=&;1%+ \x00é一", max_size=16))
def test_a_query_is_read_as_the_standard_library_reads_it(query: str) -> None:
    assert reading._pairs(query) == parse_qs(query, keep_blank_values=True)
