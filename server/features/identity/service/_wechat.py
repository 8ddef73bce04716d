"""Accounts as WeChat names them, for whoever receives what it reports."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server import db

_BY_OPENID = "SELECT id FROM account WHERE openid_index = $1"
_UNIONIDS = """
    SELECT asked.id AS asked, login.id, login.unionid_sealed
    FROM account AS asked JOIN account AS login ON login.id = coalesce(asked.merged_into, asked.id)
    WHERE asked.id = ANY($1) AND login.unionid_sealed IS NOT NULL AND login.disabled_at IS NULL
"""


async def account_by_openid(openid: str) -> UUID | None:
    """Find the account of a mini-program user; None for one who never logged in."""
    found: UUID | None = await db.fetchval(_BY_OPENID, db.blind_index("account.openid", openid))
    return found


async def unionids(account_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Give the unionids of many accounts, by the id asked for; those without one are left out."""
    return {
        row["asked"]: db.unseal("account", "unionid_sealed", row["id"], row["unionid_sealed"])
        for row in await db.fetch(_UNIONIDS, list(account_ids))
    }
