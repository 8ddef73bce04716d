"""WeChat's access token: one for all processes, fetched by one of them at a time, never thrown away by mistake."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from server import db
from server.kit import clock
from server.kit.ids import new_id
from server.ports import SendError, Verdict

if TYPE_CHECKING:
    from asyncpg import Record

# WeChat gives a new stable token in the last five minutes of the old one; both work until then.
_RENEW_BEFORE = timedelta(minutes=4)
_LEASE = timedelta(seconds=15)
_LOOK_AGAIN = 0.05
_PATIENCE = 20.0

_FIND = "SELECT id, token_sealed, expires_at FROM wechat_token WHERE appid = $1"
_MAKE = "INSERT INTO wechat_token (id, created_at, appid) VALUES ($1, $2, $3) ON CONFLICT (appid) DO NOTHING"
# Only for the very token that was seen: whoever comes late with an old complaint finds a newer one and takes that.
_LEASED = """
    UPDATE wechat_token SET lease_until = $2
    WHERE id = $1 AND token_sealed IS NOT DISTINCT FROM $4 AND (lease_until IS NULL OR lease_until <= $3)
    RETURNING id
"""
_STORE = "UPDATE wechat_token SET token_sealed = $2, expires_at = $3, lease_until = NULL WHERE id = $1"
_GIVE_UP = "UPDATE wechat_token SET lease_until = NULL WHERE id = $1"

Fetch = Callable[[], Awaitable[tuple[str, timedelta]]]


class Tokens:
    """The token of one mini-program. `fetch` asks WeChat for it and gives it with the rest of its life."""

    def __init__(self, appid: str, fetch: Fetch) -> None:
        self._appid = appid
        self._fetch = fetch
        self._turn = asyncio.Lock()
        self._token = ""
        self._good_until: datetime | None = None
        self._bad = ""

    async def get(self) -> str:
        """Give a token that should work. Raises SendError."""
        if not self._usable():
            async with self._turn:
                if not self._usable():
                    await self._join()
        return self._token

    def reject(self, token: str) -> None:
        """WeChat did not take this one. Rejecting one that has been replaced meanwhile does nothing."""
        if token == self._token:
            self._token, self._bad = "", token

    def _usable(self) -> bool:
        return bool(self._token) and self._good_until is not None and clock.now() < self._good_until

    async def _join(self) -> None:
        """Take what another process has stored, or be the one who fetches."""
        try:
            async with asyncio.timeout(_PATIENCE):
                while not await self._taken_or_fetched():  # noqa: ASYNC110 - the other process has no event of ours
                    await asyncio.sleep(_LOOK_AGAIN)
        except TimeoutError:
            raise SendError("token_busy", Verdict.RETRY) from None

    async def _taken_or_fetched(self) -> bool:
        row = await db.fetchrow(_FIND, self._appid)
        if row is None:
            await db.execute(_MAKE, new_id(), clock.now(), self._appid)
            return False
        if self._take(row):
            return True
        now = clock.now()
        leased = await db.fetchval(_LEASED, row["id"], now + _LEASE, now, row["token_sealed"])
        if leased is None:
            return False
        try:
            token, life = await self._fetch()
        except BaseException:
            await asyncio.shield(db.execute(_GIVE_UP, row["id"]))
            raise
        expires_at = clock.now() + life
        await db.execute(_STORE, row["id"], db.seal("wechat_token", "token_sealed", row["id"], token), expires_at)
        self._keep(token, expires_at)
        return True

    def _take(self, row: Record) -> bool:
        if row["token_sealed"] is None or row["expires_at"] - _RENEW_BEFORE <= clock.now():
            return False
        token = db.unseal("wechat_token", "token_sealed", row["id"], row["token_sealed"])
        if token == self._bad:
            return False
        self._keep(token, row["expires_at"])
        return True

    def _keep(self, token: str, expires_at: datetime) -> None:
        self._token, self._bad = token, ""
        self._good_until = expires_at - _RENEW_BEFORE
