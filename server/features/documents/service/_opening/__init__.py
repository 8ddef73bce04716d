"""The program in which uploads are opened, run by `_cleaner` in a process of its own.

It imports nothing of ours beyond this folder, which is all it finds of us: what a hostile file does to a decoder, it
does to that process alone. What both sides must agree on stands here; neither decoder is loaded with it.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

MOST_BYTES = 10 * 1024 * 1024
THUMB_EDGE = 320
JPEG_QUALITY = 88
# Before whatever is sent through the pipe: its length.
HEAD = struct.Struct(">I")


class RefusedError(Exception):
    """The file is not taken; the message is the code of the refusal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Clean:
    """What is kept of an upload. The small picture is a JPEG; None where nothing could be drawn.

    `width` and `height` are a picture's, in dots.
    """

    content: bytes
    media_type: str
    thumb: bytes | None
    width: int | None = None
    height: int | None = None
