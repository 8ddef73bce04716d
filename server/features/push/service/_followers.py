"""Who follows the service account. Its openid is another than the mini-program's; the unionid says who is who."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server import db
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import new_id

_FOLLOWS = """
    INSERT INTO follower (id, created_at, openid_sealed, openid_index, unionid_index) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT (openid_index) DO UPDATE SET gone_at = NULL,
        unionid_index = coalesce(excluded.unionid_index, follower.unionid_index)
"""
_LEAVES = "UPDATE follower SET gone_at = $2 WHERE openid_index = $1 AND gone_at IS NULL"
_FIND = """
    SELECT DISTINCT ON (unionid_index) id, unionid_index, openid_sealed FROM follower
    WHERE unionid_index = ANY($1) AND gone_at IS NULL ORDER BY unionid_index, created_at DESC
"""


async def follows(openid: str, unionid: str | None) -> None:
    """Keep a follower, in the caller's transaction. Who comes back with another unionid is who they say now."""
    row_id = new_id()
    await db.execute(
        _FOLLOWS,
        row_id,
        clock.now(),
        db.seal("follower", "openid_sealed", row_id, openid),
        _index(openid),
        None if unionid is None else _union(unionid),
    )


async def leaves(openid: str) -> None:
    """Reach this follower no more."""
    await db.execute(_LEAVES, _index(openid), clock.now())


async def openids(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the service account's openids of people who follow it, by account."""
    unions = {account_id: _union(one) for account_id, one in (await identity.unionids(account_ids)).items()}
    if not unions:
        return {}
    rows = await db.fetch(_FIND, list(set(unions.values())))
    found = {row["unionid_index"]: row for row in rows}
    return {
        account_id: db.unseal("follower", "openid_sealed", found[union]["id"], found[union]["openid_sealed"])
        for account_id, union in unions.items()
        if union in found
    }


def _index(openid: str) -> bytes:
    return db.blind_index("follower.openid", openid)


def _union(unionid: str) -> bytes:
    return db.blind_index("follower.unionid", unionid)
