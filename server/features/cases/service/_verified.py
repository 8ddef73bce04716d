"""Facts that a rule may rest on: each from an office, none from what somebody has merely typed."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, time

from server import db
from server.errors import AppError
from server.features.cases.models import Case, CaseState
from server.features.cases.schemas import Trace
from server.features.cases.service._known import verified_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, Rule
from server.features.certificates import service as certificates
from server.features.identity import service as identity
from server.kit import clock, masking
from server.kit.months import add_months
from server.ports import Checked, IdentityCheck, OutsideError

TAIL = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Whether it holds, and by what: what was said, whose word it is, since when."""

    held: bool
    said: str = ""
    of: str = ""
    on: date | None = None


@dataclass(frozen=True, slots=True)
class About:
    """Whom the rules are asked about. `register`: what it answered just now; None where it did not answer."""

    case: Case
    guide: GuideView
    register: Checked | None


async def ask_register(checker: IdentityCheck, case: Case, guide: GuideView) -> Checked | None:
    """Ask the register about the applicant's name and number, where a rule rests on it; None if nobody answers.

    It is an outside system: called outside any transaction.
    """
    rules = guide.content.by_rules.rules if guide.content.by_rules else []
    if case.enterprise_id is not None or not any(rule.fact == "identity" for rule in rules):
        return None
    person = await identity.person(case.person_id)
    try:
        return await checker.person(kind=person.document_kind, name=person.name, number=person.number)
    except OutsideError:
        return None


async def trace(about: About, rule: Rule) -> Trace:
    """Find out whether one rule holds, in the caller's transaction; a source that fails has not said yes."""
    found: Found | None = None
    try:
        async with db.savepoint():
            found = await _READ[rule.fact](about, rule)
    except AppError:
        found = None
    line = Trace(key=rule.key, name=rule.name, fact=rule.fact, held="down", read_at=clock.now())
    if found is not None:
        line.held = "yes" if found.held else "no"
        line.said, line.of, line.on = found.said, found.of, found.on
    return line


async def _identity(about: About, _rule: Rule) -> Found | None:
    if about.register is None:
        return None
    person = await identity.person(about.case.person_id)
    return Found(held=about.register is Checked.MATCH, said=masking.document(person.number), on=clock.today())


async def _age(about: About, rule: Rule) -> Found | None:
    age = None if about.case.enterprise_id else (await identity.person(about.case.person_id)).age
    if age is None:
        # A passport does not say.
        return Found(held=False)
    return Found(held=(rule.least or 0) <= age and (rule.most is None or age <= rule.most), said=str(age))


async def _certificate(about: About, rule: Rule) -> Found | None:
    one = await _held(about, rule, suspended_too=False)
    return (
        Found(held=False) if one is None else Found(held=True, said=one.number[-TAIL:], of=one.type, on=one.valid_from)
    )


async def _no_certificate(about: About, rule: Rule) -> Found | None:
    # One that is suspended is still theirs: they are not somebody who has none.
    one = await _held(about, rule, suspended_too=True)
    return (
        Found(held=True) if one is None else Found(held=False, said=one.number[-TAIL:], of=one.type, on=one.valid_from)
    )


async def _held(about: About, rule: Rule, *, suspended_too: bool) -> certificates.Held | None:
    kind, case = rule.certificate_type or "", about.case
    found = await certificates.held(
        {kind}, person_id=case.person_id, enterprise_id=case.enterprise_id, suspended_too=suspended_too
    )
    return found.get(kind)


async def _certificate_says(about: About, rule: Rule) -> Found | None:
    case = about.case
    lines = await certificates.facts(
        {rule.certificate_type or ""}, person_id=case.person_id, enterprise_id=case.enterprise_id
    )
    newest = next((one for one in reversed(lines) if one.key == rule.line), None)
    if newest is None:
        return Found(held=False)
    held = bool(rule.begins) and newest.value.startswith(rule.begins or "")
    return Found(held=held, said=newest.value, of=newest.type, on=newest.valid_from)


async def _granted(about: About, rule: Rule) -> Found | None:
    case = about.case
    item = await catalogue.item_by_code(rule.item or "")
    rows = Case.filter(item_id=item.id, state=CaseState.GRANTED, enterprise_id=case.enterprise_id).exclude(id=case.id)
    rows = rows if case.enterprise_id else rows.filter(person_id=case.person_id)
    if rule.months is not None:
        since = datetime.combine(add_months(clock.today(), -rule.months), time(), clock.SHANGHAI)
        rows = rows.filter(decided_at__gte=since)
    newest = await rows.order_by("-decided_at").first()
    if newest is None or newest.decided_at is None:
        return Found(held=False, of=item.name)
    return Found(held=True, of=item.name, on=newest.decided_at.astimezone(clock.SHANGHAI).date())


async def _not_granted(about: About, rule: Rule) -> Found | None:
    found = await _granted(about, rule)
    return None if found is None else Found(held=not found.held, of=found.of, on=found.on)


async def _answer(about: About, rule: Rule) -> Found | None:
    case = about.case
    fields = [field for field in about.guide.content.form if field.key == rule.field]
    answers, sources = await verified_of(fields, case.person_id, case.enterprise_id)
    known = answers.get(rule.field or "")
    if known is None:
        return Found(held=False)
    source = sources[rule.field or ""]
    return Found(held=case.form.get(rule.field or "") == known, of=source.name or "", on=source.on)


_READ: dict[str, Callable[[About, Rule], Awaitable[Found | None]]] = {
    "identity": _identity,
    "age": _age,
    "certificate": _certificate,
    "certificate_says": _certificate_says,
    "no_certificate": _no_certificate,
    "granted": _granted,
    "not_granted": _not_granted,
    "answer": _answer,
}
