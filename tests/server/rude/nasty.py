"""What people, phones and attackers send that nobody meant."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from random import Random
from typing import Any
from uuid import UUID

from server.kit.ids import new_id
from server.kit.paging import cursor_of

# In every string that is sent: it must come back in no refusal, and be in no log.
MARK = "ZQ7x~Mark"
NAME, NUMBER, PHONE = "卡纳丽样", "341226199001010003", "19900001234"
PERSONAL = (NAME, NUMBER, PHONE)

Path = tuple[str | int, ...]

STRINGS: tuple[str, ...] = (
    "",
    " ",
    "\t\n ",
    MARK,
    MARK * 1250,
    f"{MARK}😀👨‍👩‍👧‍👦𠮷",
    f"{MARK}\u0000",
    "\u0000",
    f"{MARK}\u202e\u200b\ufeff",
    f"'; DROP TABLE person; --{MARK}",
    f"' OR '1'='1{MARK}",
    f"<script>alert('{MARK}')</script>",
    f"{{{{{MARK}}}}}${{{MARK}}}%({MARK})s%n{{0}}",
    f"{MARK}\r\nSet-Cookie: x=1\r\n\r\n<html>",
    f"../../../../etc/passwd{MARK}",
    f"http://169.254.169.254/{MARK}",
    f"=cmd|' /C calc'!A0{MARK}",
    "zzzzzzzz-zzzz-zzzz-zzzz-zzzzzzzzzzzz",
    "0001-01-01",
    "9999-12-31",
    "2026-02-30",
    "-1",
    "1e999",
    "９９９",
    "٣٤١٢٢٦١٩٩٠٠١٠١٠٠٠٣",
    NAME,
    NUMBER,
    PHONE,
    f"{NAME}·{NUMBER}",
)
FORM_KINDS = (
    b"application/x-www-form-urlencoded",
    b"multipart/form-data",
    b"multipart/form-data; boundary=x",
    b"application/json",
)
HEADERS = (
    b"",
    b"\xff\xfe\x80",
    MARK.encode(),
    MARK.encode() * 300,
    "卡纳丽样".encode(),
    b"'\"><script>" + MARK.encode(),
    b"Bearer " + MARK.encode() * 20,
    b"Bearer " + "卡".encode(),
    b"onetrip_console=\xff\xfe; onetrip_visit=\xff\xfe",
    b"onetrip_visit=\xff\xfe",
    b"Bearer \xff\xfe",
    b"onetrip_console=%00%ff; =; ;;;=" + MARK.encode(),
    b"zh;q=nan,en;q=inf,*;q=-1,,,;;==" + b"x-" * 100,
    b"bytes=0-,5-99999999999999999999",
    b"for=" + MARK.encode() + b";proto=javascript",
    b"chunked, identity",
)
TARGETS = (
    b"/%2e%2e/%2e%2e/etc/passwd",
    b"/../../../../etc/passwd",
    b"/assets/..%2f..%2f..%2fserver/config.py",
    b"/assets/%2e%2e/index.html%00.js",
    b"//",
    b"/" * 900,
    b"/" + b"a" * 7000,
    b"/%",
    b"/%zz%ff%00",
    b"/\xe5\x8d\xa1",
    b"/api/v1/",
    b"/api/v1/items/",
    b"/api/v1/%69tems",
    b"/api/v1/items;a=b",
    b"/api//v1//items",
    b"http://evil.example/api/v1/items",
    b"*",
    b"/.env",
    b"/.git/config",
    b"/index.html.br",
    b"/console/static/..%2f..%2fserver",
    b"/q/" + MARK.encode(),
    b"/q/%00",
    b"/q/" + b"a" * 5000,
)
BROKEN = (
    b"\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET / HTTP/1.1\r\nno colon\r\n\r\n",
    b"GET / HTTP/1.1\r\n: empty\r\n\r\n",
    b"GET / HTTP/1.1\r\nx: " + b"a" * 70_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\n" + b"x: a\r\n" * 5000 + b"\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ncontent-length: abc\r\n\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ncontent-length: -5\r\n\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ncontent-length: 99999999999999999999\r\n\r\n{}",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ncontent-length: 6\r\n\r\nabcdef",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ncontent-length: 3\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\nzz\r\nabc\r\n0\r\n\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\ntransfer-encoding: chunked\r\n\r\n-1\r\nabc\r\n0\r\n\r\n",
    b"POST /api/v1/login/code HTTP/1.1\r\nhost: a\r\nexpect: 200-ok\r\ncontent-length: 2\r\n\r\n{}",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 200,
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\x00" * 70_000,
)
# Well formed and far out: what passes the types and breaks the arithmetic. Tried everywhere, not only by lot.
FAR_TEXTS = ("0001-01-01", "9999-12-31", str(2**31), str(10**30), "-1", f"{MARK}\u0000")
FAR_VALUES = (*FAR_TEXTS, 2**31, 2**63, 10**30, -1)
LONE = "\\ud800"  # only as an escape can it travel in JSON
VALUES: tuple[Any, ...] = (
    *STRINGS,
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**31,
    2**63,
    10**30,
    -(10**30),
    1e308,
    [],
    {},
    [[[]]],
    [MARK],
    [None],
    {MARK: MARK},
    {"": ""},
    [{}] * 200,
    ["x"] * 5000,
)


def bodies(valid: Any) -> Iterator[tuple[bytes, dict[str, bytes]]]:  # noqa: ANN401 - any JSON
    """Break the body as a whole."""
    good = json.dumps(valid).encode()
    kind = {"content-type": b"application/json"}
    text = json.dumps(valid, ensure_ascii=False)
    for raw in (
        b"",
        b" ",
        b"null",
        b"true",
        b"0",
        b'""',
        b"[]",
        b"{}",
        b"{",
        b"\xff\xfe\x00",
        b"\xef\xbb\xbf" + good,
        good + good,
        good[:-1],
        good[:-1] + b",}",
        b"{" + b'"a":{' * 4000,
        b"[" * 60_000,
        b'{"%b": NaN}' % MARK.encode(),
        b'{"%b": 1e99999}' % MARK.encode(),
        b'{"a": %b}' % (b"9" * 5000),
        b'{"\\ud800": "%b"}' % MARK.encode(),
        text.encode("utf-16"),
        text.encode("gb18030") + b"\xff",
        b"<a>%b</a>" % MARK.encode(),
        b"a=%b" % MARK.encode(),
        b" " * (1 << 20) + b"  ",
    ):
        yield raw, kind
    for other in (
        b"",
        b"text/plain",
        b"application/json; charset=gbk",
        b"application/json;;;",
        b"\xff",
        b"multipart/form-data",
    ):
        yield good, {"content-type": other}


def changed(valid: dict[str, Any], chance: Random, each: int) -> Iterator[bytes]:
    """Break one place of the body at a time: every place, with some of everything."""
    for path in _paths(valid, ()):
        for value in (*FAR_VALUES, *chance.sample(VALUES, each)):
            yield json.dumps(_with(valid, path, value)).encode()
        yield json.dumps(_with(valid, path, "@lone@")).replace("@lone@", f"{MARK}{LONE}").encode()
        if isinstance(path[-1], str):
            yield json.dumps(_without(valid, path)).encode()
    yield json.dumps({**valid, f"{MARK} <b>": MARK}).encode()
    yield json.dumps({**valid, "__proto__": {"admin": True}, "is_admin": True, "person_id": str(new_id())}).encode()


def cursors() -> Iterator[str]:
    """Cursors that decode, with keys that no list ever had."""
    yield from ("", "%", MARK, "AAAA", "wA", "3wA", "\u00e9", "A" * 4000)
    someone = new_id()
    for key in (
        (2**62, 2**62, someone),
        (-(2**62), -1, someone),
        (2**33, someone),
        (datetime.min.replace(tzinfo=UTC), someone),
        (datetime.max.replace(tzinfo=UTC), someone),
        (datetime(1, 1, 1, tzinfo=UTC), UUID(int=0)),
        (2**62, 2**62),
        (date.max, someone),
        (2**40,),
        (someone,),
        (),
    ):
        yield cursor_of(*key)


def _paths(value: Any, at: Path) -> Iterator[Path]:  # noqa: ANN401 - any JSON
    if at:
        yield at
    if isinstance(value, dict):
        for name, inner in value.items():
            yield from _paths(inner, (*at, name))
    elif isinstance(value, list):
        for index, inner in enumerate(value[:2]):
            yield from _paths(inner, (*at, index))


def _with(valid: Any, path: Path, value: Any) -> Any:  # noqa: ANN401 - any JSON
    made = copy.deepcopy(valid)
    place = made
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    return made


def _without(valid: Any, path: Path) -> Any:  # noqa: ANN401 - any JSON
    made = copy.deepcopy(valid)
    place = made
    for step in path[:-1]:
        place = place[step]
    del place[path[-1]]
    return made
