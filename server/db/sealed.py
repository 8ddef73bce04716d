"""Personal data in rows: sealed before it reaches the database, found by a keyed blind index."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, Literal, TypeVar, overload

import msgspec

if TYPE_CHECKING:
    from uuid import UUID

    from tortoise.models import Model

    from server.kit.sealing import Keyring

T = TypeVar("T")

_ring: Keyring | None = None


def install(ring: Keyring) -> None:
    """Take the process's keys; `db.connect` does it."""
    global _ring  # noqa: PLW0603 - one ring a process, as there is one pool
    _ring = ring


def keyring() -> Keyring:
    """Give the process's keys. Raises `RuntimeError` before `db.connect`."""
    if _ring is None:
        msg = "no keys yet: db.connect(settings) installs them"
        raise RuntimeError(msg)
    return _ring


def _place(table: str, column: str, row_id: UUID | str | int) -> str:
    return f"{table}.{column}.{row_id}"


def seal(table: str, column: str, row_id: UUID | str | int, text: str) -> bytes:
    """Seal a text for one column of one row; moved anywhere else it does not open."""
    return keyring().seal(text.encode(), _place(table, column, row_id))


def unseal(table: str, column: str, row_id: UUID | str | int, blob: bytes) -> str:
    """Open what `seal` made for this column of this row. Raises `UnsealError`."""
    return keyring().unseal(blob, _place(table, column, row_id)).decode()


def seal_bytes(table: str, column: str, row_id: UUID | str | int, content: bytes) -> bytes:
    """Seal bytes that lie outside the database but belong to one row: a stored file."""
    return keyring().seal(content, _place(table, column, row_id))


def unseal_bytes(table: str, column: str, row_id: UUID | str | int, blob: bytes) -> bytes:
    """Open what `seal_bytes` made. Raises `UnsealError`."""
    return keyring().unseal(blob, _place(table, column, row_id))


def seal_json(table: str, column: str, row_id: UUID | str | int, value: object) -> bytes:
    """Seal anything msgspec encodes."""
    return keyring().seal(msgspec.json.encode(value), _place(table, column, row_id))


def unseal_json(table: str, column: str, row_id: UUID | str | int, blob: bytes) -> Any:  # noqa: ANN401 - JSON
    """Open what `seal_json` made, as plain JSON values. Raises `UnsealError`."""
    return msgspec.json.decode(keyring().unseal(blob, _place(table, column, row_id)))


def blind_index(purpose: str, value: str) -> bytes:
    """Make the 32 bytes by which a sealed value is found: equal only for an equal purpose and canonical value."""
    return keyring().index(purpose, value)


class Sealed(Generic[T]):
    """A model's readable side of a sealed column: encrypts on set, decrypts on get, `None` stays NULL.

    The row's id is part of the seal, so it must be set first (`default=new_id` does) and never change.
    """

    @overload
    def __init__(self: Sealed[str], column: str) -> None: ...
    @overload
    def __init__(self: Sealed[str | None], column: str, *, nullable: Literal[True]) -> None: ...
    @overload
    def __init__(self: Sealed[Any], column: str, *, kind: Literal["json"], nullable: bool = False) -> None: ...
    def __init__(self, column: str, *, kind: Literal["text", "json"] = "text", nullable: bool = False) -> None:
        self._column = column
        self._json = kind == "json"
        self._nullable = nullable

    @overload
    def __get__(self, row: None, owner: type[Model]) -> Sealed[T]: ...
    @overload
    def __get__(self, row: Model, owner: type[Model]) -> T: ...
    def __get__(self, row: Model | None, owner: type[Model]) -> Any:
        if row is None:
            return self
        blob = getattr(row, self._column)
        if blob is None:
            return None
        opened = unseal_json if self._json else unseal
        return opened(*self._where(row), blob)

    def __set__(self, row: Model, value: T) -> None:
        if value is None:
            if not self._nullable:
                msg = f"{type(row).__name__}.{self._column} is not nullable"
                raise ValueError(msg)
            setattr(row, self._column, None)
        elif self._json:
            setattr(row, self._column, seal_json(*self._where(row), value))
        elif isinstance(value, str):
            setattr(row, self._column, seal(*self._where(row), value))
        else:
            msg = f"{type(row).__name__}.{self._column} seals text; use kind='json'"
            raise TypeError(msg)

    def _where(self, row: Model) -> tuple[str, str, UUID]:
        if row.pk is None:
            msg = f"{type(row).__name__} needs its id before a sealed value"
            raise ValueError(msg)
        meta = row._meta  # noqa: SLF001 - Tortoise's documented description of a model
        return meta.db_table, meta.fields_db_projection[self._column], row.pk
