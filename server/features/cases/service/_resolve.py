"""Where each paper comes from: what an office already has is not asked of the person."""

from __future__ import annotations

from uuid import UUID

from server.features.cases.models import EDITABLE, Case, Material
from server.features.catalogue.service import MaterialRule
from server.features.certificates import service as certificates

CERTIFICATE = "certificate"
WINDOW = "window"
PLEDGE = "pledge"
REFERENCE = "reference"


async def on_hand(case: Case, rules: list[MaterialRule], uploaded: set[str]) -> dict[str, certificates.Held]:
    """Find the certificates that stand in for papers nobody has uploaded, by the line of the guide."""
    wanted = {
        rule.key: rule.certificate_type
        for rule in rules
        if rule.certificate_type is not None and rule.exempt is None and rule.key not in uploaded
    }
    found = await certificates.held(set(wanted.values()), person_id=case.person_id, enterprise_id=case.enterprise_id)
    return {key: found[kind] for key, kind in wanted.items() if kind in found}


async def keep_certificates(case: Case, held: dict[str, certificates.Held]) -> None:
    """Write down which certificates stand for which papers, in the caller's transaction: exactly these."""
    await Material.filter(case_id=case.id, source=CERTIFICATE).delete()
    await Material.bulk_create(
        [
            Material(case_id=case.id, rule_key=key, source=CERTIFICATE, certificate_id=one.id)
            for key, one in held.items()
        ]
    )


async def standing_in(case: Case, rules: list[MaterialRule], rows: list[Material]) -> set[str]:
    """Name the lines a certificate stands for: those found now while it is written, those written down afterwards."""
    if case.state in EDITABLE:
        return set(await on_hand(case, rules, {row.rule_key for row in rows if row.file_id}))
    return {row.rule_key for row in rows if row.source == CERTIFICATE}


async def held_by_office(case_id: UUID) -> set[str]:
    """Name the lines of a case for which a certificate lies with it: asking for them again is refused."""
    rows = await Material.filter(case_id=case_id, source=CERTIFICATE)
    return {row.rule_key for row in rows}


async def at_window(case_id: UUID) -> set[str]:
    """Name the lines whose paper was taken in at a window."""
    return {row.rule_key for row in await Material.filter(case_id=case_id, source=WINDOW)}
