"""The department's side: find one of its certificates, see what was done to it, and how the keys stand."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import NotFound
from server.features.certificates.models import Certificate, CertificateChange, CertificateState, ChangeVerb
from server.features.certificates.schemas import ChangeOut, DeskCertificate, DeskRow
from server.features.certificates.service._changes import MOVES, reached, within
from server.features.certificates.service._keys import lost
from server.features.certificates.service._telling import on_record
from server.features.certificates.service._wallet import cards
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.ports import Signer

_ISSUED = db.Listing(
    "certificate c JOIN certificate_type y ON y.id = c.type_id",
    "c.id",
    {
        "issued": db.By("c.created_at", datetime),
        "type": db.By("y.name", str),
        "until": db.By("coalesce(c.valid_until, '9000-01-01')", date),
        "state": db.By("c.state", str),
    },
)
VERBS = (ChangeVerb.SUSPEND, ChangeVerb.RESUME, ChangeVerb.REVOKE, ChangeVerb.SUPERSEDE)


async def desk(actor: Staff, *, q: str = "", state: str = "") -> db.Found[DeskRow]:
    """List what the actor's departments have issued, the newest first.

    `q` is a certificate's number or its serial, or a matter's number; `state` one of the states, or `asked` for those
    that wait for a second officer.
    """

    async def shown(ids: list[UUID]) -> list[DeskRow]:
        return await _rows(actor, await db.in_order(Certificate, ids))

    rows = _ISSUED.found(shown, usual="-issued").within("c.department_id", await within(actor))
    if q.strip():
        rows = await _sought(rows, q.strip().upper())
    if state == "asked":
        return rows.where("c.id IN (SELECT certificate_id FROM certificate_change WHERE state = 'asked')")
    return rows.where("c.state = {}", state) if state in set(CertificateState) else rows


async def _rows(actor: Staff, found: list[Certificate]) -> list[DeskRow]:
    threads = await thread.many([row.thread_id for row in found])
    asked = set(
        await CertificateChange.filter(certificate_id__in=[row.id for row in found], state="asked").values_list(
            "certificate_id", flat=True
        )
    )
    return [
        DeskRow(card=card, issued_at=row.created_at, thread_number=threads[row.thread_id].number, asked=row.id in asked)
        for row, card in zip(found, await cards(found, actor), strict=True)
    ]


async def _sought(rows: db.Found[DeskRow], q: str) -> db.Found[DeskRow]:
    of_matter = await db.fetchval("SELECT id FROM thread WHERE number = $1", q)
    if of_matter is not None:
        return rows.where("c.thread_id = {}", of_matter)
    return rows.where("c.number = {}" if "." in q else "split_part(c.number, '.', 8) = {}", q)


async def desk_certificate(actor: Staff, signer: Signer, certificate_id: UUID) -> DeskCertificate:
    """Lay one on the desk; who looked is on record. Raises NotFound."""
    row = await (await reached(actor)).get_or_none(id=certificate_id)
    if row is None:
        raise NotFound
    async with db.tx():
        await on_record(actor, "viewed", row)
    changes = await CertificateChange.filter(certificate_id=row.id).order_by("-created_at")
    key_lost = lost(row, signer)
    return DeskCertificate(
        card=(await cards([row], actor))[0],
        number=row.number,
        version=row.version,
        key_id=row.key_id,
        signed_at=row.signed_at,
        key_lost=key_lost,
        thread_number=(await thread.get(row.thread_id)).number,
        changes=await _shown(actor, changes),
        can=_can(row, key_lost=key_lost, asked=any(one.state == "asked" for one in changes)),
    )


def _can(row: Certificate, *, key_lost: bool, asked: bool) -> list[str]:
    if asked:
        return []
    able = [verb.value for verb in VERBS if row.standing in MOVES[verb][0]]
    return [*able, "sign_again"] if key_lost and row.standing is CertificateState.VALID else able


async def _shown(actor: Staff, changes: list[CertificateChange]) -> list[ChangeOut]:
    people = {one for row in changes for one in (row.staff_id, row.answered_by) if one}
    names = {key: name for key, (_, name) in (await identity.staff_labels(list(people))).items()}
    return [
        ChangeOut(
            id=row.id,
            at=row.answered_at or row.created_at,
            verb=row.verb.value,
            basis=row.basis,
            of_matter=row.of_matter,
            state=row.state,
            by=names[row.staff_id] if row.staff_id else None,
            second=names[row.answered_by] if row.answered_by else None,
            can=_answers(actor, row),
        )
        for row in changes
    ]


def _answers(actor: Staff, row: CertificateChange) -> list[str]:
    if row.state != "asked":
        return []
    return ["refuse"] if row.staff_id == actor.staff_id else ["agree", "refuse"]
