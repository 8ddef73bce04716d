"""Checking: one answer without login, only what the kind of certificate lets strangers read, never a yes in doubt."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from msgspec import convert

from server import db
from server.actor import Actor, Anonymous, Citizen
from server.errors import Unavailable
from server.features.certificates.models import Certificate, CertificateState
from server.features.certificates.schemas import CheckOut, FieldValue, Result
from server.features.certificates.service._keys import genuine, lost
from server.features.certificates.service._looks import Look, Scanned, Seen, Wanted, found, keep
from server.features.certificates.service._payload import Payload
from server.features.certificates.service._text import judge_text
from server.features.certificates.service._wallet import number_masked
from server.kit import clock, rotating
from server.kit.batching import Batcher
from server.kit.texts import text
from server.ports import OutsideError, Signer

# A code of ours has 22 letters, one that a phone shows 28.
LONGEST_CODE = 64
# What a text is only too old or too early to be sure of, the row knows better.
BY_THE_ROW = ("valid", "unsure", "key_lost")
RESULTS: dict[CertificateState, Result] = {
    CertificateState.VALID: "valid",
    CertificateState.EXPIRED: "expired",
    CertificateState.REVOKED: "revoked",
    CertificateState.SUSPENDED: "suspended",
    CertificateState.SUPERSEDED: "superseded",
}


# Judging takes the process's time: others are let in between.
MOST, LANES, BESIDE = 32, 2, 8


@dataclass(slots=True)
class _Ask:
    """One scan, as it waits. `early`: what a signed text alone was found to be, before anything was looked up."""

    actor: Actor
    signer: Signer
    wanted: Wanted
    written: str
    host: str
    early: str | None = None


async def check(actor: Actor, signer: Signer, scanned: str, host: str) -> CheckOut:
    """Check what was scanned. Every "no" is an answer, not an error; every check is kept, and its holder reads of it.

    `scanned` is a code, the whole address with it, or the signed text alone; where there is a text it must hold, too.
    `host` is the address the scanner should see on the screen.
    """
    address, _, written = scanned.strip().partition("#")
    token = address.rstrip("/").rsplit("/", 1)[-1]
    if not written and len(token) > LONGEST_CODE:
        token, written = "", token
    if not token:
        wanted, early = _of_text(signer, written)
        return await batcher.ask(_Ask(actor, signer, wanted, "", host, early))
    wanted = Wanted(token=token[:LONGEST_CODE], shown=rotating.read(token))
    return await batcher.ask(_Ask(actor, signer, wanted, written, host))


def _of_text(signer: Signer, written: str) -> tuple[Wanted, str]:
    """Read a signed text: it proves what was said, the row by its number how that stands now."""
    try:
        result, payload = judge_text(written, signer, lambda _index: "valid", clock.now())
    except OutsideError:
        return Wanted(), "unsure"
    return Wanted(number=payload.number if payload else None), result


async def _run(asks: list[_Ask]) -> list[CheckOut | Exception]:
    try:
        return await _answers(asks)
    except Unavailable:
        raise
    except Exception as error:  # noqa: BLE001 - one bad ask fails no other: halved until it is alone, it is told to its asker
        half = len(asks) // 2
        return [*await _run(asks[:half]), *await _run(asks[half:])] if half else [error]


batcher: Batcher[_Ask, CheckOut] = Batcher(_run, most=MOST, lanes=LANES, beside=BESIDE)


async def _answers(asks: list[_Ask]) -> list[CheckOut | Exception]:
    told: list[CheckOut | Exception | None] = [None] * len(asks)
    looks: dict[int, tuple[Look, Payload | None]] = {}
    scans = await found([ask.wanted for ask in asks], [_verifier(ask.actor) for ask in asks])
    for place, (ask, scanned) in enumerate(zip(asks, scans, strict=True)):
        try:
            looks[place] = _looked(ask, scanned)
        except Exception as error:  # noqa: BLE001 - it is told to whom it concerns
            told[place] = error
    kept = await keep([look for look, _ in looks.values()]) if looks else []
    for (place, (_, payload)), (look_id, result) in zip(looks.items(), kept, strict=True):
        told[place] = _said(asks[place], convert(result, Result), payload, look_id)
    return [one for one in told if one is not None]


def _looked(ask: _Ask, scanned: Scanned) -> tuple[Look, Payload | None]:
    result, payload = _judged(ask, scanned)
    if ask.written and result == "valid" and payload:
        result = _as_written(ask.written, payload, ask.signer)
    account = ask.actor.account_id if isinstance(ask.actor, Citizen) else None
    return Look(scanned=scanned, token=ask.wanted.token, account_id=account, result=result), payload


def _judged(ask: _Ask, scanned: Scanned) -> tuple[Result, Payload | None]:
    refused = scanned.refused
    if ask.early and (scanned.certificate is None or ask.early not in BY_THE_ROW):
        refused = "unknown" if ask.early == "valid" else ask.early
    if refused or scanned.certificate is None:
        return convert(refused or "unknown", Result), None
    return judged(scanned.certificate, ask.signer)


def _as_written(written: str, payload: Payload, signer: Signer) -> Result:
    """Say whether the text beside a code is a certificate of ours, and the same one."""
    result, said = judge_text(written, signer, lambda _index: "valid", clock.now())
    if said is not None and said.number != payload.number:
        return "altered"
    # A text signed under a key that was lost since: the row has been signed again, and counts.
    return "valid" if result in ("unsure", "key_lost") else convert(result, Result)


def judged(certificate: Certificate | Seen, signer: Signer) -> tuple[Result, Payload | None]:
    """Say how a certificate stands. A seal that cannot be asked proves nothing: `unsure`."""
    try:
        payload = genuine(certificate, signer)
        known = not lost(certificate, signer)
    except OutsideError:
        return "unsure", None
    if payload is None:
        # Issued before certificates were signed in this form: the worker does it within the minute.
        return ("unsure" if certificate.payload_sealed is None else "broken"), None
    if certificate.standing is not CertificateState.VALID:
        return RESULTS[certificate.standing], payload
    if not known:
        return "key_lost", payload
    return ("future" if payload.begins > clock.now() else "valid"), payload


def _said(ask: _Ask, result: Result, payload: Payload | None, look_id: UUID) -> CheckOut:
    if result != "valid" or payload is None:
        return _no(result, ask.actor, ask.host)
    return _yes(payload, ask.actor, ask.host, look_id if isinstance(ask.actor, Citizen) else None)


def _verifier(actor: Actor) -> bytes:
    """Name whoever checks: the login, or the address of somebody not logged in, which is not kept in clear."""
    who = actor.address if isinstance(actor, Anonymous) else str(getattr(actor, "account_id", actor.address))
    return db.blind_index("certificate.verifier", who)


def _no(result: Result, actor: Actor, host: str) -> CheckOut:
    return CheckOut(
        result=result,
        result_text=text(actor.locale, f"certificates.check.{result}"),
        type=None,
        holder=None,
        number_masked=None,
        issuer=None,
        valid_until=None,
        fields=[],
        sample=False,
        checked_at=clock.now(),
        host=host,
        check_id=None,
    )


def _yes(payload: Payload, actor: Actor, host: str, check_id: UUID | None) -> CheckOut:
    return CheckOut(
        result="valid",
        result_text=text(actor.locale, "certificates.check.valid"),
        type=payload.type,
        holder=payload.holder,
        number_masked=number_masked(payload.number),
        issuer=payload.issuer,
        valid_until=(payload.ends - timedelta(days=1)).date() if payload.ends else None,
        fields=[FieldValue(label=label, value=value) for label, value in payload.lines],
        sample=payload.sample,
        checked_at=clock.now(),
        host=host,
        check_id=check_id,
    )
