"""Which facts each notice of a case carries."""

from __future__ import annotations

from datetime import date
from typing import Protocol

from server.actor import Actor, Staff, System
from server.features.cases.models import Case, Material, MaterialCheck, Right
from server.features.catalogue.service import GuideView
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import is_walked
from server.kit.spoken import spoken
from server.kit.texts import text

# The language of the procedure, whatever the phone shows.
LOCALE = "zh-CN"
ACCEPTANCES = ("acceptance", "acceptance_deemed", "acceptance_tolerated")
REFUSALS = ("refusal", "decision_denied", "termination", "unsupplemented", "pledge_untrue", "revocation")


def hand_of(actor: Actor, case: Case) -> documents.SealHand:
    """Say whose hand holds the seal of the case's department now, and by what right."""
    if not isinstance(actor, Staff):
        ruled = isinstance(actor, System) and case.ruling_id is not None
        return documents.SealHand(department_id=case.department_id, power="rules" if ruled else "itself")
    right = case.right or Right("own")
    return documents.SealHand(
        department_id=case.department_id,
        power=right.power,
        under=right.under,
        staff_id=actor.staff_id,
        for_id=case.acting_for,
    )


async def give_notice(  # noqa: PLR0913 - each is one fact of the paper
    actor: Actor,
    case: Case,
    guide: GuideView,
    kind: str,
    *,
    promise_on: date | None = None,
    law_on: date | None = None,
    reason: str | None = None,
    asked: list[tuple[str, str]] | None = None,
    mend_by: date | None = None,
) -> None:
    """Write one notice of the case, in the caller's transaction; whoever does it uses the seal of the department."""
    facts: list[tuple[str, str | date | None]] = [
        ("item", guide.item.name),
        ("received", None if case.submitted_at is None else case.submitted_at.astimezone(clock.SHANGHAI).date()),
        ("promise", promise_on),
        ("law", law_on),
        ("materials", await _held(case, guide) if kind in ACCEPTANCES else None),
        ("mend_by", mend_by),
        ("reason", reason),
        ("result", guide.content.result.name if kind == "decision_granted" else None),
        ("delegation", case.right.under if case.right is not None and case.right.delegation_id else None),
        ("phone", guide.content.consult_phone),
    ]
    rows = [(text(LOCALE, f"documents.notice.row.{key}"), spoken(LOCALE, value)) for key, value in facts if value]
    await documents.issue_notice(
        case.thread_id,
        kind,
        documents.NoticeFacts(
            office=guide.department.name,
            applicant=await _applicant(case),
            item=guide.item.name,
            rows=[*rows, *(asked or [])],
            lines=[],
            remedies=text(LOCALE, "cases.remedies") if kind in REFUSALS else None,
            sample=guide.content.sample or is_walked(case.thread_id),
        ),
        hand_of(actor, case),
    )


async def _applicant(case: Case) -> str:
    if case.enterprise_id is not None:
        return (await identity.enterprise(case.enterprise_id)).name
    return (await identity.person(case.person_id)).name


def to_follow(names: list[str], by: date) -> list[tuple[str, str]]:
    """Give the lines of a notice that name the papers to follow, and their day."""
    return [
        (text(LOCALE, "documents.notice.row.follow"), text(LOCALE, "common.comma").join(names)),
        (text(LOCALE, "documents.notice.row.follow_by"), spoken(LOCALE, by)),
    ]


async def _held(case: Case, guide: GuideView) -> str:
    keys = {material.rule_key for material in await Material.filter(case_id=case.id)}
    checks = {check.rule_key: check for check in await MaterialCheck.filter(case_id=case.id)}
    rules = [rule for rule in guide.content.materials if rule.key in keys]
    return text(LOCALE, "common.comma").join(as_taken(LOCALE, rule.name, checks.get(rule.key)) for rule in rules)


class Taken(Protocol):
    """What was done with a paper at a window."""

    original: bool
    copies: int


def as_taken(locale: str, name: str, taken: Taken | None) -> str:
    """Name a paper with what was done with it: its original seen, so many copies taken."""
    if taken is None or not (taken.original or taken.copies):
        return name
    done = [text(locale, "cases.taken.original")] if taken.original else []
    done += [text(locale, "cases.taken.copies", count=taken.copies)] if taken.copies else []
    return text(locale, "cases.taken.paper", name=name, done=text(locale, "common.comma").join(done))
