"""What a guide must not be published with. Rules of the national norms and of the notices; texts: errors.field."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from server.errors import FieldError
from server.features.catalogue.service import _rule_sets
from server.features.catalogue.service._pixels import sensible
from server.features.catalogue.service._search import shelves

if TYPE_CHECKING:
    from server.features.catalogue.schemas import Column, Condition, FormField, GuideContent

WORDING = Path(__file__).resolve().parent.parent / "data" / "wording.json"
PERMIT = "01"
_PHONE = re.compile(r"0\d{2,3}-\d{5,8}")


class Wording(msgspec.Struct, frozen=True):
    """`vague` leaves open what is asked; a result's name ends as its kind demands; `examples` fill sample forms."""

    vague: list[str]
    certificate_endings: list[str]
    approval_endings: list[str]
    examples: dict[str, str]


@cache
def wording() -> Wording:
    return msgspec.json.decode(WORDING.read_bytes(), type=Wording)


def faults(content: GuideContent, kind: str) -> tuple[FieldError, ...]:
    """List everything wrong with a guide for an item of a kind (`01` is a permit), so that it is mended in one go."""
    rules = (
        _time, _visits, _pre_review, _fees, _contacts, _result, _audience, _vague, _materials, _form, _rule_sets.faults
    )  # fmt: skip
    found = [fault for rule in rules for fault in rule(content)]
    return (*found, *_permit(content, kind))


def _time(content: GuideContent) -> Iterator[FieldError]:
    if (content.handling == "instant") != (content.promise_days == 0):
        yield FieldError("promise_days", "instant_is_today")
    if content.promise_days > content.legal_days:
        yield FieldError("promise_days", "promise_beyond_law", {"legal": content.legal_days})
    total = sum(step.days for step in content.steps)
    if total != content.promise_days:
        yield FieldError("steps", "days_do_not_add_up", {"total": total, "promise": content.promise_days})
    if not content.steps:
        yield FieldError("steps", "required")


def _visits(content: GuideContent) -> Iterator[FieldError]:
    if (content.visits > 0) != (content.visit_reason is not None):
        yield FieldError("visit_reason", "visit_needs_reason" if content.visits else "no_visit_no_reason")
    if content.visits == 0 and not content.online and not content.mail:
        yield FieldError("mail", "no_visit_needs_a_way")
    if content.bookable and not content.hall_keys:
        yield FieldError("hall_keys", "required")


def _pre_review(content: GuideContent) -> Iterator[FieldError]:
    """Looked at first, then seen: there must be something to see, a visit to see it at, and nothing that follows."""
    if not content.pre_review:
        return
    if not content.online or not content.visits:
        yield FieldError("pre_review", "pre_review_needs_visit")
    if not any(rule.exempt is None and (rule.originals or rule.medium == "paper") for rule in content.materials):
        yield FieldError("pre_review", "pre_review_of_nothing")
    if content.parts or any(rule.need == "deficiency" for rule in content.materials):
        yield FieldError("pre_review", "pre_review_takes_all")


def _fees(content: GuideContent) -> Iterator[FieldError]:
    for at, fee in enumerate(content.fees):
        if fee.amount_fen == 0 and fee.when_text is None:
            yield FieldError(f"fees.{at}.when_text", "free_needs_case")
    costs = any(fee.amount_fen for fee in content.fees)
    if costs != (content.pay_online is not None):
        yield FieldError("pay_online", "fee_needs_online_pay" if costs else "no_fee_no_online_pay")


def _contacts(content: GuideContent) -> Iterator[FieldError]:
    for field in ("consult_phone", "complaint_phone"):
        if not _PHONE.fullmatch(getattr(content, field)):
            yield FieldError(field, "phone_needs_area")
    if content.consult_phone == content.complaint_phone:
        yield FieldError("complaint_phone", "phones_must_differ")


def _result(content: GuideContent) -> Iterator[FieldError]:
    name, kind = content.result.name, content.result.kind
    if name.endswith(tuple(wording().certificate_endings)) and kind != "certificate":
        yield FieldError("result.kind", "result_is_certificate")
    if name.endswith(tuple(wording().approval_endings)) and kind != "approval":
        yield FieldError("result.kind", "result_is_approval")
    if content.result.certificate_type is not None and kind != "certificate":
        yield FieldError("result.certificate_type", "result_is_certificate")
    if not content.result.sample and not content.parts:
        yield FieldError("result.sample", "result_needs_sample")


def _audience(content: GuideContent) -> Iterator[FieldError]:
    known = {theme.key: theme.audience for theme in shelves()}
    for at, key in enumerate(content.themes):
        if key not in known:
            yield FieldError(f"themes.{at}", "unknown_theme")
        elif known[key] not in content.audience:
            yield FieldError(f"themes.{at}", "theme_of_others")
    if "enterprise" not in content.audience:
        for at, field in enumerate(content.form):
            if field.prefill is not None and field.prefill.startswith("enterprise."):
                yield FieldError(f"form.{at}.prefill", "no_enterprise_here")


def _vague(content: GuideContent) -> Iterator[FieldError]:
    for path, text in _asked(content):
        for word in wording().vague:
            if word in text:
                yield FieldError(path, "vague", {"word": word})


def _asked(content: GuideContent) -> Iterator[tuple[str, str]]:
    for at, condition in enumerate(content.conditions):
        yield f"conditions.{at}", condition
    for at, rule in enumerate(content.materials):
        yield f"materials.{at}.name", rule.name
        if rule.note is not None:
            yield f"materials.{at}.note", rule.note
        if rule.pledge is not None:
            yield f"materials.{at}.pledge", rule.pledge
        for line, standard in enumerate(rule.standards):
            yield f"materials.{at}.standards.{line}", standard
    if content.by_rules is not None:
        for at, one in enumerate(content.by_rules.rules):
            yield f"by_rules.rules.{at}.name", one.name


def _materials(content: GuideContent) -> Iterator[FieldError]:
    yield from _doubles("materials", [rule.key for rule in content.materials])
    for at, rule in enumerate(content.materials):
        if rule.exempt is not None and rule.need == "deficiency":
            yield FieldError(f"materials.{at}.need", "exempt_is_never_late")
        if rule.pledge is not None and (rule.exempt is not None or rule.need != "required"):
            yield FieldError(f"materials.{at}.pledge", "pledge_for_nothing")
        if rule.by_reference and (rule.exempt is not None or rule.source != "government"):
            yield FieldError(f"materials.{at}.by_reference", "reference_to_nothing")
        if rule.reuse_months is not None and (rule.exempt is not None or rule.medium == "paper"):
            yield FieldError(f"materials.{at}.reuse_months", "reuse_of_nothing")
        if rule.pixels is not None and not sensible(rule.pixels):
            yield FieldError(f"materials.{at}.pixels", "pixels_unclear")
        if rule.exempt is None and not rule.standards:
            yield FieldError(f"materials.{at}.standards", "required")
        yield from _condition(content, f"materials.{at}.when", rule.when)


def _form(content: GuideContent) -> Iterator[FieldError]:
    yield from _doubles("form", [field.key for field in content.form])
    yield from _doubles("by_rules.rules", [rule.key for rule in content.by_rules.rules] if content.by_rules else [])
    for at, field in enumerate(content.form):
        if (field.type == "choice") != (len(field.choices) > 1):
            yield FieldError(f"form.{at}.choices", "choices_of_a_choice")
        if (field.type == "table") != bool(field.columns):
            yield FieldError(f"form.{at}.columns", "columns_of_a_table")
        if field.rows is not None and field.type != "table":
            yield FieldError(f"form.{at}.rows", "columns_of_a_table")
        yield from _bounds(f"form.{at}", field)
        yield from _doubles(f"form.{at}.columns", [column.key for column in field.columns])
        for place, column in enumerate(field.columns):
            if (column.type == "choice") != (len(column.choices) > 1):
                yield FieldError(f"form.{at}.columns.{place}.choices", "choices_of_a_choice")
            yield from _bounds(f"form.{at}.columns.{place}", column)
        yield from _condition(content, f"form.{at}.when", field.when)


def _bounds(path: str, field: FormField | Column) -> Iterator[FieldError]:
    for name in ("not_before", "not_after"):
        if getattr(field, name) is not None and field.type != "date":
            yield FieldError(f"{path}.{name}", "bounds_of_a_date")


def _permit(content: GuideContent, kind: str) -> Iterator[FieldError]:
    if kind == PERMIT and not content.faqs:
        yield FieldError("faqs", "permit_needs_faq")
    if kind == PERMIT and len(content.steps) < 5:
        yield FieldError("steps", "permit_needs_steps", {"least": 5})


def _doubles(path: str, keys: list[str]) -> Iterator[FieldError]:
    for at, key in enumerate(keys):
        if key in keys[:at]:
            yield FieldError(f"{path}.{at}.key", "twice")


def _condition(content: GuideContent, path: str, condition: Condition | None) -> Iterator[FieldError]:
    if condition is None:
        return
    asked = {field.key: {choice.value for choice in field.choices} for field in content.form}
    if condition.equals not in asked.get(condition.field, set()):
        yield FieldError(path, "condition_never_true")
