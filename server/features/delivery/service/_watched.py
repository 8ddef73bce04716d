"""Results that nobody collects: amber from the day they are asked after, red in the last days before they go back."""

from __future__ import annotations

import msgspec

from server.features.catalogue import service as catalogue
from server.features.delivery.schemas import CollectionPolicy
from server.features.thread import service as thread

LAST_DAYS = 3

_OPEN = """
SELECT d.id, d.thread_id, NULL::text AS number, d.department_id, d.hall_id, d.due_on,
    CASE WHEN d.red_on <= $1 THEN NULL WHEN d.amber_on <= $1 THEN d.red_on - 1
        ELSE least(d.amber_on, d.red_on) - 1 END AS turns_on,
    CASE WHEN d.red_on <= $1 THEN 'red' WHEN d.amber_on <= $1 THEN 'amber' ELSE 'green' END AS light
FROM (
    SELECT id, thread_id, department_id, hall_id, lain + (terms->hall_id::text->>2)::int AS due_on,
        lain + (terms->hall_id::text->>0)::int AS amber_on, lain + (terms->hall_id::text->>1)::int AS red_on
    FROM (SELECT *, (ready_at AT TIME ZONE 'Asia/Shanghai')::date AS lain FROM delivery
        WHERE state = 'ready_to_collect' AND method = 'counter' AND ready_at IS NOT NULL) AS shelf, terms
) AS d
"""


async def _by_hall() -> str:
    """Give each hall's days until a result is asked after, until its last days begin, and until it goes back."""
    found: dict[str, list[int]] = {}
    rules: dict[str, CollectionPolicy] = {}
    for hall in await catalogue.halls():
        if hall.region_code not in rules:
            rules[hall.region_code] = await catalogue.policy(CollectionPolicy, hall.region_code)
        rule = rules[hall.region_code]
        found[str(hall.id)] = [rule.remind_after_days, rule.keep_days - LAST_DAYS, rule.keep_days]
    return msgspec.json.encode(found).decode()


thread.watch(thread.Watch(kind="results", open=_OPEN, terms=_by_hall))
