"""Situations: which materials apply for somebody's answers, and what a tree of questions must not be published with."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from server.errors import FieldError

if TYPE_CHECKING:
    from server.features.catalogue.schemas import (
        Condition,
        GuideContent,
        MaterialRule,
        Situation,
        SituationAnswer,
    )


def walked(content: GuideContent, answers: Mapping[str, str]) -> list[tuple[Situation, SituationAnswer | None]]:
    """Follow the answers from the first question on: (question, its answer). A last one without answer is still open.

    Answers to questions that are not led to do not count: who goes back and answers otherwise leaves them behind.
    """
    questions = {one.key: one for one in content.situations}
    found: list[tuple[Situation, SituationAnswer | None]] = []
    at = next(iter(content.situations), None)
    while at is not None and len(found) < len(questions):
        given = answers.get(at.key)
        answer = next((one for one in at.answers if one.value == given), None)
        found.append((at, answer))
        at = questions.get(answer.then) if answer is not None and answer.then is not None else None
    return found


def materials_for(
    content: GuideContent, answers: Mapping[str, str], form: Mapping[str, str] | None = None
) -> list[MaterialRule]:
    """List the materials that apply for answers to the situations, and for those to the form where there are any.

    A material that no answer names applies to everybody. Without `form`, one that depends on it is listed as well.
    """
    chosen = {key for _, answer in walked(content, answers) if answer is not None for key in answer.materials}
    special = {key for one in content.situations for answer in one.answers for key in answer.materials}
    return [
        rule
        for rule in content.materials
        if (rule.key not in special or rule.key in chosen) and (form is None or _meets(rule.when, form))
    ]


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
    for at, one in enumerate(content.situations):
        if one.key in keys[:at]:
            yield FieldError(f"situations.{at}.key", "twice")
        if at and one.key not in reached:
            yield FieldError(f"situations.{at}.key", "question_unreached")
        if len(one.answers) < 2:
            yield FieldError(f"situations.{at}.answers", "situation_needs_two")
        values = [answer.value for answer in one.answers]
        for place, answer in enumerate(one.answers):
            path = f"situations.{at}.answers.{place}"
            if answer.value in values[:place]:
                yield FieldError(f"{path}.value", "twice")
            # Later questions only: then no way of answering can go round in circles, and every way ends.
            yield from _answer(content, answer, path, keys, keys[at + 1 :])


def _answer(
    content: GuideContent, answer: SituationAnswer, path: str, keys: list[str], later: list[str]
) -> Iterator[FieldError]:
    if not {rule.key for rule in content.materials}.issuperset(answer.materials):
        yield FieldError(f"{path}.materials", "unknown_material")
    if answer.then is not None and answer.then not in keys:
        yield FieldError(f"{path}.then", "unknown_question")
    elif answer.then is not None and answer.then not in later:
        yield FieldError(f"{path}.then", "question_goes_back")
    if answer.stop is not None and (answer.then is not None or answer.materials):
        yield FieldError(f"{path}.stop", "stop_is_the_end")
