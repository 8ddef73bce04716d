"""Situations: which materials apply for somebody's answers, and what a tree of questions must not be published with."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from server.errors import FieldError

if TYPE_CHECKING:
    from server.features.catalogue.schemas import (
        Condition,
        FormField,
        GuideContent,
        MaterialRule,
        Part,
        Situation,
        SituationAnswer,
    )


def walked(content: GuideContent, answers: Mapping[str, str]) -> list[tuple[Situation, SituationAnswer | None]]:
    """Follow the answers from the first question on: (question, its answer). A last one without answer is still open.

    Answers to questions that are not led to do not count: who goes back and answers otherwise leaves them behind. A
    theme asks its own questions first, then those of each item that is needed.
    """
    found = _walk([one for one in content.situations if one.part is None], answers)
    for part in _chosen(content, found):
        if found and (found[-1][1] is None or found[-1][1].stop is not None):
            break
        found += _walk([one for one in content.situations if one.part == part], answers)
    return found


def _walk(group: list[Situation], answers: Mapping[str, str]) -> list[tuple[Situation, SituationAnswer | None]]:
    questions = {one.key: one for one in group}
    found: list[tuple[Situation, SituationAnswer | None]] = []
    at = next(iter(group), None)
    while at is not None and len(found) < len(questions):
        given = answers.get(at.key)
        answer = next((one for one in at.answers if one.value == given), None)
        found.append((at, answer))
        at = questions.get(answer.then) if answer is not None and answer.then is not None else None
    return found


def _chosen(content: GuideContent, own: list[tuple[Situation, SituationAnswer | None]]) -> list[str]:
    """Name the items needed: those no answer names are needed by everybody."""
    chosen = {key for _, answer in own if answer is not None for key in answer.parts}
    special = {key for one in content.situations for answer in one.answers for key in answer.parts}
    return [one.key for one in content.parts if one.key not in special or one.key in chosen]


def parts_for(content: GuideContent, answers: Mapping[str, str]) -> list[Part]:
    """List the items of a theme that are needed for answers to the situations."""
    chosen = _chosen(content, _walk([one for one in content.situations if one.part is None], answers))
    return [one for one in content.parts if one.key in chosen]


def materials_for(
    content: GuideContent, answers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> list[MaterialRule]:
    """List the materials that apply for answers to the situations, and for those to the form where there are any.

    A material that no answer names applies to everybody; one of a theme does if one of its items needs it. Without
    `form`, one that depends on it is listed as well.
    """
    taken = [(one.part, answer) for one, answer in walked(content, answers) if answer is not None]
    chosen = {(part, key) for part, answer in taken for key in answer.materials}
    special = {(one.part, key) for one in content.situations for answer in one.answers for key in answer.materials}
    parts = [one.key for one in parts_for(content, answers)]

    def needed(rule: MaterialRule, by: str | None) -> bool:
        return (by, rule.key) not in special or (by, rule.key) in chosen

    return [
        rule
        for rule in content.materials
        if needed(rule, None)
        and (not rule.stands_for or any(needed(rule, by) for by in stood_for(rule, parts)))
        and (form is None or _meets(rule.when, form))
    ]


def form_for(content: GuideContent, answers: Mapping[str, str]) -> list[FormField]:
    """List the questions of a form that are asked for answers to the situations: a theme's for the items needed."""
    parts = [one.key for one in parts_for(content, answers)]
    return [field for field in content.form if not field.stands_for or stood_for(field, parts)]


def stood_for(line: MaterialRule | FormField, parts: Collection[str]) -> dict[str, str]:
    """Say which line of which of these items a theme's line stands for."""
    named = dict(one.split(".", 1) for one in line.stands_for)
    return {part: key for part, key in named.items() if part in parts}


def _meets(condition: Condition | None, form: Mapping[str, str]) -> bool:
    return condition is None or form.get(condition.field) == condition.equals


def known_situation(content: GuideContent, answers: Mapping[str, str]) -> dict[str, str]:
    """Keep the answers that are walked through; a draft may be half answered but holds nothing foreign."""
    return {question.key: answer.value for question, answer in walked(content, answers) if answer is not None}


def undecided(content: GuideContent, answers: Mapping[str, str]) -> tuple[FieldError, ...]:
    """Say what keeps an application from being handed in: a question left open, or one whose answer ends the way."""
    last = walked(content, answers)[-1:]
    if last and last[0][1] is None:
        return (FieldError(f"situation.{last[0][0].key}", "missing"),)
    if last and last[0][1] is not None and last[0][1].stop is not None:
        return (FieldError(f"situation.{last[0][0].key}", "situation_stops"),)
    return ()


def faults(content: GuideContent) -> Iterator[FieldError]:
    """List what is wrong with the tree: unknown materials and questions, loops, questions nobody comes to."""
    keys = [one.key for one in content.situations]
    reached = {answer.then for one in content.situations for answer in one.answers}
    begun: set[str | None] = set()
    for at, one in enumerate(content.situations):
        if one.key in keys[:at]:
            yield FieldError(f"situations.{at}.key", "twice")
        if one.part in begun and one.key not in reached:
            yield FieldError(f"situations.{at}.key", "question_unreached")
        begun.add(one.part)
        if one.part is not None and one.part not in {part.key for part in content.parts}:
            yield FieldError(f"situations.{at}.part", "unknown_part")
        if len(one.answers) < 2:
            yield FieldError(f"situations.{at}.answers", "situation_needs_two")
        values = [answer.value for answer in one.answers]
        # Later questions of the same only: then no way of answering can go round in circles, and every way ends.
        later = [other.key for other in content.situations[at + 1 :] if other.part == one.part]
        for place, answer in enumerate(one.answers):
            path = f"situations.{at}.answers.{place}"
            if answer.value in values[:place]:
                yield FieldError(f"{path}.value", "twice")
            yield from _answer(content, one, answer, path, later)


def _answer(
    content: GuideContent, one: Situation, answer: SituationAnswer, path: str, later: list[str]
) -> Iterator[FieldError]:
    if not {rule.key for rule in content.materials}.issuperset(answer.materials):
        yield FieldError(f"{path}.materials", "unknown_material")
    if not {part.key for part in content.parts}.issuperset(answer.parts) or (one.part and answer.parts):
        yield FieldError(f"{path}.parts", "unknown_part")
    if answer.then is not None and answer.then not in {other.key for other in content.situations}:
        yield FieldError(f"{path}.then", "unknown_question")
    elif answer.then is not None and answer.then not in later:
        yield FieldError(f"{path}.then", "question_goes_back")
    if answer.stop is not None and (answer.then is not None or answer.materials or answer.parts):
        yield FieldError(f"{path}.stop", "stop_is_the_end")
