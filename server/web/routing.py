"""`route`: one handler, everything around it decided at registration."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from sanic import Blueprint, HTTPResponse, Request, Sanic

from server.web import events, idempotency, limits, replies, uploads
from server.web.access import Policy
from server.web.binding import Asked, Binding, Handler, bind, is_nothing, template_of

H = TypeVar("H", bound=Handler)
Serve = Callable[..., Awaitable[HTTPResponse | None]]
_PARAMETER = re.compile(r"\{\w+\}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """What is known about one route: for serving it, for OpenAPI, and for the tests of the whole register."""

    name: str
    method: str
    template: str
    access: Policy
    handler: Handler
    binding: Binding
    status: int
    idempotent: bool
    limit: str | None
    max_bytes: int | None
    hidden: bool
    page: bool = False


def route(  # noqa: PLR0913 - each is one promise of a route, and all but the first three have a name
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    access: Policy,
    status: int = 200,
    idempotent: bool = False,
    limit: str | None = "default",
    max_bytes: int | None = None,
    hidden: bool = False,
) -> Callable[[H], H]:
    """Register a handler. Its parameters are filled by name and type (see `binding`).

    `status` of the answer (None as return annotation makes it 204). `idempotent` requires an Idempotency-Key.
    `limit` names a rate limit, None for none. `max_bytes` makes it an upload: the handler takes `upload: Upload`.
    `hidden` keeps it out of OpenAPI. Raises TypeError or ValueError for anything that cannot work.
    """

    def register(handler: H) -> H:
        binding = bind(handler, path)
        operation = Operation(
            name=f"{blueprint.name}.{handler.__name__}",
            method=method,
            template=(blueprint.url_prefix or "") + template_of(path),
            access=access,
            handler=handler,
            binding=binding,
            status=204 if is_nothing(binding.returns) and status == 200 else status,
            idempotent=idempotent,
            limit=None if limit is None else limits.known(limit),
            max_bytes=max_bytes,
            hidden=hidden,
        )
        _check(operation)
        attach(blueprint, operation, _server(operation))
        return handler

    return register


def attach(blueprint: Blueprint, operation: Operation, serve: Serve) -> None:
    """Hang an operation into Sanic's router."""
    serve.__name__ = operation.handler.__name__
    serve.operation = operation  # type: ignore[attr-defined]
    methods = ["GET", "HEAD"] if operation.method == "GET" else [operation.method]
    blueprint.add_route(
        serve,  # type: ignore[arg-type]
        operation.binding.path,
        methods=methods,
        name=operation.handler.__name__,
        stream=operation.max_bytes is not None,
        unquote=True,
    )


def operations(app: Sanic[Any, Any]) -> list[tuple[str, Operation]]:
    """List every route as (`/path/{parameter}`, operation). Raises RuntimeError for one without access, or doubled."""
    found: list[tuple[str, Operation]] = []
    taken: dict[tuple[str, str], str] = {}
    for known in app.router.routes:
        operation = getattr(known.handler, "operation", None)
        if operation is None:
            msg = f"/{known.uri} was not registered by server.web.route: nobody said who may call it"
            raise RuntimeError(msg)
        same = (operation.method, _PARAMETER.sub("{}", operation.template))
        if same in taken:
            msg = f"{operation.method} {operation.template} is registered by {taken[same]} and by {operation.name}"
            raise RuntimeError(msg)
        taken[same] = operation.name
        found.append((operation.template, operation))
    return sorted(found, key=lambda pair: (pair[0], pair[1].method))


def _check(operation: Operation) -> None:
    binding = operation.binding
    wrong = None
    if getattr(operation.access, "admit", None) is None:
        wrong = "access= must be one of server.web.access"
    elif binding.takes_upload != (operation.max_bytes is not None):
        wrong = "an upload needs both max_bytes= and a parameter of type Upload"
    elif binding.takes_claim and not operation.idempotent:
        wrong = "a Claim needs idempotent=True"
    elif operation.method in ("GET", "DELETE") and binding.body is not None:
        wrong = f"{operation.method} takes no body"
    if wrong:
        msg = f"{operation.name}: {wrong}"
        raise TypeError(msg)


def _server(operation: Operation) -> Serve:
    if operation.max_bytes is None:

        async def serve(request: Request, **path: Any) -> HTTPResponse | None:
            return await _answer(operation, await _asked(operation, request, path))

    else:
        most = operation.max_bytes

        async def serve(request: Request, **path: Any) -> HTTPResponse | None:
            asked = await _asked(operation, request, path)
            async with uploads.received(request, most) as upload:
                asked.upload = upload
                return await _answer(operation, asked)

    return serve


async def _asked(operation: Operation, request: Request, path: dict[str, Any]) -> Asked:
    actor = await operation.access.admit(request)
    if operation.limit is not None:
        await limits.check(request, operation.limit, actor)
    return Asked(request, actor, path)


async def _answer(operation: Operation, asked: Asked) -> HTTPResponse | None:
    if operation.idempotent:
        asked.claim = idempotency.claim_of(asked.request, asked.actor, asked.upload)
    arguments = operation.binding.arguments(asked)
    if asked.claim is None or operation.binding.takes_claim:
        result = await operation.handler(**arguments)
        if isinstance(result, events.EventStream):
            await events.send(asked.request, result)
            return None
        return replies.render(result, operation.status)
    return await idempotency.once(asked.claim, lambda: _handled(operation, arguments))


async def _handled(operation: Operation, arguments: dict[str, Any]) -> HTTPResponse:
    return replies.render(await operation.handler(**arguments), operation.status)
