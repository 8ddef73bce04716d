"""Themes (一件事): the lists of several items put together so that nothing is asked twice, and what holds for them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from msgspec import structs

from server.errors import FieldError, NotFound
from server.features.catalogue.schemas import GuideStep, Part
from server.features.catalogue.service import _items, _versions

if TYPE_CHECKING:
    from server.features.catalogue.schemas import Condition, FormField, GuideContent, GuideView, MaterialRule, Situation

LEAST, MOST = 2, 8
_LONGEST_KEY = 40
# What is needed the most counts for all.
_NEEDS = ("required", "deficiency", "optional")


class _Line(Protocol):
    @property
    def key(self) -> str: ...


async def guides_of(content: GuideContent) -> dict[str, GuideView]:
    """Read the guides of a theme's items, each in its version, by the key of the part; what is not there is absent."""
    found = {}
    for part in content.parts:
        try:
            item = await _items.item_by_code(part.item)
            if part.version is not None:
                found[part.key] = await _versions.guide_numbered(item.id, part.version)
        except NotFound:
            continue
    return found


async def brought_up(content: GuideContent) -> GuideContent:
    """Put a theme's lists together anew, from the versions of its items that are in force now.

    What is the theme's own stays: words, its own questions, steps, days, places.
    """
    parts = []
    for part in content.parts:
        try:
            guide = await _versions.current_guide((await _items.item_by_code(part.item)).id)
        except NotFound:
            parts.append(part)
            continue
        parts.append(
            Part(
                key=part.key, item=part.item, version=guide.version, name=guide.item.name[:100],
                who=guide.department.name[:100], days=guide.content.promise_days,
            )
        )  # fmt: skip
    content = structs.replace(content, parts=parts)
    return merged(content, await guides_of(content))


def merged(content: GuideContent, guides: Mapping[str, GuideView]) -> GuideContent:
    """Put the papers, questions, situations and fees of a theme's items together, one line for what is the same."""
    contents = {part.key: guides[part.key].content for part in content.parts if part.key in guides}
    form: list[FormField] = []
    for part, one in contents.items():
        for field in one.form:
            _take_field(form, part, field)
    asked = _stands(form)
    materials: list[MaterialRule] = []
    for part, one in contents.items():
        for rule in one.materials:
            _take_material(materials, part, rule, asked)
    papers = _stands(materials)
    own = [one for one in content.situations if one.part is None]
    theirs = [_theirs(part, one, papers) for part, guide in contents.items() for one in guide.situations]
    conditions = dict.fromkeys(line for one in contents.values() for line in one.conditions)
    fees = {(fee.name, fee.unit, fee.when_text): fee for one in contents.values() for fee in one.fees}
    legal = max((one.legal_days for one in contents.values()), default=content.legal_days)
    return structs.replace(
        content,
        form=form,
        materials=materials,
        situations=[*own, *theirs],
        conditions=content.conditions or list(conditions),
        fees=list(fees.values()),
        steps=content.steps or _steps(content),
        legal_days=legal,
    )


def _take_field(form: list[FormField], part: str, field: FormField) -> None:
    line = f"{part}.{field.key}"
    when = _moved(field.when, part, _stands(form))
    for at, known in enumerate(form):
        if any(one.startswith(f"{part}.") for one in known.stands_for) or not _same_question(known, field, when):
            continue
        limits = [one for one in (known.max_length, field.max_length) if one is not None]
        form[at] = structs.replace(
            known,
            required=known.required or field.required,
            max_length=min(limits, default=None),
            hint=known.hint or field.hint,
            stands_for=[*known.stands_for, line],
        )
        return
    form.append(structs.replace(field, key=_free(field.key, part, form), when=when, stands_for=[line]))


def _same_question(known: FormField, field: FormField, when: Condition | None) -> bool:
    if (known.type, known.choices, known.columns, known.when) != (field.type, field.choices, field.columns, when):
        return False
    if known.prefill is not None or field.prefill is not None:
        return known.prefill == field.prefill
    return known.label == field.label


def _take_material(materials: list[MaterialRule], part: str, rule: MaterialRule, asked: Mapping[str, str]) -> None:
    line = f"{part}.{rule.key}"
    when = _moved(rule.when, part, asked)
    # A pledge or a number binds towards one department, as its guide has it: in a theme the paper is handed in.
    rule = structs.replace(rule, pledge=None, by_reference=False)
    for at, known in enumerate(materials):
        taken = any(one.startswith(f"{part}.") for one in known.stands_for)
        if taken or known.when != when or not _same_paper(known, rule):
            continue
        materials[at] = structs.replace(
            known,
            need=min(known.need, rule.need, key=_NEEDS.index),
            medium=known.medium if known.medium == rule.medium else "either",
            originals=max(known.originals, rule.originals),
            copies=max(known.copies, rule.copies),
            # Shared data spares the person the paper only if it spares it everywhere.
            exempt=known.exempt and rule.exempt,
            certificate_type=known.certificate_type or rule.certificate_type,
            reuse_months=_shortest(known.reuse_months, rule.reuse_months),
            pixels=known.pixels or rule.pixels,
            standards=list(dict.fromkeys([*known.standards, *rule.standards])),
            note=known.note or rule.note,
            stands_for=[*known.stands_for, line],
        )
        return
    materials.append(structs.replace(rule, key=_free(rule.key, part, materials), when=when, stands_for=[line]))


def _shortest(first: int | None, second: int | None) -> int | None:
    """An earlier paper does only if it does for every item, and for as long as it does for each."""
    return None if first is None or second is None else min(first, second)


def _same_paper(known: MaterialRule, rule: MaterialRule) -> bool:
    """Take papers for the same by their name; by their certificate only where both stand for nothing but it.

    An identity card is somebody's: whose, only the name says.
    """
    if known.name == rule.name:
        return None in (known.pixels, rule.pixels) or known.pixels == rule.pixels
    certified = known.certificate_type is not None and known.certificate_type == rule.certificate_type
    return certified and known.key == rule.key and rule.certificate_type != "id_card"


def _theirs(part: str, one: Situation, papers: Mapping[str, str]) -> Situation:
    """Repeat a question of an item under names of the theme's."""
    return structs.replace(
        one,
        key=_prefixed(part, one.key),
        part=part,
        answers=[
            structs.replace(
                answer,
                materials=[papers[f"{part}.{key}"] for key in answer.materials if f"{part}.{key}" in papers],
                then=None if answer.then is None else _prefixed(part, answer.then),
            )
            for answer in one.answers
        ],
    )


def situation_of(content: GuideContent, part: str, guide: GuideContent, answers: Mapping[str, str]) -> dict[str, str]:
    """Say what the answers to a theme's questions answer of one of its items' own."""
    return {
        one.key: answers[_prefixed(part, one.key)]
        for one in guide.situations
        if _prefixed(part, one.key) in {known.key for known in content.situations} & answers.keys()
    }


def _prefixed(part: str, key: str) -> str:
    return f"{part}_{key}"[:_LONGEST_KEY]


def _free(key: str, part: str, lines: Sequence[_Line]) -> str:
    taken = {one.key for one in lines}
    return key if key not in taken else _prefixed(part, key)


def _stands(lines: Sequence[FormField] | Sequence[MaterialRule]) -> dict[str, str]:
    """Say by which line of the theme each line of an item is asked."""
    return {stood: one.key for one in lines for stood in one.stands_for}


def _moved(when: Condition | None, part: str, asked: Mapping[str, str]) -> Condition | None:
    if when is None:
        return None
    return structs.replace(when, field=asked.get(f"{part}.{when.field}", when.field))


def _steps(content: GuideContent) -> list[GuideStep]:
    """Draw the steps of a theme whose items are done side by side."""
    done = [GuideStep(key="review", name=one.name, who=one.who, days=0, what=one.name) for one in content.parts
            if one.name is not None and one.who is not None]  # fmt: skip
    if not done:
        return []
    last = structs.replace(done[-1], days=content.promise_days)
    return [*done[:-1], last]


async def faults(content: GuideContent) -> list[FieldError]:
    """List what a theme must not be published with: items that are not there, lines that ask more or less than they."""
    if not content.parts:
        return [FieldError(f"{name}.{at}.stands_for", "unknown_part") for name, at, _ in _standing(content)]
    found = [*_parts_faults(content.parts)]
    guides: dict[str, GuideContent] = {}
    for at, part in enumerate(content.parts):
        guide, wrong = await _part_guide(content, part)
        found += [FieldError(f"parts.{at}.item", code) for code in wrong]
        if guide is not None:
            guides[part.key] = guide.content
    found += _lines_faults(content, guides)
    if guides and content.legal_days > max(one.legal_days for one in guides.values()):
        found.append(
            FieldError("legal_days", "theme_beyond_items", {"most": max(g.legal_days for g in guides.values())})
        )
    return found


def _parts_faults(parts: Sequence[Part]) -> Iterator[FieldError]:
    if not LEAST <= len(parts) <= MOST:
        yield FieldError("parts", "theme_needs_several", {"least": LEAST, "most": MOST})
    for at, part in enumerate(parts):
        if part.key in [one.key for one in parts[:at]]:
            yield FieldError(f"parts.{at}.key", "twice")
        if part.item in [one.item for one in parts[:at]]:
            yield FieldError(f"parts.{at}.item", "twice")


async def _part_guide(content: GuideContent, part: Part) -> tuple[GuideView | None, list[str]]:
    """Read the guide of one item in the version that is in force, and say what speaks against it."""
    try:
        guide = await _versions.current_guide((await _items.item_by_code(part.item)).id)
    except NotFound:
        return None, ["part_not_published"]
    if part.version != guide.version:
        # Its lines may have changed: the theme is put together anew before it is published.
        return None, ["part_has_newer_guide"]
    one = guide.content
    told = {
        "part_is_theme": bool(one.parts),
        "part_not_online": content.online and not one.online,
        "part_for_others": not set(content.audience) <= set(one.audience),
    }
    return guide, [code for code, so in told.items() if so]


def _standing(content: GuideContent) -> Iterator[tuple[str, int, str]]:
    """List which line of which list stands for what."""
    for name, lines in _lists(content):
        for at, line in enumerate(lines):
            for stood in line.stands_for:
                yield name, at, stood


def _lists(content: GuideContent) -> tuple[tuple[str, Sequence[MaterialRule | FormField]], ...]:
    return ("materials", content.materials), ("form", content.form)


def _lines_faults(content: GuideContent, guides: Mapping[str, GuideContent]) -> Iterator[FieldError]:
    for name, lines in _lists(content):
        asked = {
            f"{part}.{line.key}" for part, one in guides.items()
            for line in (one.materials if name == "materials" else one.form)
        }  # fmt: skip
        seen: set[str] = set()
        for at, line in enumerate(lines):
            if not line.stands_for:
                yield FieldError(f"{name}.{at}.stands_for", "stands_for_nothing")
            known = {stood for stood in line.stands_for if stood.split(".", 1)[0] in guides}
            if not known <= asked or known & seen:
                yield FieldError(f"{name}.{at}.stands_for", "stands_for_unknown")
            seen |= known
        for stood in sorted(asked - seen):
            part = next(at for at, one in enumerate(content.parts) if one.key == stood.split(".", 1)[0])
            yield FieldError(f"parts.{part}.item", "part_not_covered", {"line": stood.split(".", 1)[1]})
