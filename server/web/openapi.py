"""The interface, written down from the routes' own structs."""

from __future__ import annotations

import typing
from typing import TYPE_CHECKING, Any

import msgspec
from sanic import HTTPResponse

from server.web import idempotency, problems
from server.web.binding import is_nothing
from server.web.events import EventStream
from server.web.replies import Encoded, Raw, Redirect, Reply

if TYPE_CHECKING:
    from sanic import Sanic

    from server.web.routing import Operation

_REF = "#/components/schemas/{name}"
_PROBLEM = {"$ref": _REF.format(name="Problem")}
_SECURITY = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "console": {"type": "apiKey", "in": "cookie", "name": "onetrip_console"},
}
_FILE = {"type": "string", "format": "binary"}


def document(app: Sanic[Any, Any], listed: list[tuple[str, Operation]]) -> dict[str, Any]:
    """Make the OpenAPI 3.1 document of every route that is not hidden."""
    shown = [(path, operation) for path, operation in listed if not operation.hidden and not operation.page]
    schemas = _Schemas([operation for _, operation in shown])
    paths: dict[str, dict[str, Any]] = {}
    for path, operation in shown:
        paths.setdefault(path, {})[operation.method.lower()] = _described(operation, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "OneTrip", "version": "1"},
        "servers": [{"url": app.ctx.settings.public_url}],
        "paths": paths,
        "components": {"schemas": schemas.components, "securitySchemes": _SECURITY},
    }


class _Schemas:
    """Every struct the routes speak of, each once, by name."""

    def __init__(self, operations: list[Operation]) -> None:
        kinds: list[Any] = [problems.Problem]
        for operation in operations:
            kinds += [kind for kind in _spoken(operation) if kind not in kinds]
        found, self.components = msgspec.json.schema_components(kinds, ref_template=_REF)
        self._known = list(zip(kinds, found, strict=True))

    def of(self, kind: Any) -> dict[str, Any]:  # noqa: ANN401 - any annotation
        """Give the schema, or the reference to it, of a type a route speaks of."""
        return next(schema for known, schema in self._known if known == kind)

    def fields(self, struct: type[msgspec.Struct]) -> dict[str, Any]:
        """Give the whole object schema of a struct."""
        schema = self.of(struct)
        name = schema["$ref"].rpartition("/")[2]
        whole: dict[str, Any] = self.components[name]
        return whole


def _spoken(operation: Operation) -> list[Any]:
    binding = operation.binding
    kinds: list[Any] = [*binding.path_types.values()]
    kinds += [kind for kind in (binding.body, binding.query) if kind is not None]
    given = _given(binding.returns)
    return kinds if given is None else [*kinds, given]


def _given(returns: Any) -> Any:  # noqa: ANN401 - any annotation
    """Give the JSON type of a return annotation, or None when the answer is not JSON."""
    if typing.get_origin(returns) in (Encoded, Reply):
        return typing.get_args(returns)[0]
    if is_nothing(returns) or returns in (Raw, Redirect, EventStream):
        return None
    if isinstance(returns, type) and issubclass(returns, HTTPResponse):
        return None
    return returns


def _described(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    described: dict[str, Any] = {
        "operationId": operation.name,
        "tags": [operation.name.partition(".")[0]],
        "summary": (operation.handler.__doc__ or "").strip().partition("\n")[0],
        "x-access": operation.access.name,
        "parameters": _parameters(operation, schemas),
        "responses": _responses(operation, schemas),
    }
    if operation.access.secured_by:
        described["security"] = [{name: []} if name else {} for name in operation.access.secured_by]
    if operation.binding.body is not None:
        described["requestBody"] = _content("application/json", schemas.of(operation.binding.body))
    elif operation.max_bytes is not None:
        form = {"type": "object", "required": ["file"], "properties": {"file": _FILE}}
        described["requestBody"] = _content("multipart/form-data", form)
    return described


def _parameters(operation: Operation, schemas: _Schemas) -> list[dict[str, Any]]:
    binding = operation.binding
    parameters = [
        {"name": name, "in": "path", "required": True, "schema": schemas.of(kind)}
        for name, kind in binding.path_types.items()
    ]
    if binding.query is not None:
        whole = schemas.fields(binding.query)
        parameters += [
            {"name": name, "in": "query", "required": name in whole.get("required", ()), "schema": schema}
            for name, schema in whole["properties"].items()
        ]
    if operation.idempotent:
        schema = {"type": "string", "minLength": 8, "maxLength": 64}
        parameters.append({"name": "Idempotency-Key", "in": "header", "required": True, "schema": schema})
    return parameters


def _responses(operation: Operation, schemas: _Schemas) -> dict[str, Any]:
    given = _given(operation.binding.returns)
    good: dict[str, Any] = {"description": operation.status.__str__()}
    if given is not None:
        good |= _content("application/json", schemas.of(given), required=False)
    elif operation.binding.returns is Raw:
        good |= _content("application/octet-stream", _FILE, required=False)
    refused = {"description": "problem", **_content(problems.CONTENT_TYPE, _PROBLEM, required=False)}
    if operation.idempotent:
        header = {"schema": {"type": "string", "const": "true"}, "description": f"sent again: {idempotency.HEADER}"}
        good["headers"] = {"Idempotency-Replayed": header}
    return {str(operation.status): good, "default": refused}


def _content(kind: str, schema: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    content: dict[str, Any] = {"content": {kind: {"schema": schema}}}
    return {"required": True, **content} if required else content
