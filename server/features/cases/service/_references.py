"""An approval given by its name and number instead of a copy (notice row 62): checked in form, then looked up.

The front desk or the department looks it up and writes down whether it was found; nothing is granted on one that was
not. Nobody who has named it is asked for a copy, unless it could not be found.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases.models import ApprovalReference, Case, Material, MaterialCheck
from server.features.cases.schemas import ReferenceIn, ReferenceOut
from server.features.cases.service._desk import case_for
from server.features.cases.service._front import on_record
from server.features.cases.service._resolve import REFERENCE
from server.features.cases.service._rules import asked_materials, asked_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import MaterialRule
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import clock

# A number is made of words, figures, brackets, dashes and these; of nothing else.
_BETWEEN = frozenset("·./、 ")
_BRACKETS = frozenset({"Ps", "Pe", "Pd"})
SHORTEST, LONGEST = 4, 60


def allows(rules: Iterable[MaterialRule]) -> bool:
    """Say whether a guide lets an approval be named instead of handed in."""
    return any(rule.by_reference for rule in rules)


def checked(rules: Iterable[MaterialRule], given: Sequence[ReferenceIn], *, finished: bool) -> dict[str, ReferenceIn]:
    """Give the references in their canonical form by line; half a one is let pass until it is `finished`.

    Raises InvalidInput, everything at once: at `materials.<line>`, `.name` or `.number`.
    """
    lines = {rule.key: rule for rule in rules}
    wrong: list[FieldError] = []
    kept: dict[str, ReferenceIn] = {}
    for one in given:
        path = f"materials.{one.key}"
        if one.key not in lines:
            wrong.append(FieldError(path, "unknown_field"))
        elif not lines[one.key].by_reference:
            wrong.append(FieldError(path, "not_by_reference"))
        elif one.key in kept:
            wrong.append(FieldError(path, "duplicate"))
        else:
            kept[one.key] = plain = ReferenceIn(key=one.key, name=_plain(one.name), number=_plain(one.number))
            wrong += _faults(plain, path) if finished else []
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    return kept


def _plain(said: str) -> str:
    """Write it without spaces that nobody sees."""
    return " ".join("".join(" " if unicodedata.category(sign) in ("Zs", "Cc", "Cf") else sign for sign in said).split())


def _is_number(said: str) -> bool:
    made = all(sign.isalnum() or sign in _BETWEEN or unicodedata.category(sign) in _BRACKETS for sign in said)
    return SHORTEST <= len(said) <= LONGEST and made and any(sign.isdigit() for sign in said)


def _faults(one: ReferenceIn, path: str) -> list[FieldError]:
    found = [FieldError(f"{path}.{part}", "missing") for part in ("name", "number") if not getattr(one, part)]
    if one.name and not any(sign.isalpha() for sign in one.name):
        found.append(FieldError(f"{path}.name", "bad_format"))
    if one.number and not _is_number(one.number):
        found.append(FieldError(f"{path}.number", "reference_number"))
    return found


async def keep(case: Case, rules: Iterable[MaterialRule], given: Collection[ReferenceIn]) -> None:
    """Write down exactly these. What is named as before stays as it was looked up."""
    if not allows(rules):
        return
    keys = [one.key for one in given]
    await ApprovalReference.filter(case_id=case.id).exclude(rule_key__in=keys).delete()
    await Material.filter(case_id=case.id, source=REFERENCE).delete()
    for one in given:
        await _put(case, one)


async def _put(case: Case, one: ReferenceIn) -> None:
    said = {"name": one.name, "number": one.number}
    row = await ApprovalReference.get_or_none(case_id=case.id, rule_key=one.key)
    if row is None or row.said != said:
        await ApprovalReference.filter(case_id=case.id, rule_key=one.key).delete()
        row = ApprovalReference(case_id=case.id, rule_key=one.key)
        row.said = said
        await row.save(force_create=True)
    await Material(case_id=case.id, rule_key=one.key, source=REFERENCE).save(force_create=True)


@db.transactional
async def note_reference(actor: Staff, case_id: UUID, given: ReferenceIn) -> None:
    """Write down at a window what the applicant says of an approval, in place of any paper. Refuses as `checked`."""
    case = await case_for(actor, "check", case_id)
    guide = await catalogue.guide(case.guide_id)
    rules = asked_materials(asked_of(guide, case.situation), case.form)
    plain = checked(rules, [given], finished=True)[given.key]
    if await Material.filter(case_id=case.id, rule_key=plain.key).exclude(source__in=(REFERENCE, "window")).exists():
        raise Conflict("cases.reference_needless")
    await Material.filter(case_id=case.id, rule_key=plain.key).delete()
    await MaterialCheck.filter(case_id=case.id, rule_key=plain.key).delete()
    await _put(case, plain)
    await on_record(actor, "cases.reference_noted", case, key=plain.key)


@db.transactional
async def look_up(actor: Staff, case_id: UUID, key: str, *, found: bool, words: str = "") -> None:
    """Write down whether an approval was found under its number; one that was not needs words. Who looks again may.

    Refuses `cases.no_reference`, `cases.reason_needed`, and what `require` refuses.
    """
    said = await documents.printable(words) if words.strip() else None
    case = await case_for(actor, "look_up", case_id)
    row = await ApprovalReference.filter(case_id=case.id, rule_key=key).select_for_update().get_or_none()
    if row is None:
        raise Conflict("cases.no_reference")
    if not found and said is None:
        raise InvalidInput("cases.reason_needed", fields=(FieldError("words", "required"),))
    row.verdict, row.words = "found" if found else "not_found", said
    row.looked_by, row.looked_at = actor.staff_id, clock.now()
    await row.save(update_fields=["verdict", "words_sealed", "looked_by", "looked_at"])
    await case.move("look_up", actor)
    step = "cases.reference_found" if found else "cases.reference_not_found"
    await thread.record(case.thread_id, step, actor, case_id=str(case.id))
    await on_record(actor, step, case, key=key)


async def require_found(case: Case) -> None:
    """Grant only on approvals that were found. Refuses `cases.reference_open`, `cases.reference_not_found`."""
    verdicts = [row.verdict for row in await ApprovalReference.filter(case_id=case.id)]
    if None in verdicts:
        raise Conflict("cases.reference_open")
    if "not_found" in verdicts:
        raise Conflict("cases.reference_not_found")


async def references_of(case: Case, rules: list[MaterialRule]) -> dict[str, ReferenceOut]:
    """Show what was named, by line of the guide, and what came of looking."""
    if not allows(rules):
        return {}
    rows = await ApprovalReference.filter(case_id=case.id)
    officers = await identity.staff_labels([row.looked_by for row in rows if row.looked_by])
    return {
        row.rule_key: ReferenceOut(
            name=row.said["name"],
            number=row.said["number"],
            verdict=row.verdict,
            words=row.words,
            looked_by=officers[row.looked_by][1] if row.looked_by else None,
            looked_at=row.looked_at,
        )
        for row in rows
    }
