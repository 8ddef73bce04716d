"""The lights of what has no rule of its own to be compared with: every day around its last one, by a plain reading."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest

from server import db
from server.features.delivery.schemas import CollectionPolicy
from server.features.delivery.service._watched import LAST_DAYS
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.kit import clock
from server.kit.ids import new_id
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.factories.open_matters import Open, day

pytestmark = pytest.mark.usefixtures("client")

_OPINION = """
INSERT INTO review_task (id, created_at, case_id, department_id, question_sealed, due_on, needed, state, staff_id)
VALUES ($1, $2, $3, $4, '\\x00', $5, true, $6, $1)
"""
_ASSIGNMENT = """
INSERT INTO assignment (id, created_at, staff_id, department_id, words_sealed, due_on, state)
VALUES ($1, $2, $1, $3, '\\x00', $4, 'open')
"""
_REQUEST = """
INSERT INTO data_request (id, created_at, person_id, kind, state, moved_at) VALUES ($1, $2, $1, 'erasure', $3, $2)
"""
_RESULT = """
INSERT INTO delivery (id, created_at, thread_id, case_id, person_id, hall_id, department_id, state,
    pickup_code_sealed, pickup_index, ready_at, made_at, method)
VALUES ($1::uuid, $2, $3, $1, $1, $4, $5, 'ready_to_collect', '\\x00', uuid_send($1), $2, 'window', 'counter')
"""


class Turns(NamedTuple):
    """From how many days before its last one something is amber, and from how many after it is red."""

    amber: int
    red: int

    def light(self, left: int) -> str:
        return "red" if -left >= self.red else "amber" if left <= self.amber else "green"


# Announced where each is declared. Of results the law is their hall's: nobody waits for the last day to ask.
RULES = {
    "opinions": Turns(1, 1),
    "assignments": Turns(1, 1),
    "data_requests": Turns(6, 1),
    "results": Turns(CollectionPolicy().keep_days - CollectionPolicy().remind_after_days, -LAST_DAYS),
}
LEFT = range(-4, 32)


async def put(kind: str, at: keep.Ground, left: int, **more: str) -> None:
    [thread_id] = await keep.threads(at, 1)
    now, key, office = clock.now(), new_id(), at.departments[0]
    async with db.tx():
        await db.execute("SET LOCAL session_replication_role = replica")
        if kind == "opinions":
            case_id = await db.fetchval("SELECT id FROM case_record WHERE state = $1", more.get("case", "in_review"))
            await db.execute(_OPINION, key, now, case_id, office, day(left), more.get("state", "open"))
        elif kind == "assignments":
            await db.execute(_ASSIGNMENT, key, now, office, day(left))
        elif kind == "data_requests":
            await db.execute(_REQUEST, key, now + timedelta(days=left - 30), more.get("state", "asked"))
        else:
            ready = now + timedelta(days=left - CollectionPolicy().keep_days)
            await db.execute(_RESULT, key, ready, thread_id, at.halls[0], office)


@pytest.mark.parametrize("kind", RULES)
async def test_every_day_has_the_light_that_was_announced(kind: str) -> None:
    at, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await keep.cases(at, [Open("in_review", 0, 0, 30, 40), Open("withdrawn", 0, 0, 30, 40)])
    for left in LEFT:
        await db.execute("TRUNCATE review_task, assignment, data_request, delivery CASCADE")
        await put(kind, at, left)
        one = (await supervision.board(supervisor, Chosen())).kinds[kind]
        light = RULES[kind].light(left)
        turning = light != "red" and RULES[kind].light(left - 1) != light
        shown = {name: getattr(one, name) for name in ("green", "amber", "red", "turning")}
        assert shown == dict.fromkeys(shown, 0) | {light: 1} | {"turning": int(turning)}, (kind, left)


async def test_what_is_over_is_owed_by_nobody() -> None:
    at, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await keep.cases(at, [Open("in_review", 0, 0, 30, 40), Open("withdrawn", 0, 0, 30, 40)])
    await put("opinions", at, -3, case="withdrawn")
    await put("opinions", at, -3, state="recalled")
    await put("data_requests", at, -3, state="withdrawn")
    kinds = (await supervision.board(supervisor, Chosen())).kinds
    assert [kinds[kind].red for kind in RULES] == [0, 0, 0, 0]


def test_every_kind_is_held_to_a_plain_reading() -> None:
    """The other four are compared with the rules of their own rows, in `test_board`."""
    assert set(supervision.kinds()) == {*RULES, "accept", "decide", "complaints", "rectifications"}
