"""The mark of a test person's matter (走流程) on the desk's lists and pages, for whom the area shows it."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from server.actor import Staff
from server.features.supervision import service as supervision
from server.kit.ids import is_walked

Mark = Callable[[UUID | None], bool]


async def walk_mark(actor: Staff, region_code: str) -> Mark:
    """Give what says, by the id of a thread or complaint, whether the mark is shown to somebody."""
    return is_walked if await supervision.sees_walks(actor, region_code) else _nowhere


def _nowhere(_one: UUID | None) -> bool:
    return False
