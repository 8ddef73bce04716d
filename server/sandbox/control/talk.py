"""JSON in and out of the control plane."""

from typing import TypeVar

import msgspec
from sanic import Request
from sanic.response import HTTPResponse

from server.sandbox.gate import world_of
from server.sandbox.state import Phone

__all__ = ["ControlError", "body_of", "encoded", "many_of", "phone_of"]

Body = TypeVar("Body")


class ControlError(Exception):
    """A refusal of the control plane: {"error": {"code", "text"}} with a 4xx status."""

    def __init__(self, status: int, code: str, text: str = "") -> None:
        self.status = status
        self.code = code
        self.text = text
        super().__init__(code)


def encoded(content: object, status: int = 200) -> HTTPResponse:
    body = msgspec.json.encode(content)
    return HTTPResponse(body, status=status, content_type="application/json", headers={"Cache-Control": "no-store"})


def body_of(request: Request, kind: type[Body]) -> Body:
    """An empty body counts as {}."""
    try:
        return msgspec.json.decode(request.body or b"{}", type=kind)
    except (msgspec.DecodeError, RecursionError) as error:  # a ValidationError is a DecodeError
        raise ControlError(422, "invalid_input", str(error)) from None


def many_of(request: Request, kind: type[Body]) -> tuple[list[Body], bool]:
    """One thing or a list of them; the second value says that it was a list, so that the answer is one too."""
    if request.body.lstrip().startswith(b"["):
        return body_of(request, list[kind]), True  # type: ignore[valid-type]
    return [body_of(request, kind)], False


def phone_of(request: Request, key: str) -> Phone:
    phone = world_of(request).phones.get(key)
    if phone is None:
        raise ControlError(404, "no_such_phone", key[:60])
    return phone
