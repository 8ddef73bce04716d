"""Refusals. Each carries a stable code; its text lives in `locales/` under `errors.<code>`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

Param = str | int | date  # a date is written in the reader's way where the refusal is put into words


@dataclass(frozen=True, slots=True)
class FieldError:
    """One wrong field of a body. `path` is dotted (`applicant.document`), `code` names a text `errors.field.<code>`."""

    path: str
    code: str
    params: Mapping[str, Param] = field(default_factory=dict)


class AppError(Exception):
    """A refusal the caller is told about. `params` fill the placeholders of the text; they are never personal data.

    `page` is the phone's page on which the caller goes on instead, with its ids; only the caller's own things.
    """

    status = 400

    def __init__(
        self,
        code: str,
        *,
        fields: tuple[FieldError, ...] = (),
        retry_after: int | None = None,
        page: str | None = None,
        **params: Param,
    ) -> None:
        super().__init__(code)
        self.code = code
        self.fields = fields
        self.retry_after = retry_after
        self.page = page
        self.params = params


class InvalidInput(AppError):
    """What was sent cannot be understood or breaks a rule of its own; nothing was done (422)."""

    status = 422


class Malformed(AppError):
    """The request itself is broken: not JSON, wrong encoding, missing header (400)."""

    status = 400


class Unauthenticated(AppError):
    """Nobody is logged in, or the session has ended (401)."""

    status = 401


class Forbidden(AppError):
    """Logged in, but this deed is not theirs to do (403). Never used to hide rows: those are `NotFound`."""

    status = 403


class NotFound(AppError):
    """Absent, or somebody else's: the two look the same (404)."""

    status = 404

    def __init__(self, code: str = "not_found", **params: Param) -> None:
        super().__init__(code)
        self.params = params


class Conflict(AppError):
    """The thing is not in a state that allows this, or somebody was faster (409)."""

    status = 409


class Gone(AppError):
    """It was valid once and has ended: a code, a link, a hold (410)."""

    status = 410


class TooLarge(AppError):
    """More bytes than are taken (413)."""

    status = 413


class TooMany(AppError):
    """Asked too often; `retry_after` is in seconds (429)."""

    status = 429


class Unavailable(AppError):
    """Something outside is down; nothing was lost and it can be tried again (503)."""

    status = 503
