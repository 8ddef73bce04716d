from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from server.errors import Gone, NotFound
from server.features.thread import service as thread
from server.kit import clock as clocks
from server.kit.ids import new_id
from tests.conftest import Clock

pytestmark = pytest.mark.usefixtures("database")


async def test_a_token_opens_what_it_was_made_for_as_often_as_one_looks() -> None:
    about = new_id()
    token = await thread.issue_code("rating", about)
    for _ in range(2):
        found = await thread.resolve_code(token)
        assert (found.kind, found.subject_id, found.used_at) == (thread.CodeKind.RATING, about, None)
    assert len(token) == 22


async def test_tokens_are_of_one_kind() -> None:
    token = await thread.issue_code("booking", new_id())
    with pytest.raises(NotFound, match=r"codes\.unknown"):
        await thread.resolve_code(token, "rating")
    with pytest.raises(ValueError, match="kitchen"):
        await thread.issue_code("kitchen", new_id())


async def test_an_unknown_token_is_not_found() -> None:
    with pytest.raises(NotFound, match=r"codes\.unknown"):
        await thread.resolve_code("A" * 22)


async def test_a_token_ends_with_its_time(clock: Clock) -> None:
    token = await thread.issue_code("certificate", new_id(), expires=clocks.now() + timedelta(seconds=60))
    clock.advance(seconds=59)
    await thread.resolve_code(token)
    clock.advance(seconds=2)
    with pytest.raises(Gone, match=r"codes\.expired"):
        await thread.resolve_code(token)


async def test_a_token_can_be_ended() -> None:
    about = new_id()
    tokens = [await thread.issue_code("booking", about) for _ in range(2)]
    await thread.revoke_code(tokens[0])
    await thread.resolve_code(tokens[1])
    await thread.revoke_codes("booking", about)
    for token in tokens:
        with pytest.raises(Gone, match=r"codes\.expired"):
            await thread.resolve_code(token)


async def test_a_token_for_one_use_is_used_once_whoever_is_faster() -> None:
    token = await thread.issue_code("pickup", new_id())
    answers = await asyncio.gather(*(thread.use_code(token, "pickup") for _ in range(6)), return_exceptions=True)
    assert len([answer for answer in answers if not isinstance(answer, Gone)]) == 1


async def test_a_token_that_ended_long_ago_is_forgotten(clock: Clock) -> None:
    old = await thread.issue_code("booking", new_id(), expires=clocks.now() + timedelta(minutes=1))
    shown = await thread.issue_code("certificate", new_id(), expires=clocks.now() + timedelta(minutes=1))
    lasting = await thread.issue_code("hall", new_id())
    clock.advance(hours=23)
    assert await thread.forget_codes() == 0
    clock.advance(hours=2)
    assert await thread.forget_codes() == 1, "a certificate shown yesterday"
    with pytest.raises(NotFound):
        await thread.resolve_code(shown)
    clock.advance(days=178)
    assert await thread.forget_codes() == 0
    clock.advance(days=2)
    assert await thread.forget_codes() == 1
    with pytest.raises(NotFound):
        await thread.resolve_code(old)
    await thread.resolve_code(lasting)


async def test_what_hangs_on_the_wall_stays_the_same() -> None:
    hall = new_id()
    tokens = await asyncio.gather(*(thread.standing_code("hall", hall) for _ in range(6)))
    assert len(set(tokens)) == 1
    await thread.revoke_code(tokens[0])
    assert await thread.standing_code("hall", hall) != tokens[0]
