"""Properties of the whole register of routes. Who may call each is said by the route; here is what holds for all."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import Any

import pytest

from server.app import create_app
from server.config import Settings
from server.ports import BUCKETS, Ports
from server.web import openapi, routing
from server.web.routing import Operation
from tests.house.tree import files, named, syntax

DEEDS = {"POST", "PUT", "PATCH", "DELETE"}
_ACCESS = re.compile(r"public|anyone|citizen|verified|staff:[a-z_]+(,[a-z_]+)*")
_SEGMENT = re.compile(r"[a-z0-9][a-z0-9._-]*|\{[a-z][a-z0-9_]*\}(\.[a-z]+)?")

# A citizen's deeds that need no Idempotency-Key, and why doing them twice does no harm.
_HARMLESS_TWICE: dict[str, str] = {
    "POST /api/v1/logout": "a session that has ended cannot end again, and its token asks for nothing more",
    "POST /api/v1/files": "the same bytes from the same person are the same file",
    "PUT /api/v1/uploads/{upload_id}/parts/{start}": "a part that is here already changes nothing",
    "POST /api/v1/uploads/{upload_id}/finish": "what is finished is the same file again",
    "DELETE /api/v1/uploads/{upload_id}": "what is gone stays gone",
    "DELETE /api/v1/files/{file_id}": "what is gone stays gone, and says so in the same way",
    "POST /api/v1/inbox/read-all": "read is read",
    "POST /api/v1/inbox/{message_id}/read": "read is read",
    "DELETE /api/v1/inbox/{message_id}": "what is gone stays gone",
    "POST /api/v1/inbox/{message_id}/restore": "what is back stays back",
    "PUT /api/v1/subscriptions/{topic}": "the last choice holds",
    "POST /api/v1/me/data/export": "a copy changes nothing, is counted by the day, and is stored nowhere",
    "DELETE /api/v1/certificates/{certificate_id}/printed-code": "a code that has ended cannot end again",
    "POST /api/v1/certificates/{certificate_id}/presentations": "a second QR lapses in minutes, as the first does",
}


@pytest.fixture(scope="module")
def register(settings: Settings, ports: Ports) -> list[tuple[str, Operation]]:
    return routing.operations(create_app(settings=settings, ports=ports))


@pytest.fixture(scope="module")
def document(settings: Settings, ports: Ports) -> dict[str, Any]:
    app = create_app(settings=settings, ports=ports)
    return openapi.document(app, routing.operations(app))


def test_every_route_says_who_may_call_it(register: list[tuple[str, Operation]]) -> None:
    assert len(register) > 20, "the register looks empty"
    assert not [name for _, operation in register if not _ACCESS.fullmatch(name := operation.access.name)]


def test_the_document_says_it_too(document: dict[str, Any]) -> None:
    operations = [operation for path in document["paths"].values() for operation in path.values()]
    assert operations
    assert not [one["operationId"] for one in operations if not _ACCESS.fullmatch(one.get("x-access", ""))]
    assert not [one["operationId"] for one in operations if one["x-access"] != "public" and not one.get("security")]


def test_the_whole_interface_is_documented(register: list[tuple[str, Operation]], document: dict[str, Any]) -> None:
    missing = [
        f"{operation.method} {path}"
        for path, operation in register
        if path.startswith("/api/") and operation.method.lower() not in document["paths"].get(path, {})
    ]
    assert not missing


def test_deeds_of_citizens_carry_an_idempotency_key(register: list[tuple[str, Operation]]) -> None:
    bare = [
        f"{operation.method} {path}"
        for path, operation in register
        if operation.access.name in {"citizen", "verified"} and operation.method in DEEDS and not operation.idempotent
    ]
    assert not set(bare) - set(_HARMLESS_TWICE)
    assert not set(_HARMLESS_TWICE) - set(bare), "no longer so; take it off the list"


def test_reading_changes_nothing(register: list[tuple[str, Operation]]) -> None:
    assert not [path for path, operation in register if operation.method == "GET" and operation.idempotent]


def test_no_form_is_empty() -> None:
    """A deed of the desk without a form refuses stray fields by itself (`server/web/pages.py`)."""
    empty = [
        f"{named(path)}: {node.name}"
        for path in files(".py", under="server/console")
        for node in ast.walk(syntax(path))
        if isinstance(node, ast.ClassDef)
        and [getattr(base, "id", "") for base in node.bases] == ["Struct"]
        and not any(isinstance(line, ast.AnnAssign) for line in node.body)
    ]
    assert not empty, empty


def test_deeds_of_strangers_are_limited_with_care(register: list[tuple[str, Operation]]) -> None:
    """Whoever is not logged in can guess and flood: such a deed has a bucket that never opens."""
    loose = [
        f"{operation.method} {path}: {operation.limit}"
        for path, operation in register
        if operation.access.name in {"public", "anyone"}
        and operation.method in DEEDS
        and not (operation.limit and BUCKETS[operation.limit].careful)
    ]
    assert not loose


def test_addresses_look_alike(register: list[tuple[str, Operation]]) -> None:
    odd = [path for path, _ in register if not all(map(_SEGMENT.fullmatch, filter(None, path.split("/"))))]
    assert not odd


def test_names_on_the_wire_look_alike(document: dict[str, Any]) -> None:
    odd = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field in schema.get("properties", {})
        if not re.fullmatch(r"[a-z][a-z0-9_]*", field)
    ]
    assert not odd


def test_ids_are_strings(document: dict[str, Any]) -> None:
    odd = [
        f"{name}.{field}"
        for name, schema in document["components"]["schemas"].items()
        for field, kind in schema.get("properties", {}).items()
        if (field == "id" or field.endswith("_id")) and kind.get("type") in {"integer", "number"}
    ]
    assert not odd


def _unbounded(schema: dict[str, Any], where: str, components: dict[str, Any], seen: frozenset[str]) -> Iterator[str]:
    """Give each place of a schema where a text or a list may be as long as the sender likes."""
    if reference := schema.get("$ref"):
        name = reference.rpartition("/")[2]
        if name not in seen:
            yield from _unbounded(components[name], name, components, seen | {name})
    kind = schema.get("type")
    if kind == "string" and not schema.keys() & {"maxLength", "enum", "const", "format", "pattern"}:
        yield where
    if kind == "array":
        if "maxItems" not in schema:
            yield f"{where}[]"
        if isinstance(schema.get("items"), dict):
            yield from _unbounded(schema["items"], f"{where}[]", components, seen)
    for name, inner in schema.get("properties", {}).items():
        yield from _unbounded(inner, f"{where}.{name}", components, seen)
    if isinstance(schema.get("additionalProperties"), dict):
        yield from _unbounded(schema["additionalProperties"], f"{where}.*", components, seen)
    for inner in schema.get("anyOf", []):
        yield from _unbounded(inner, where, components, seen)


def test_what_comes_in_has_an_end(document: dict[str, Any]) -> None:
    """Every text and list in a body has a greatest length."""
    found = set()
    for path in document["paths"].values():
        for operation in path.values():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json")
            if body:
                name = operation["operationId"]
                found |= set(_unbounded(body["schema"], name, document["components"]["schemas"], frozenset()))
    assert not found, "\n".join(sorted(found))
