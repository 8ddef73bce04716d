"""The database: one pool, one transaction a use case, sealed columns, wake-ups, migrations."""

from asyncpg import Record

from server.db.connecting import address, connect, disconnect, pool
from server.db.embedded import EmbeddedError
from server.db.engine import Client
from server.db.lane import Lane
from server.db.leased import LEASE, Leased
from server.db.listening import Wakes, listen, notify
from server.db.listing import By, Found, Listing, Sought, in_order, plain, stands_in
from server.db.migrating import MigrationError, migrate
from server.db.sealed import Sealed, blind_index, seal, seal_bytes, seal_json, unseal, unseal_bytes, unseal_json
from server.db.transaction import (
    Fetch,
    after_commit,
    execute,
    executemany,
    fetch,
    fetchrow,
    fetchval,
    savepoint,
    transactional,
    tx,
)

__all__ = [
    "LEASE",
    "By",
    "Client",
    "EmbeddedError",
    "Fetch",
    "Found",
    "Lane",
    "Leased",
    "Listing",
    "MigrationError",
    "Record",
    "Sealed",
    "Sought",
    "Wakes",
    "address",
    "after_commit",
    "blind_index",
    "connect",
    "disconnect",
    "execute",
    "executemany",
    "fetch",
    "fetchrow",
    "fetchval",
    "in_order",
    "listen",
    "migrate",
    "notify",
    "plain",
    "pool",
    "savepoint",
    "seal",
    "seal_bytes",
    "seal_json",
    "stands_in",
    "transactional",
    "tx",
    "unseal",
    "unseal_bytes",
    "unseal_json",
]
