"""The interface as a document for machines and as a page for people."""

from __future__ import annotations

import json
from itertools import groupby
from typing import Any

from sanic import Blueprint, HTTPResponse, Request, Sanic

from server.web import access, html, openapi, routing
from server.web.replies import Raw
from server.web.routing import route

blueprint = Blueprint("docs")


@route(blueprint, "GET", "/openapi.json", access=access.public, hidden=True)
async def machine_readable(request: Request) -> Raw:
    """Give the OpenAPI document."""
    return Raw(body=written(request.app), content_type="application/json")


@route(blueprint, "GET", "/docs", access=access.public, hidden=True)
async def readable(request: Request) -> HTTPResponse:
    """Show every operation, grouped by feature."""
    document = json.loads(written(request.app))
    listed = [
        {"method": method.upper(), "path": path, **_bodies(operation), **operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    listed.sort(key=lambda one: one["tags"])
    groups = [(tag, list(operations)) for tag, operations in groupby(listed, key=lambda one: one["tags"][0])]
    schemas = sorted(document["components"]["schemas"].items())
    return html.page(request, "docs.html", {"groups": groups, "schemas": schemas})


def written(app: Sanic[Any, Any]) -> bytes:
    """Write the OpenAPI document; it cannot change while the process lives."""
    known: bytes | None = getattr(app.ctx, "openapi", None)
    if known is None:
        document = openapi.document(app, routing.operations(app))
        known = app.ctx.openapi = json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True).encode()
    return known


def _bodies(operation: dict[str, Any]) -> dict[str, Any]:
    gives = [(status, _schema(answer)) for status, answer in operation["responses"].items() if status != "default"]
    return {"takes": _schema(operation.get("requestBody", {})), "gives": gives}


def _schema(described: dict[str, Any]) -> Any:  # noqa: ANN401 - JSON
    for content in described.get("content", {}).values():
        return content["schema"]
    return None
