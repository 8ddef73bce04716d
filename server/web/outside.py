"""Deeds that ask outside first: nobody outside is called in a transaction, and the key still counts once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from server.web import idempotency, replies

if TYPE_CHECKING:
    from sanic import HTTPResponse

    from server.db.promises import Claim

A = TypeVar("A")
R = TypeVar("R")


async def asked_first(
    claim: Claim, ask: Callable[[], Awaitable[A]], deed: Callable[[A], Awaitable[R]], *, status: int = 200
) -> R:
    """Ask outside, then do the deed with the answer, as one idempotent deed.

    A replayed key gives the stored answer without asking again; one that failed outside has claimed nothing.
    What comes back is a finished response, typed as what it holds for the sake of OpenAPI.
    """
    stored = await idempotency.look(claim)
    if stored is not None:
        return idempotency.replay(stored)  # type: ignore[return-value]
    answer = await ask()

    async def done() -> HTTPResponse:
        return replies.render(await deed(answer), status)

    return await idempotency.once(claim, done)  # type: ignore[return-value]
