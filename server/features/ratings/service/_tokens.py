"""What a scanned code stands for, and the reasons that may be given."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import msgspec

from server.features.ratings.models import Rating
from server.features.thread import service as thread

TAGS = Path(__file__).resolve().parent.parent / "data" / "tags.json"


class Tag(msgspec.Struct, frozen=True):
    """A national reason tag (国家政务服务评估 tag set); the wording may not be changed."""

    code: str
    star: int
    name: str
    default_shown: bool


@functools.cache
def tags_known() -> Mapping[str, Tag]:
    """Give the national tags by their codes."""
    return {tag.code: tag for tag in msgspec.json.decode(TAGS.read_bytes(), type=list[Tag])}


async def of_token(token: str) -> Rating:
    """Find the rating a code stands for. Raises NotFound `codes.unknown`."""
    code = await thread.resolve_code(token, "rating")
    return await Rating.get(id=code.subject_id)
