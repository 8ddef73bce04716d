"""Results of the sample on their way from the department to the window."""

from __future__ import annotations

from server.actor import Staff
from server.features.cases.service import CaseOut
from server.features.delivery import service as delivery


async def on_its_way(case: CaseOut, back: Staff) -> None:
    """Give it to the window by list; nobody has counted it yet."""
    for made in await delivery.made(back):
        if made.number == case.number:
            list_id = await delivery.begin_list(back, made.department_id, made.hall_id)
            await delivery.scan_on(back, list_id, made.number)
            await delivery.give(back, list_id)


async def shelved(case: CaseOut, front: Staff, back: Staff, shelf: str) -> None:
    """The window makes it itself, or the department hands it over by list."""
    made = next((one for one in await delivery.made(back) if one.number == case.number), None)
    if made is None:
        waiting = next(one for one in await delivery.to_make_ready(front) if one.thread_id == case.thread_id)
        return await delivery.ready(front, waiting.id, shelf)
    list_id = await delivery.begin_list(back, made.department_id, made.hall_id)
    await delivery.scan_on(back, list_id, made.number)
    await delivery.give(back, list_id)
    await delivery.count(front, list_id, made.number, shelf)
    await delivery.receive(front, list_id)
    return None
