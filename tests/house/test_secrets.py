"""Nothing of a machine, a registry or an account is in the tree."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

from tests.house.tree import ROOT

_REFUSED = {
    "a private key": re.compile(rb"-----BEGIN (RSA |EC |OPENSSH |ENCRYPTED )?PRIVATE KEY-----\s+[A-Za-z0-9+/=]{20}"),
    "an access token": re.compile(rb"\b(ghp|gho|ghs|glpat|npm|pypi|xox[abp]|sk)[_-][A-Za-z0-9_-]{24,}"),
    "a cloud key": re.compile(rb"\b(AKIA|LTAI|AKID)[A-Za-z0-9]{12,}"),
    "a folder of somebody's machine": re.compile(
        rb"(?<![\w.])/(root|home/[a-z]+|Users/[A-Za-z]+|work|tmp/[a-z]+)/[\w.]"
    ),
    "a package registry": re.compile(
        rb"(pypi\.org|pythonhosted\.org|registry\.npmjs\.org|registry\.npmmirror\.com|mirrors?\.[a-z0-9.-]+/(pypi|npm|simple))"
    ),
    "an address with a password": re.compile(
        rb"\b(https?|postgres(ql)?|rediss?)://[^\s/:@\"'{}$<]+:(?!\.\.\.|\xe2\x80\xa6)[^\s/@\"'{}$<]{6,}@"
    ),
}
# Where one of these is the subject itself, and why.
_ALLOWED = {
    "tests/house/test_secrets.py": "says what is refused",
}


def _tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.decode().split("\0") if name and (ROOT / name).is_file()]


def test_no_trace_of_a_machine_or_an_account() -> None:
    found = []
    for path in _tracked():
        name = path.relative_to(ROOT).as_posix()
        if name in _ALLOWED:
            continue
        content = path.read_bytes()
        found += [
            f"{name}:{len(content[: hit.start()].splitlines()) + 1}: {what}: {hit[0][:60]!r}"
            for what, pattern in _REFUSED.items()
            if (hit := pattern.search(content))
        ]
    assert not found, "\n".join(found)


def test_no_settings_file_is_kept() -> None:
    names = [path.name for path in _tracked()]
    assert ".env" not in names
    assert not [name for name in names if name.endswith((".pem", ".key", ".p12", ".sqlite", ".db"))]


def test_no_big_file_is_kept() -> None:
    big = {path.name: path.stat().st_size // 1024 for path in _tracked() if path.stat().st_size > 1024 * 1024}
    assert not big, f"over 1 MiB (in KiB): {big}"
