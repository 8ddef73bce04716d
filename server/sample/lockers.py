"""A bank of lockers beside the door of the county hall, filled by its windows."""

from __future__ import annotations

from collections.abc import Mapping

from server.features.catalogue import service as catalogue
from server.features.catalogue.service import HallView, PlaceIn
from server.features.delivery import service as delivery
from server.sample.acting import desks
from server.sample.places import ACTOR, COUNTY, COUNTY_HALL
from server.sample.sandbox import Sandbox

KEY = "county_lockers"
# Cells by size: most results are an envelope.
_CELLS: tuple[tuple[delivery.Size, int], ...] = (("S", 12), ("M", 6), ("L", 2))


async def stand(halls: Mapping[str, HallView], sandbox: Sandbox | None) -> int:
    """Put it up once; give how many cells it has."""
    bank = await catalogue.upsert_hall(
        ACTOR,
        PlaceIn(
            key=KEY,
            name="颍上县政务服务中心取件柜（样例）",
            kind="locker_bank",
            region_code=COUNTY,
            address="安徽省阜阳市颍上县慎城镇样例路 1 号，大厅正门西侧",
            hours_text="全天",
            sample=True,
        ),
    )
    manager = (await desks(halls))["manager1"]
    known = {one.id: one for one in (await delivery.lockers(manager)).banks}
    if bank.id not in known or not known[bank.id].cells:
        for size, count in _CELLS:
            await delivery.set_up_bank(manager, bank.id, halls[COUNTY_HALL].id, size, count)
    cells = sum(count for _, count in _CELLS)
    if sandbox is not None:
        await sandbox.tell("lockers", {"key": KEY, "cells": cells})
    return cells
