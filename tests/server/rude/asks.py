"""Requests made from the register of routes itself, so that a new route is tried without anybody adding it here."""

from __future__ import annotations

import typing
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import msgspec

from server.kit.ids import token
from server.web import EventStream
from server.web.routing import Operation
from tests.fixtures_web import Answer, Client
from tests.server.rude.names import OF_CITIZENS, OF_STAFF
from tests.server.rude.world import picture

Schema = Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One request that would do if its sender may."""

    method: str
    path: str
    query: Mapping[str, Any] = field(default_factory=dict)
    json: Any = None
    form: Mapping[str, Any] | None = None
    upload: bytes | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    endless: bool = False

    async def by(self, client: Client) -> Answer:
        """Send it. Of a stream that never ends, the first event is the answer."""
        if self.endless:
            return await self._first(client)
        options: dict[str, Any] = {"headers": dict(self.headers), "params": self.query}
        if self.json is not None:
            options["json"] = self.json
        elif self.form is not None:
            options["data"] = self.form
        elif self.upload is not None:
            options["data"] = self.upload
        return await client.request(self.method, self.path, **options)

    async def _first(self, client: Client) -> Answer:
        asking = client.session.request(self.method, client.base + self.path, headers=client.headers)
        async with asking as response:
            first = await response.content.readuntil(b"\n\n") if response.status < 300 else await response.read()
            return Answer(response.status, response.headers, first)


def audience(operation: Operation) -> frozenset[str]:
    """Name the things that belong to somebody where this operation is concerned."""
    policy = operation.access.name
    if policy in {"citizen", "verified"}:
        return OF_CITIZENS
    return OF_STAFF if policy.startswith("staff:") else frozenset()


def owned(operation: Operation) -> list[str]:
    """Name the parameters and fields of an operation that say whose thing is meant."""
    wanted = audience(operation)
    found = [name for name in operation.binding.path_types if name in wanted]
    for struct in (operation.binding.query, body_of(operation)):
        if struct is not None:
            found += [name for name in _names(*_schema(struct)) if name in wanted]
    return list(dict.fromkeys(found))


def body_of(operation: Operation) -> type[msgspec.Struct] | None:
    """Give the struct of the JSON body or of the form."""
    form: type[msgspec.Struct] | None = typing.get_type_hints(operation.handler).get("form")
    return operation.binding.body or form


def endless(operation: Operation) -> bool:
    """Say whether the answer is a stream."""
    return typing.get_type_hints(operation.handler).get("return") is EventStream


def ask(operation: Operation, ids: Mapping[str, Any], given: Mapping[str, Any]) -> Ask:
    """Write the request: owned names from `ids`, others from `given`, the rest as short as it may be.

    Where a name is not enough, `given` has it behind the operation's or the struct's.
    """
    values = {**given, **ids}
    path = operation.template.format_map(
        {name: values.get(f"{operation.name}.{name}", values[name]) for name in operation.binding.path_types}
    )
    made = Ask(method=operation.method, path=path, endless=endless(operation))
    if operation.idempotent:
        made = replace(made, headers={"idempotency-key": token()})
    if operation.binding.query is not None:
        made = replace(made, query=sample(operation.binding.query, values, owned(operation)))
    if operation.max_bytes is not None:
        return replace(made, upload=picture(), headers={"content-type": "image/jpeg"})
    struct = body_of(operation)
    if struct is None:
        return made
    body = sample(struct, values, owned(operation))
    return replace(made, json=body) if operation.binding.body else replace(made, form=body)


def sample(struct: type[msgspec.Struct], values: Mapping[str, Any], owned: Collection[str]) -> dict[str, Any]:
    """Fill the required fields of a struct, those that are owned and those that are given by their full name."""
    schema, defs = _schema(struct)
    made: dict[str, Any] = _Filler(defs, values, owned).fill(schema, "")
    return made


@dataclass(frozen=True, slots=True)
class _Filler:
    defs: Mapping[str, Schema]
    values: Mapping[str, Any]
    owned: Collection[str]

    def fill(self, schema: Schema, name: str) -> Any:  # noqa: ANN401 - any JSON
        schema = _resolved(schema, self.defs)
        if "properties" in schema:
            return dict(self._fields(schema))
        known = self.values.get(name, self.values.get(name.rpartition(".")[2]))
        if schema.get("type") == "array":
            return self._list(schema, name, known)
        if known is not None:
            return known
        if "anyOf" in schema:
            return self.fill(schema["anyOf"][0], name)
        return _least(schema)

    def _fields(self, schema: Schema) -> Iterator[tuple[str, Any]]:
        for name, inner in schema["properties"].items():
            full = f"{schema['title']}.{name}"
            mine = bool({name, full} & set(self.owned)) or self._holds_owned(inner)
            if name in schema.get("required", ()) or mine or full in self.values:
                yield name, self.fill(inner, full)

    def _list(self, schema: Schema, name: str, known: Any) -> list[Any]:  # noqa: ANN401 - any JSON
        if known is not None:
            return known if isinstance(known, list) else [known]
        if schema.get("minItems") or self._holds_owned(schema):
            return [self.fill(schema["items"], name)]
        return []

    def _holds_owned(self, schema: Schema) -> bool:
        return any(name in self.owned for name in _names(schema, self.defs))


def _schema(struct: type[msgspec.Struct]) -> tuple[Schema, Mapping[str, Schema]]:
    whole = msgspec.json.schema(struct)
    defs: Mapping[str, Schema] = whole.get("$defs", {})
    return _resolved(whole, defs), defs


def _resolved(schema: Schema, defs: Mapping[str, Schema]) -> Schema:
    return defs[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema


def _names(schema: Schema, defs: Mapping[str, Schema]) -> Iterator[str]:
    """Give the name of every field within, both plain and behind its struct's."""
    schema = _resolved(schema, defs)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield f"{schema['title']}.{name}"
        yield from _names(inner, defs)
    if isinstance(schema.get("items"), dict):
        yield from _names(schema["items"], defs)
    for inner in schema.get("anyOf", ()):
        yield from _names(inner, defs)


def _least(schema: Schema) -> Any:  # noqa: ANN401, PLR0911 - any JSON; one line a type
    if "enum" in schema:
        return schema["enum"][0]
    match schema.get("type"):
        case "string" if schema.get("format") == "date":
            return "2026-11-20"
        case "string":
            return "x" * max(1, schema.get("minLength", 1))
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "object":
            return {}
    return None
