"""Finding a secret in a heap of bytes, however it has been written down."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from urllib.parse import quote

_LONGEST_SHOWN = 60


def disguises(secret: str) -> Iterator[tuple[str, bytes]]:
    """Write a secret in every way that needs no key to be read."""
    for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le", "gb18030"):
        raw = secret.encode(encoding)
        yield encoding, raw
        yield f"{encoding} in hex", raw.hex().encode()
        yield f"{encoding} in HEX", raw.hex().upper().encode()
        for shift in range(3):
            # The characters that depend on the neighbours are left out.
            coded = base64.b64encode(b"\0" * shift + raw)
            inner = coded[(shift * 8 + 5) // 6 : len(raw + b"\0" * shift) * 8 // 6]
            yield f"{encoding} in base64", inner
            yield f"{encoding} in base64url", inner.translate(bytes.maketrans(b"+/", b"-_"))
    escaped = json.dumps(secret)[1:-1]
    yield "JSON", escaped.encode()
    yield "JSON in JSON", json.dumps(escaped)[1:-1].encode()
    yield "JSON in hex", escaped.encode().hex().encode()
    yield "percent", quote(secret).encode()
    yield "backwards", secret[::-1].encode()


def spilled(heaps: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[str]:
    """Say which secret lies where, and how it is written there."""
    found = []
    for what, secret in secrets.items():
        wanted = {written: how for how, written in disguises(secret) if len(written) >= 6}
        pattern = re.compile(b"|".join(map(re.escape, sorted(wanted, key=len, reverse=True))))
        for where, heap in heaps.items():
            if hit := pattern.search(heap):
                line = heap[: hit.start()].rpartition(b"\n")[2][:_LONGEST_SHOWN]
                found.append(f"{what} as {wanted[hit[0]]} in {where}: {line!r}")
    return found
