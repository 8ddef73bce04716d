"""The end of a certificate's days: the holder is reminded in good time, and told when it is over."""

from __future__ import annotations

from datetime import timedelta

from server import db
from server.actor import System
from server.features.certificates.messages import Ending
from server.features.certificates.models import (
    Certificate,
    CertificateChange,
    CertificateState,
    CertificateType,
    ChangeVerb,
)
from server.features.certificates.service._changes import apply, tell
from server.kit import clock
from server.kit.months import add_months
from server.kit.spoken import told
from server.kit.texts import SOURCE, text

CLOCK = System(name="certificates")
# A renewal takes twenty working days at most: a month and a half before, a week before.
REMIND_BEFORE = (timedelta(days=45), timedelta(days=7))
A_ROUND = 200


async def end_expired() -> int:
    """Expire what was valid until yesterday; gives how many, so that the worker goes on."""
    over = Certificate.filter(state=CertificateState.VALID, valid_until__lt=clock.today()).order_by("valid_until", "id")
    found = await over.limit(A_ROUND).values_list("id", flat=True)
    for certificate_id in found:
        async with db.tx():
            row = await Certificate.filter(id=certificate_id).select_for_update().get()
            if row.standing is CertificateState.EXPIRED and row.state is CertificateState.VALID:
                await CertificateChange.filter(certificate_id=row.id, state="asked").update(state="refused")
                await CertificateChange.create(
                    certificate_id=row.id,
                    verb=ChangeVerb.EXPIRE,
                    basis=await _basis(row),
                    state="done",
                    of_matter=False,
                )
                await apply(CLOCK, row, ChangeVerb.EXPIRE)
    return len(found)


async def _basis(row: Certificate) -> str:
    """Say on what its end rests: the days it was issued for, and the rule they came from."""
    kind = await CertificateType.get(id=row.type_id)
    months = kind.validity_months
    by_kind = months is not None and add_months(row.valid_from, months) == row.valid_until
    rule = text(SOURCE, "certificates.ended.by_kind", type=kind.name, months=months or 0)
    return told(
        SOURCE,
        "certificates.ended.basis",
        {
            "begins": row.valid_from,
            "ends": row.valid_until,
            "rule": rule if by_kind else text(SOURCE, "certificates.ended.by_guide"),
        },
    )


async def remind_of_endings() -> int:
    """Remind the holders of what ends in so many days; twice a day says it once."""
    days = [clock.today() + before for before in REMIND_BEFORE]
    said = 0
    for row in await Certificate.filter(state=CertificateState.VALID, valid_until__in=days).order_by("id"):
        async with db.tx():
            await tell(row, Ending, of=f"{row.valid_until}:{clock.today()}")
        said += 1
    return said
