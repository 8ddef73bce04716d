"""What an upload really is: the name and the declared type are only claims, the bytes decide."""

from __future__ import annotations

import json
import os
import re
import resource
import select
import signal
import sys

from . import HEAD, MOST_BYTES, Clean, RefusedError, _pdfs, _pictures

# What a decoder may take before it is stopped, and how long the program waits for the next file.
MOST_MEMORY = 768 << 20
IDLE = 60

_MAGIC = (
    (re.compile(rb"\xff\xd8\xff"), "image/jpeg", "JPEG"),
    (re.compile(rb"\x89PNG\r\n\x1a\n"), "image/png", "PNG"),
    (re.compile(rb"RIFF....WEBP", re.DOTALL), "image/webp", "WEBP"),
    (re.compile(rb"%PDF-1\.[0-9]|%PDF-2\.0"), "application/pdf", ""),
)


def clean(content: bytes) -> Clean:
    """Turn received bytes into what is kept; a PDF's small picture is drawn afterwards.

    Raises RefusedError: `documents.empty`, `.type_refused`, `.broken`, `.too_many_pixels`, `.active_pdf`, `.pdf_bomb`,
    `.two_in_one` or `too_large`.
    """
    if not content:
        raise RefusedError("documents.empty")
    if len(content) > MOST_BYTES:
        raise RefusedError("too_large")
    for magic, media_type, image_format in _MAGIC:
        if magic.match(content):
            return _pictures.redrawn(content, media_type, image_format) if image_format else _pdfs.rewritten(content)
    raise RefusedError("documents.type_refused")


def serve() -> None:
    """Clean one file after the other: a length and the bytes come in, a length and JSON, then the bytes go out.

    Last a length and the small picture. What is kept has gone out by then, so that a page nobody can draw costs the
    program, not the paper.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C ends who asks; then there is nothing more to read
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    os.nice(5)
    incoming = sys.stdin.buffer
    while select.select([incoming], [], [], IDLE)[0]:
        head = incoming.read(HEAD.size)
        if len(head) < HEAD.size:
            return
        try:
            done = clean(incoming.read(HEAD.unpack(head)[0]))
        except RefusedError as refused:
            _say({"refused": str(refused)})
        except MemoryError:
            _say({"refused": "documents.broken"})
        else:
            measured = {"size": len(done.content), "width": done.width, "height": done.height}
            _say({"media_type": done.media_type, **measured}, done.content)
            _send(done.thumb or _pdfs.first_page(done.content))


def _say(what: dict[str, str | int | None], content: bytes = b"") -> None:
    _send(json.dumps(what).encode(), content)


def _send(measured: bytes, after: bytes = b"") -> None:
    sys.stdout.buffer.write(HEAD.pack(len(measured)) + measured + after)
    sys.stdout.buffer.flush()
