"""What the published guide asks for, and whether an application gives it. Nothing outside the guide can be asked."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping
from datetime import date

from msgspec import structs

from server.errors import FieldError, InvalidInput
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Condition, FormField, GuideContent, GuideView, MaterialRule
from server.kit import checks, clock

FILES_A_LINE = 10
DEFAULT_LENGTH = 200
_LANDLINE = re.compile(r"0\d{2,3}-?\d{7,8}", re.ASCII)
_UNSEEN = frozenset({"Cc", "Cs", "Cn", "Co"})
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,6})?", re.ASCII)


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
        if key in fields and len(answer) > (limit := fields[key].max_length or DEFAULT_LENGTH)
    ]
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    return {key: answer.strip() for key, answer in form.items() if answer.strip()}


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
        plain = canonical(field, answer)
        if plain is None:
            wrong.append(FieldError(f"form.{field.key}", "bad_format"))
        else:
            kept[field.key] = plain
    if wrong:
        raise InvalidInput("invalid_input", fields=tuple(wrong))
    return kept


def canonical(field: FormField, answer: str) -> str | None:
    """Give an answer as papers need it; None where it is not an answer to this question."""
    if len(answer) > (field.max_length or DEFAULT_LENGTH):
        return None
    try:
        return _CANONICAL[field.type](field, answer)
    except ValueError:
        return None


def canonical_or_refused(field: FormField, answer: str) -> str:
    """Give one answer as papers need it. Raises InvalidInput at its field."""
    plain = canonical(field, answer.strip())
    if not plain:
        raise InvalidInput("invalid_input", fields=(FieldError(f"form.{field.key}", "bad_format"),))
    return plain


def fields_asked(content: GuideContent, form: Mapping[str, str]) -> dict[str, FormField]:
    """List the questions this application is asked, given its answers; by their key."""
    return {field.key: field for field in content.form if applies(field.when, form)}


def asked_of(guide: GuideView, situation: Mapping[str, str] | None) -> GuideContent:
    """Give a guide as it is for one case: with the materials of its situation and no others."""
    return structs.replace(guide.content, materials=catalogue.materials_for(guide.content, situation or {}))


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
        FieldError(f"materials.{rule.key}", "missing")
        for rule in rules
        if rule.need == "required" and rule.exempt is None and rule.key not in given
    )


def _line(_field: FormField, answer: str) -> str:
    """One line: what a certificate may carry has no breaks in it."""
    plain = _visible(answer)
    if "\n" in plain:
        raise ValueError(answer)
    return plain


def _lines(_field: FormField, answer: str) -> str:
    return _visible("\n".join(answer.splitlines()))


def _visible(answer: str) -> str:
    """Make every kind of space a plain one; refuse what nobody sees, and what turns the direction of reading."""
    kinds = [unicodedata.category(sign) for sign in answer]
    if any(kind in _UNSEEN and sign not in "\n\t" for sign, kind in zip(answer, kinds, strict=True)):
        raise ValueError(answer)
    if not _TURNING.isdisjoint(answer):
        raise ValueError(answer)
    return "".join(" " if kind == "Zs" or sign == "\t" else sign for sign, kind in zip(answer, kinds, strict=True))


def _number(_field: FormField, answer: str) -> str:
    plain = unicodedata.normalize("NFKC", answer).replace(",", "")
    if not _NUMBER.fullmatch(plain):
        raise ValueError(answer)
    return plain


def _date(_field: FormField, answer: str) -> str:
    return date.fromisoformat(answer).isoformat()


def _choice(field: FormField, answer: str) -> str:
    if answer not in {choice.value for choice in field.choices}:
        raise ValueError(answer)
    return answer


def _phone(_field: FormField, answer: str) -> str:
    number = checks.mobile(answer) or (answer if _LANDLINE.fullmatch(answer) else None)
    if number is None:
        raise ValueError(answer)
    return number


def _document(_field: FormField, answer: str) -> str:
    number = checks.resident_id(answer, clock.today()) or checks.uscc(answer) or checks.hk_macau_permit(answer)
    number = number or checks.taiwan_permit(answer) or checks.passport(answer)
    if number is None:
        raise ValueError(answer)
    return number


_CANONICAL: dict[str, Callable[[FormField, str], str]] = {
    "text": _line,
    "long_text": _lines,
    "number": _number,
    "date": _date,
    "choice": _choice,
    "address": _line,
    "phone": _phone,
    "document_number": _document,
    "name": _line,
}
