"""Texts to numbers that are nobody's here: of somebody who only called or walked in. Sealed until they are sent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta

import msgspec

from server import db
from server.kit import clock
from server.kit.ids import new_id
from server.ports import SendError, Sms, Verdict

BARE_WAKE = "push_bare"
_LEASE = timedelta(seconds=60)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

_KEEP = """
INSERT INTO bare_text (id, created_at, dedupe, template, sealed, state, run_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', $2) ON CONFLICT (dedupe) DO NOTHING RETURNING id
"""


class Text(msgspec.Struct, frozen=True):
    """What is sent: to which mobile number, by which template, with what in its places."""

    phone: str
    template: str
    params: Mapping[str, str]


class TooLateError(Exception):
    """Nobody has use for this text any more; its one argument is the reason that is kept."""


class TextOutbox:
    """The texts waiting in one table, sent under a lease, tried again after pauses, their number forgotten at the end.

    `sealed` is the column that is emptied then; `gives` are those that whoever writes the text needs besides.
    """

    def __init__(self, table: str, *, sealed: str, gives: str) -> None:
        self._table, self._sealed = table, sealed
        self._claim = f"""
            UPDATE {table} SET state = 'sending', attempt = attempt + 1, run_at = $2
            WHERE id = (
                SELECT id FROM {table} WHERE ended_at IS NULL AND run_at <= $1
                ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, attempt, {sealed}, {gives}
        """  # noqa: S608 - names that the code gives, here and below
        # Whoever has lost the lease writes nothing any more.
        self._end = f"""
            UPDATE {table} SET state = $3, reason = $4, ended_at = $5, {sealed} = NULL
            WHERE id = $1 AND attempt = $2 AND state = 'sending'
        """  # noqa: S608
        self._later = f"""
            UPDATE {table} SET state = 'waiting', run_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'sending'
        """  # noqa: S608

    async def send_next(self, sms: Sms, write: Callable[[db.Record, str], Awaitable[Text]]) -> int:
        """Send the one that waits longest, and give how many were dealt with: one or none.

        `write` makes the text of a row and what was sealed in it; it may raise TooLateError.
        """
        now = clock.now()
        row = await db.fetchrow(self._claim, now, now + _LEASE)
        if row is None:
            return 0
        try:
            text = await write(row, db.unseal(self._table, self._sealed, row["id"], row[self._sealed]))
            await sms.send(text.phone, text.template, text.params)
        except TooLateError as late:
            await self._ended(row, "too_late", str(late))
        except SendError as failure:
            if failure.verdict is Verdict.FINAL or row["attempt"] > len(_PAUSES):
                await self._ended(row, "dead", failure.code)
            else:
                await db.execute(self._later, row["id"], row["attempt"], clock.now() + _PAUSES[row["attempt"] - 1])
        else:
            await self._ended(row, "sent", None)
        return 1

    async def _ended(self, row: db.Record, state: str, reason: str | None) -> None:
        await db.execute(self._end, row["id"], row["attempt"], state, reason, clock.now())


class _Kept(msgspec.Struct):
    phone: str
    params: dict[str, str]


_OUTBOX = TextOutbox("bare_text", sealed="sealed", gives="template")


async def text(phone: str, template: str, params: Mapping[str, str], *, dedupe: str) -> None:
    """Have a text sent to a mobile number, once for each `dedupe`, in the caller's transaction."""
    kept = new_id()
    sealed = db.seal("bare_text", "sealed", kept, msgspec.json.encode(_Kept(phone, dict(params))).decode())
    if await db.fetchval(_KEEP, kept, clock.now(), dedupe, template, sealed) is not None:
        await db.notify(BARE_WAKE)


async def send_bare(sms: Sms) -> int:
    """Send the one that waits longest, and give how many were dealt with: one or none."""
    return await _OUTBOX.send_next(sms, _written)


async def _written(row: db.Record, sealed: str) -> Text:
    kept = msgspec.json.decode(sealed, type=_Kept)
    return Text(kept.phone, row["template"], kept.params)
