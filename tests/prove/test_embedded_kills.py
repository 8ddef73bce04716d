"""The long proof of the embedded PostgreSQL: every kind of kill, at random moments, again and again on one folder."""

from __future__ import annotations

import os
import random

from tests.server.db.kill_matrix import Keeper, Matrix, folder, gone

KINDS = ("start", "owner", "postmaster", "backend", "all", "recycled")
ROUNDS = int(os.environ.get("ROUNDS", "60"))


async def test_kills_at_random_moments_lose_nothing_and_leave_nobody() -> None:
    chance = random.Random(20261120)
    with folder() as var:
        matrix = Matrix(var, chance)
        for _ in range(ROUNDS):
            await matrix.round(chance.choice(KINDS))
            assert matrix.faults == []
        keeper = Keeper(var)
        word, address = await keeper.said()
        assert word == "owner"
        await matrix._look_kept(address)
        keeper.leave()
        assert await gone(var)
        assert matrix.faults == []
        assert len(matrix.acknowledged) > ROUNDS
