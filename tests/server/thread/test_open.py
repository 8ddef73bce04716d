from __future__ import annotations

import asyncio

import asyncpg
import pytest

from server import db
from server.actor import System
from server.features.thread import service as thread
from server.kit import clock
from tests.factories import catalogue
from tests.factories.identity import AsCitizen, enterprise_of
from tests.factories.thread import opened

WORKER = System(name="test")


async def test_a_party_has_one_live_thread_for_an_item(as_citizen: AsCitizen) -> None:
    someone, item = await as_citizen(), await catalogue.item()
    first = await opened(someone, item)
    assert await opened(someone, item) == first
    assert (await opened(someone)).id != first.id
    await thread.close(first.id, WORKER)
    again = await opened(someone, item)
    assert again.number != first.number
    assert again.number.startswith(f"341226{clock.today():%y%m%d}")


async def test_openings_at_once_give_one_thread(as_citizen: AsCitizen) -> None:
    someone, item = await as_citizen(), await catalogue.item()
    found = await asyncio.gather(*(opened(someone, item) for _ in range(8)))
    assert len({one.id for one in found}) == 1


async def test_an_enterprise_and_its_clerk_are_two_parties(as_citizen: AsCitizen) -> None:
    owner, item = await as_citizen(), await catalogue.item()
    enterprise_id = await enterprise_of(owner)
    own = await opened(owner, item)
    business = await thread.open(
        owner.actor,
        person_id=owner.person_id,
        enterprise_id=enterprise_id,
        item_id=item.id,
        title=item.name,
        region_code=catalogue.COUNTY,
    )
    assert business.id != own.id
    assert (await thread.view(owner.actor, business.id)).enterprise_id == enterprise_id


async def test_closing_is_written_once(as_citizen: AsCitizen) -> None:
    mine = await opened(await as_citizen())
    await thread.close(mine.id, WORKER)
    await thread.close(mine.id, WORKER)
    assert [step.name for step in await thread.timeline(mine.id)] == ["thread.closed"]
    assert (await thread.get(mine.id)).state is thread.ThreadState.CLOSED


async def test_many_are_fetched_at_once(as_citizen: AsCitizen) -> None:
    someone = await as_citizen()
    mine = [await opened(someone) for _ in range(3)]
    assert set(await thread.many([one.id for one in mine])) == {one.id for one in mine}


@pytest.mark.parametrize("deed", ["UPDATE step SET name = 'booking.served'", "DELETE FROM step"])
async def test_a_step_is_never_changed_or_removed(as_citizen: AsCitizen, deed: str) -> None:
    mine = await opened(await as_citizen())
    await thread.record(mine.id, "booking.requested", WORKER)
    with pytest.raises(asyncpg.IntegrityConstraintViolationError):
        await db.execute(deed)
    assert [step.name for step in await thread.timeline(mine.id)] == ["booking.requested"]
