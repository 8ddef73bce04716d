"""Where each paper comes from: what an office already has is not asked of the person."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.features.cases.models import EDITABLE, Case, Material
from server.features.cases.service import _earlier
from server.features.cases.service._earlier import EARLIER, Earlier
from server.features.catalogue.service import MaterialRule
from server.features.certificates import service as certificates

CERTIFICATE = "certificate"
WINDOW = "window"
PLEDGE = "pledge"
REFERENCE = "reference"
# What the office has already: found by itself, and never asked for.
FOUND = (CERTIFICATE, EARLIER)


@dataclass(frozen=True, slots=True)
class OnHand:
    """What stands in for papers nobody has handed in, by the line of the guide: a certificate, or an earlier paper."""

    certificates: dict[str, certificates.Held]
    earlier: dict[str, Earlier]

    @property
    def keys(self) -> set[str]:
        """Name the lines."""
        return {*self.certificates, *self.earlier}


@dataclass(frozen=True, slots=True)
class Standing:
    """The same for a case as it is shown: found now while it is written, written down afterwards."""

    certified: set[str]
    earlier: dict[str, Earlier]

    @property
    def keys(self) -> set[str]:
        """Name the lines."""
        return {*self.certified, *self.earlier}


async def on_hand(case: Case, rules: list[MaterialRule], given: set[str]) -> OnHand:
    """Find what stands in for papers nobody has handed in; a certificate goes before an earlier paper.

    What a case has taken over before stays, however old it has become by now.
    """
    wanted = {
        rule.key: rule.certificate_type
        for rule in rules
        if rule.certificate_type is not None and rule.exempt is None and rule.key not in given
    }
    held = await certificates.held(set(wanted.values()), person_id=case.person_id, enterprise_id=case.enterprise_id)
    certified = {key: held[kind] for key, kind in wanted.items() if kind in held}
    left = [rule for rule in rules if _earlier.reusable(rule) and rule.key not in {*certified, *given}]
    if not left:
        return OnHand(certified, {})
    before = _earlier.written(await _earlier.fitting(case.id))
    earlier = {rule.key: before[rule.key] for rule in left if rule.key in before}
    earlier |= await _earlier.found(case, [rule for rule in left if rule.key not in earlier])
    return OnHand(certified, earlier)


async def keep(case: Case, found: OnHand) -> None:
    """Write down what stands for which papers, in the caller's transaction: exactly this."""
    await Material.filter(case_id=case.id, source=CERTIFICATE).delete()
    await Material.bulk_create(
        [
            Material(case_id=case.id, rule_key=key, source=CERTIFICATE, certificate_id=one.id)
            for key, one in found.certificates.items()
        ]
    )
    await _earlier.keep(case, found.earlier)


async def standing_in(case: Case, rules: list[MaterialRule], rows: list[Material]) -> Standing:
    """Say what stands in for papers: what is found now while it is written, what was written down afterwards."""
    if case.state in EDITABLE:
        here = await on_hand(case, rules, handed_in(rows))
        return Standing(set(here.certificates), here.earlier)
    return Standing({row.rule_key for row in rows if row.source == CERTIFICATE}, _earlier.written(rows))


def handed_in(rows: list[Material]) -> set[str]:
    """Name the lines with files of this very application."""
    return {row.rule_key for row in rows if row.file_id and row.source not in FOUND}


async def held_by_office(case_id: UUID) -> set[str]:
    """Name the lines of a case for which the office has something already: asking for them again is refused.

    An earlier paper that an officer has found unfit is nothing.
    """
    certified = await Material.filter(case_id=case_id, source=CERTIFICATE)
    return {row.rule_key for row in (*certified, *await _earlier.fitting(case_id))}


async def at_window(case_id: UUID) -> set[str]:
    """Name the lines whose paper was taken in at a window."""
    return {row.rule_key for row in await Material.filter(case_id=case_id, source=WINDOW)}
