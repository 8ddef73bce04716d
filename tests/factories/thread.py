"""Threads to test with."""

from __future__ import annotations

from server.features.catalogue.service import ItemView
from server.features.thread import service as thread
from tests.factories import catalogue
from tests.factories.identity import SomeCitizen


async def opened(by: SomeCitizen, item: ItemView | None = None) -> thread.ThreadView:
    """A thread of somebody's own."""
    about = item or await catalogue.item()
    return await thread.open(
        by.actor,
        person_id=by.person_id,
        enterprise_id=None,
        item_id=about.id,
        title=about.name,
        region_code=catalogue.COUNTY,
    )
