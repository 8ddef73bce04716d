"""What is known of a code, and the row that every check leaves: read and written for all who check at once.

A check is answered only after its row has been committed. Those who wait share the statement and the commit; whose row
breaks a rule of the tables is found out one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from uuid import UUID

from server import db
from server.features.certificates.models import CertificateState, standing_of
from server.features.thread import service as thread
from server.kit import clock, rotating
from server.kit.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

# Somebody whose screen did not answer taps again: that is the same look.
SAME_LOOK = timedelta(seconds=10)

_COLUMNS = (
    "id", "number", "state", "content_sealed", "payload_sealed", "key_id", "signed_at", "status_index", "valid_until",
    "sample",
)  # fmt: skip

_FOUND = f"""
    SELECT printed.*, showing.certificate_id AS shown_id, showing.shown_at, showing.ended_at, held.*
    FROM unnest($1::text[], $2::text[], $3::text[]) WITH ORDINALITY AS asked (token, name, number, place)
    {thread.CODE_OF.format(kind="certificate")}
    LEFT JOIN LATERAL (SELECT certificate_id, created_at AS shown_at, ended_at FROM certificate_showing
        WHERE certificate_showing.name = asked.name LIMIT 1) AS showing ON true
    LEFT JOIN LATERAL (SELECT {", ".join(_COLUMNS)} FROM certificate
        WHERE id = coalesce(printed.code_subject, showing.certificate_id,
            (SELECT same.id FROM certificate AS same WHERE same.number = asked.number)) LIMIT 1) AS held ON true
    ORDER BY asked.place
"""  # noqa: S608 - our own words

# A code is used up where nothing spoke against it; had it been used by the same scanner before, that is the result.
# The uses are sorted, so that two statements never wait for each other in a circle.
_KEEP = """
    WITH asked AS (
        SELECT * FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::uuid[], $7::text[], $8::text[], $9::text[],
            $10::smallint[], $11::bytea[])
        AS asked (id, certificate_id, token, account_id, result, way, name, step, verifier)),
    used AS (
        INSERT INTO certificate_code_use (name, step, verifier, at)
        SELECT DISTINCT name, step, verifier, $1::timestamptz FROM asked WHERE name IS NOT NULL
        ORDER BY name, step, verifier
        ON CONFLICT (name, step, verifier) DO UPDATE SET at = certificate_code_use.at
        RETURNING name, step, verifier, at)
    INSERT INTO certificate_scan (id, created_at, certificate_id, token, account_id, result, way)
    SELECT asked.id, $1, certificate_id, token, account_id,
        CASE WHEN used.at < $2::timestamptz THEN 'reused' ELSE result END, way
    FROM asked LEFT JOIN used USING (name, step, verifier)
    RETURNING id, result
"""

_lane = db.Lane()


@dataclass(slots=True)
class Seen:
    """What judging reads of a certificate: a model of the whole row costs half as much as the signature."""

    id: UUID
    number: str
    state: str
    content_sealed: bytes
    payload_sealed: bytes | None
    key_id: str
    signed_at: datetime
    status_index: int
    valid_until: date | None
    sample: bool

    @property
    def content(self) -> Any:  # noqa: ANN401 - JSON
        """Open what it says. Raises UnsealError."""
        return db.unseal_json("certificate", "content_sealed", self.id, self.content_sealed)

    @property
    def payload(self) -> str | None:
        """Open the signed message. Raises UnsealError."""
        blob = self.payload_sealed
        return None if blob is None else db.unseal("certificate", "payload_sealed", self.id, blob)

    @property
    def standing(self) -> CertificateState:
        """Say how it stands today."""
        return standing_of(CertificateState(self.state), self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """A code as it is used up: of which showing, which half minute, by whom."""

    name: str
    step: int
    verifier: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanned:
    """What a code led to: the certificate, how, and why not at once ("" if nothing speaks against it)."""

    certificate: Seen | None = None
    way: str = "none"
    refused: str = ""
    use: Use | None = None


NOTHING = Scanned(refused="unknown")


@dataclass(slots=True, kw_only=True)
class Wanted:
    """What one scan is looked up by: a code of either kind; without one, the number that a signed text says."""

    token: str = ""
    shown: rotating.Code | None = None
    number: str | None = None


@dataclass(slots=True, kw_only=True)
class Look:
    """The row one check leaves."""

    scanned: Scanned
    token: str
    account_id: UUID | None
    result: str

    def values(self) -> tuple[object, ...]:
        # A "no" uses nothing up: what is suspended for a moment is not "used before" afterwards.
        found, use = self.scanned.certificate, self.scanned.use if self.result == "valid" else None
        name, step, verifier = (use.name, use.step, use.verifier) if use else (None, None, None)
        token = self.token if found else ""
        return (
            new_id(), found and found.id, token, self.account_id, self.result, self.scanned.way, name, step, verifier,
        )  # fmt: skip


async def found(wanted: list[Wanted], verifiers: list[bytes]) -> list[Scanned]:
    """Find what each scan is of, in order. `verifiers` name who scans."""
    rows = await _lane.fetch(
        _FOUND,
        [one.token for one in wanted],
        [one.shown and one.shown.name for one in wanted],
        [one.number for one in wanted],
    )
    now = clock.now()
    return [_scanned(*each, now) for each in zip(wanted, rows, verifiers, strict=True)]


def _scanned(wanted: Wanted, row: Record, verifier: bytes, now: datetime) -> Scanned:
    if wanted.shown is not None:
        return _shown(wanted.shown, row, verifier, now)
    certificate = _certificate(row)
    if not wanted.token:
        return Scanned(certificate=certificate, way="text")
    if row["code_subject"] is None:
        return NOTHING
    if thread.code_ended(row, now):
        return Scanned(way="printed", refused="code_expired")
    return Scanned(certificate=certificate, way="printed", refused="" if certificate else "unknown")


def _shown(code: rotating.Code, row: Record, verifier: bytes, now: datetime) -> Scanned:
    step = None if row["shown_id"] is None else rotating.step_of(code, secret_of(code.name))
    if step is None:
        return NOTHING
    certificate = _certificate(row)
    if row["ended_at"] is not None:
        return Scanned(certificate=certificate, way="shown", refused="other_device")
    if not rotating.is_current(step, now - row["shown_at"]):
        return Scanned(certificate=certificate, way="shown", refused="code_expired")
    use = Use(name=code.name, step=step, verifier=verifier)
    return Scanned(certificate=certificate, way="shown", use=use)


def _certificate(row: Record) -> Seen | None:
    return None if row["id"] is None else Seen(*map(row.__getitem__, _COLUMNS))


async def keep(looks: list[Look]) -> list[tuple[UUID, str]]:
    """Write the rows and use the codes up; gives each row's id and its result, in order."""
    now = clock.now()
    rows = [look.values() for look in looks]
    columns = [list(column) for column in zip(*rows, strict=True)]
    kept = {row["id"]: row["result"] for row in await _lane.fetch(_KEEP, now, now - SAME_LOOK, *columns)}
    return [(row[0], kept[row[0]]) for row in rows]  # type: ignore[misc]


def secret_of(name: str) -> bytes:
    """Make the secret of a showing: it is nowhere stored."""
    return db.blind_index("certificate.showing", name)
