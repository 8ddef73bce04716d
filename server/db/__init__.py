"""The database: one pool, one transaction a use case, sealed columns, wake-ups, migrations."""

from server.db.connecting import address, connect, disconnect, pool
from server.db.embedded import EmbeddedError
from server.db.engine import Client
from server.db.listening import listen, notify
from server.db.migrating import MigrationError, migrate
from server.db.sealed import Sealed, blind_index, seal, seal_bytes, seal_json, unseal, unseal_bytes, unseal_json
from server.db.transaction import (
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
    "Client",
    "EmbeddedError",
    "MigrationError",
    "Sealed",
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
    "listen",
    "migrate",
    "notify",
    "pool",
    "savepoint",
    "seal",
    "seal_bytes",
    "seal_json",
    "transactional",
    "tx",
    "unseal",
    "unseal_bytes",
    "unseal_json",
]
