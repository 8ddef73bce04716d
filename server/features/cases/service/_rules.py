"""What the published guide asks for, and whether an application gives it. Nothing outside the guide can be asked."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import structs

from server.errors import FieldError, InvalidInput
from server.features.cases.service._kinds import DEFAULT_ROWS, Fault, checked, longest
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Condition, FormField, GuideContent, GuideView, MaterialRule

FILES_A_LINE = 10
# A table without rows says nothing.
_NOTHING = ("", "[]")


def applies(condition: Condition | None, form: Mapping[str, str]) -> bool:
    """Say whether a field or material is asked for, given the other answers."""
    return condition is None or form.get(condition.field) == condition.equals


def known_answers(content: GuideContent, form: Mapping[str, str]) -> dict[str, str]:
    """Keep the answers the guide has a question for; a draft may be half done but holds nothing foreign.

    Raises InvalidInput for an unknown key, and for a text longer than its field.
    """
    fields = {field.key: field for field in content.form}
    wrong = [FieldError(f"form.{key}", "unknown_field") for key in form if key not in fields]
    wrong += [
        FieldError(f"form.{key}", "too_long", {"limit": limit})
        for key, answer in form.items()
        if key in fields and len(answer) > (limit := longest(fields[key]))
    ]
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    return {key: answer.strip() for key, answer in form.items() if answer.strip() not in _NOTHING}


def check_form(content: GuideContent, form: Mapping[str, str]) -> dict[str, str]:
    """Check a finished form, all fields at once, and give the answers in their canonical form. Raises InvalidInput."""
    answers = known_answers(content, form)
    wrong: list[FieldError] = []
    kept: dict[str, str] = {}
    for field in content.form:
        if not applies(field.when, answers):
            continue
        answer = answers.get(field.key, "")
        if not answer:
            if field.required:
                wrong.append(FieldError(f"form.{field.key}", "missing"))
            continue
        kept[field.key], faults = checked(field, answer)
        wrong += [_at(field, fault) for fault in faults]
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    return kept


def canonical_or_refused(field: FormField, answer: str) -> str:
    """Give one answer as papers need it. Raises InvalidInput at its field."""
    plain, faults = checked(field, answer.strip())
    if faults:
        raise InvalidInput("invalid_input", fields=tuple(_at(field, fault) for fault in faults))
    return plain


def _at(field: FormField, fault: Fault) -> FieldError:
    path, code = fault
    limits: dict[str, dict[str, str | int]] = {
        "too_long": {"limit": longest(field)},
        "too_many": {"max": field.rows or DEFAULT_ROWS},
    }
    return FieldError(f"form.{field.key}.{path}".rstrip("."), code, limits.get(code, {}))


def fields_asked(content: GuideContent, form: Mapping[str, str]) -> dict[str, FormField]:
    """List the questions this application is asked, given its answers; by their key."""
    return {field.key: field for field in content.form if applies(field.when, form)}


def asked_of(guide: GuideView, situation: Mapping[str, str] | None) -> GuideContent:
    """Give a guide as it is for one case: with the materials of its situation, a theme's items, and nothing else."""
    content, answers = guide.content, situation or {}
    return structs.replace(
        content,
        materials=catalogue.materials_for(content, answers),
        form=catalogue.form_for(content, answers),
        parts=catalogue.parts_for(content, answers),
    )


def asked_materials(content: GuideContent, form: Mapping[str, str]) -> list[MaterialRule]:
    """List the materials this application needs, given its answers."""
    return [rule for rule in content.materials if applies(rule.when, form)]


def check_uploads(content: GuideContent, keys: list[str]) -> None:
    """Refuse a file for a line the guide does not have, for one that needs no paper, and more than ten for one line."""
    rules = {rule.key: rule for rule in content.materials}
    wrong = []
    for key in dict.fromkeys(keys):
        if key not in rules:
            wrong.append(FieldError(f"materials.{key}", "unknown_field"))
        elif rules[key].exempt is not None:
            wrong.append(FieldError(f"materials.{key}", "exempt"))
        elif keys.count(key) > FILES_A_LINE:
            wrong.append(FieldError(f"materials.{key}", "too_many", {"max": FILES_A_LINE}))
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))


def check_complete(rules: list[MaterialRule], given: set[str]) -> None:
    """Refuse a submission that lacks a required material. What may follow later (容缺) is left to the front desk."""
    if missing := missing_of([rule for rule in rules if rule.medium != "paper"], given):
        raise InvalidInput("cases.materials_missing", fields=missing)


def missing_of(rules: list[MaterialRule], given: set[str]) -> tuple[FieldError, ...]:
    """Name the required materials that are neither given nor waived."""
    return tuple(
        FieldError(f"materials.{rule.key}", "paper_missing")
        for rule in rules
        if rule.need == "required" and rule.exempt is None and rule.key not in given
    )


def delivery_methods(guide: GuideView) -> list[str]:
    """List how a result may reach the person, the usual way first.

    Whoever was promised no visit is not sent for a paper copy; a certificate may be had on the phone alone.
    """
    if guide.content.result.kind == "other" and not guide.content.parts:
        return ["none"]
    ways = ["counter", "post"] if guide.content.mail else ["counter"]
    if not guide.content.visits:
        return ["none", *ways]
    return [*ways, "none"] if guide.content.result.kind == "certificate" else ways
