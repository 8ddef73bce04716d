"""What is known already is not asked again: from a register, a certificate, or an earlier application.

What a question means is said by the catalogue's field dictionary; whose answer it is, by the meaning's first word.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection
from uuid import UUID

from server.features.cases.models import Case
from server.features.cases.schemas import Source
from server.features.cases.service._kinds import canonical
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import FormField
from server.features.certificates import service as certificates
from server.features.identity import service as identity
from server.kit import clock

EARLIER = 5
PERSONAL = "person."
Found = dict[str, tuple[str, Source]]
Look = Callable[[set[str], UUID, UUID | None], Awaitable[Found]]


async def known_of(
    fields: Collection[FormField], person_id: UUID, enterprise_id: UUID | None
) -> tuple[dict[str, str], dict[str, Source]]:
    """Answer what is known, and say from where; both by the key of the question.

    The register goes before a certificate, and that before what was written in an earlier application.
    """
    return await _found_of(fields, person_id, enterprise_id, (_certified, _answered))


async def verified_of(
    fields: Collection[FormField], person_id: UUID, enterprise_id: UUID | None
) -> tuple[dict[str, str], dict[str, Source]]:
    """Answer what a register or a certificate says, as `known_of`: nothing that somebody has merely written."""
    return await _found_of(fields, person_id, enterprise_id, (_certified,))


async def _found_of(
    fields: Collection[FormField], person_id: UUID, enterprise_id: UUID | None, looks: Collection[Look]
) -> tuple[dict[str, str], dict[str, Source]]:
    asked: set[str] = {field.prefill for field in fields if field.prefill is not None}
    found = await _registered(person_id, enterprise_id)
    for look in looks:
        own = {meaning for meaning in asked - found.keys() if meaning.startswith(PERSONAL)}
        # What is said of a person comes from the person's own papers, also when an enterprise applies.
        found |= await look(own, person_id, None)
        found |= await look(asked - found.keys() - own, person_id, enterprise_id)
    answers, sources = {}, {}
    for field in fields:
        answer, source = found.get(field.prefill or "", (None, None))
        kept = None if answer is None else canonical(field, answer)
        if kept is not None and source is not None:
            answers[field.key], sources[field.key] = kept, source
    return answers, sources


async def _registered(person_id: UUID, enterprise_id: UUID | None) -> Found:
    person = await identity.person(person_id)
    known: dict[str, str | None] = {
        "person.name": person.name,
        "person.number": person.number,
        "person.phone": person.phone,
        "person.birth_date": person.birth_date.isoformat() if person.birth_date else None,
    }
    if enterprise_id is not None:
        enterprise = await identity.enterprise(enterprise_id)
        known |= {"enterprise.name": enterprise.name, "enterprise.uscc": enterprise.uscc}
    return {meaning: (value, Source(kind="register")) for meaning, value in known.items() if value}


async def _certified(meanings: set[str], person_id: UUID, enterprise_id: UUID | None) -> Found:
    lines = {
        (kind, line): meaning
        for meaning in meanings
        for kind, line in catalogue.dictionary()[meaning].certificates.items()
    }
    kinds = {kind for kind, _ in lines}
    # The oldest first: of several the newest counts.
    facts = await certificates.facts(kinds, person_id=person_id, enterprise_id=enterprise_id)
    return {
        lines[fact.type_key, fact.key]: (
            fact.value,
            Source(kind="certificate", name=fact.type, on=fact.valid_from, of=fact.department_id),
        )
        for fact in facts
        if (fact.type_key, fact.key) in lines
    }


async def _answered(meanings: set[str], person_id: UUID, enterprise_id: UUID | None) -> Found:
    if not meanings:
        return {}
    rows = Case.filter(submitted_at__not_isnull=True, enterprise_id=enterprise_id, parent_id=None)
    rows = rows if enterprise_id is not None else rows.filter(person_id=person_id)
    found: Found = {}
    for case in reversed(await rows.order_by("-submitted_at").limit(EARLIER)):
        guide = await catalogue.guide(case.guide_id)
        form = case.form
        on = None if case.submitted_at is None else case.submitted_at.astimezone(clock.SHANGHAI).date()
        source = Source(kind="case", name=guide.item.name, on=on, of=case.department_id)
        found |= {
            field.prefill: (form[field.key], source)
            for field in guide.content.form
            if field.prefill in meanings and field.key in form
        }
    return found
