"""What a set of rules must not be published with: nobody is granted anything on their own word alone."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from server.errors import FieldError

if TYPE_CHECKING:
    from server.features.catalogue.schemas import GuideContent, Rule, RuleSet

# What each kind of rule must say besides its name.
_NEEDS: dict[str, tuple[str, ...]] = {
    "certificate": ("certificate_type",),
    "certificate_says": ("certificate_type", "line", "begins"),
    "no_certificate": ("certificate_type",),
    "granted": ("item",),
    "not_granted": ("item",),
    "answer": ("field",),
}
# Said by the number of a person; an enterprise has none.
_OF_PERSONS = ("identity", "age")


def faults(content: GuideContent) -> Iterator[FieldError]:
    """List what is wrong with a guide's rules, and with deciding the rest of the guide by them."""
    if content.by_rules is None:
        return
    if content.handling != "instant":
        yield FieldError("by_rules", "rules_need_instant")
    if not content.online:
        yield FieldError("by_rules", "rules_need_online")
    if content.parts:
        yield FieldError("by_rules", "rules_of_theme")
    if content.pre_review:
        yield FieldError("by_rules", "rules_see_no_paper")
    if any(fee.amount_fen for fee in content.fees):
        yield FieldError("by_rules", "rules_and_fee")
    for at, line in enumerate(content.materials):
        if line.need == "required" and line.exempt is None and line.certificate_type is None:
            yield FieldError(f"materials.{at}.exempt", "rules_see_no_paper")
    yield from _answers(content, content.by_rules)
    for at, rule in enumerate(content.by_rules.rules):
        yield from _rule(content, at, rule)


def _answers(content: GuideContent, by_rules: RuleSet) -> Iterator[FieldError]:
    """What is answered is held against what is known; only where to call may be anybody's word."""
    held = {rule.field for rule in by_rules.rules if rule.fact == "answer"}
    for at, field in enumerate(content.form):
        if field.key not in held and field.type != "phone":
            yield FieldError(f"form.{at}", "rules_without_answer")


def _rule(content: GuideContent, at: int, rule: Rule) -> Iterator[FieldError]:
    path = f"by_rules.rules.{at}"
    for name in _NEEDS.get(rule.fact, ()):
        if getattr(rule, name) is None:
            yield FieldError(f"{path}.{name}", "required")
    if rule.fact == "age" and rule.least is None and rule.most is None:
        yield FieldError(f"{path}.least", "required")
    if rule.least is not None and rule.most is not None and rule.least > rule.most:
        yield FieldError(f"{path}.most", "rule_never_true")
    if rule.fact in _OF_PERSONS and "enterprise" in content.audience:
        yield FieldError(f"{path}.fact", "rule_of_persons")
    fields = {field.key: field for field in content.form}
    if rule.field is not None and (rule.field not in fields or fields[rule.field].prefill is None):
        yield FieldError(f"{path}.field", "rule_of_unknown")
