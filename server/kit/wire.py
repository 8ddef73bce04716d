"""JSON as the phone sees it: times leave in +08:00 to the second, and none leaves without a zone."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from typing import Annotated, Any

import msgspec

from server.kit.clock import SHANGHAI

# What a body or a query declares for a moment: without a zone it would be a guess.
Instant = Annotated[datetime, msgspec.Meta(tz=True)]

_encoder = msgspec.json.Encoder()
_MIGHT_HOLD_TIMES = (
    msgspec.inspect.DateTimeType,
    msgspec.inspect.StructType,
    msgspec.inspect.AnyType,
    msgspec.inspect.DataclassType,
    msgspec.inspect.TypedDictType,
)


def to_wire(moment: datetime) -> datetime:
    """Turn a moment into Shanghai time, whole seconds. Raises ValueError when it has no zone."""
    if moment.tzinfo is None:
        msg = "a time without a zone must not leave"
        raise ValueError(msg)
    return moment.astimezone(SHANGHAI).replace(microsecond=0)


def encode(value: object) -> bytes:
    """Encode a reply. Times inside are turned to Shanghai in place: same instant, so nobody else minds."""
    return _encoder.encode(_turned(value))


def utc(moment: datetime) -> datetime:
    """Turn a moment that came in into UTC, as the database keeps it."""
    return moment.astimezone(UTC)


def _turned(value: Any) -> Any:  # noqa: ANN401 - it walks whatever a reply is made of
    if isinstance(value, datetime):
        return to_wire(value)
    if isinstance(value, msgspec.Struct):
        for name in _timed_fields(type(value)):
            inner = getattr(value, name)
            turned = _turned(inner)
            if turned is not inner:
                msgspec.structs.force_setattr(value, name, turned)
        return value
    if isinstance(value, list | tuple):
        return [_turned(inner) for inner in value]
    if isinstance(value, dict):
        return {key: _turned(inner) for key, inner in value.items()}
    return value


@cache
def _timed_fields(struct: type[msgspec.Struct]) -> tuple[str, ...]:
    # Only fields that can hold a time are visited: most replies are text and numbers.
    info = msgspec.inspect.type_info(struct)
    assert isinstance(info, msgspec.inspect.StructType)  # noqa: S101 - tells mypy what type_info returns for a Struct
    return tuple(field.name for field in info.fields if _may_hold_time(field.type, set()))


def _may_hold_time(kind: msgspec.inspect.Type, seen: set[type]) -> bool:
    if isinstance(kind, msgspec.inspect.StructType):
        if kind.cls in seen:
            return False
        return any(_may_hold_time(field.type, seen | {kind.cls}) for field in kind.fields)
    if isinstance(kind, _MIGHT_HOLD_TIMES):
        return True
    return any(_may_hold_time(inner, seen) for inner in parts(kind))


def parts(kind: msgspec.inspect.Type) -> tuple[msgspec.inspect.Type, ...]:
    """Give the types a type is made of: of a union, a collection, an annotation. A struct is looked into by fields."""
    if isinstance(kind, msgspec.inspect.UnionType):
        return kind.types
    if isinstance(kind, msgspec.inspect.TupleType):
        return kind.item_types
    if isinstance(kind, msgspec.inspect.DictType):
        return (kind.value_type,)
    if isinstance(kind, msgspec.inspect.CollectionType | msgspec.inspect.Metadata):
        return (kind.type if isinstance(kind, msgspec.inspect.Metadata) else kind.item_type,)
    return ()
