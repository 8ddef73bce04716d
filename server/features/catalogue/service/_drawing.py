"""Pictures drawn from a guide, never by hand: the flow chart of its steps, its form, its result."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import TYPE_CHECKING
from uuid import UUID

from server.errors import NotFound
from server.features.catalogue.service import _versions
from server.features.catalogue.service._linter import wording
from server.kit import texts

if TYPE_CHECKING:
    from server.features.catalogue.schemas import FormField, GuideContent

_WIDTH = 360
_INK, _QUIET, _LINE, _SOFT = "#1d2330", "#5a6372", "#1a5fd0", "#eef4ff"
_BOX, _PAD, _GAP, _STEP = 320, 16, 26, 22
_PAPER, _MARGIN, _LABEL = 595, 40, 150
_FONT = "system-ui, 'PingFang SC', 'Microsoft YaHei', 'Noto Sans SC', sans-serif"


async def flow_chart(guide_id: UUID, locale: str) -> str:
    """Draw the steps as SVG, 360 wide: large enough for a phone, dark enough for print. Raises NotFound."""
    content = (await _versions.guide(guide_id)).content
    boxes = [(texts.text(locale, "catalogue.flow.begin"), "", "")]
    boxes += [(step.name, f"{step.who} · {_days(step.days, locale)}", step.what) for step in content.steps]
    boxes.append((texts.text(locale, "catalogue.flow.end"), content.result.name, ""))
    parts: list[str] = []
    top = _PAD
    for at, (title, who, what) in enumerate(boxes):
        drawn, height = _box(top, title, who, what, round_=at in (0, len(boxes) - 1))
        parts.append(drawn)
        top += height
        if at < len(boxes) - 1:
            parts.append(_arrow(top))
            top += _GAP
    title = texts.text(locale, "catalogue.flow.title")
    return _svg(_WIDTH, top + _PAD, title, "".join(parts))


def _days(days: int, locale: str) -> str:
    return texts.text(locale, "catalogue.days", days=days) if days else texts.text(locale, "catalogue.at_once")


def _box(top: int, title: str, who: str, what: str, *, round_: bool) -> tuple[str, int]:
    left = (_WIDTH - _BOX) // 2
    lines = [(title, 18, _INK, "bold"), *((line, 14, _QUIET, "normal") for line in _wrapped(who, 14, _BOX - 32))]
    lines += [(line, 14, _INK, "normal") for line in _wrapped(what, 14, _BOX - 32)]
    height = 2 * 12 + _STEP * len(lines)
    said = "".join(
        f'<text x="{_WIDTH // 2}" y="{top + 28 + _STEP * at}" font-size="{size}" fill="{ink}" font-weight="{weight}"'
        f' text-anchor="middle">{escape(line)}</text>'
        for at, (line, size, ink, weight) in enumerate(lines)
    )
    frame = (
        f'<rect x="{left}" y="{top}" width="{_BOX}" height="{height}" rx="{height // 2 if round_ else 8}"'
        f' fill="{_SOFT if round_ else "#fff"}" stroke="{_LINE}" stroke-width="1.5"/>'
    )
    return frame + said, height


def _arrow(top: int) -> str:
    middle, end = _WIDTH // 2, top + _GAP
    return (
        f'<path d="M{middle} {top}V{end - 2}M{middle - 5} {end - 9}L{middle} {end - 2}L{middle + 5} {end - 9}"'
        f' fill="none" stroke="{_LINE}" stroke-width="1.5"/>'
    )


async def sample_form(guide_id: UUID, locale: str, *, filled: bool) -> str:
    """Draw the form as it is asked for, A4: blank, or filled in as a sample with a watermark. Raises NotFound."""
    guide = await _versions.guide(guide_id)
    parts = [_said(_PAPER // 2, 70, guide.item.name, 20, anchor="middle", weight="bold")]
    parts.append(_said(_PAPER // 2, 96, guide.department.name, 13, anchor="middle", ink=_QUIET))
    top = 120
    for field in guide.content.form:
        answer = _example(guide.content, field) if filled else ""
        label = texts.text(locale, "catalogue.sample.required", label=field.label) if field.required else field.label
        drawn, height = _row(top, field, label, answer)
        parts.append(drawn)
        top += height
    parts += [
        _said(_MARGIN, top + 40, texts.text(locale, "catalogue.sample.signed"), 14),
        _said(_PAPER - 220, top + 40, texts.text(locale, "catalogue.sample.dated"), 14),
    ]
    height = max(842, top + 90)
    if filled:
        parts.append(_watermark(height, texts.text(locale, "catalogue.sample.watermark")))
    name = texts.text(locale, "catalogue.sample.filled" if filled else "catalogue.sample.blank")
    return _svg(_PAPER, height, f"{guide.item.name} {name}", "".join(parts))


async def sample_result(guide_id: UUID, locale: str) -> str:
    """Draw what comes out, entry by entry, with a watermark. Raises NotFound, also where the guide has no sample."""
    guide = await _versions.guide(guide_id)
    result = guide.content.result
    if not result.sample:
        raise NotFound
    parts = [_said(_PAPER // 2, 70, result.name, 20, anchor="middle", weight="bold")]
    parts.append(_said(_PAPER // 2, 96, guide.department.name, 13, anchor="middle", ink=_QUIET))
    top = 120
    for line in result.sample:
        drawn, height = _ruled(top, line.entry, line.says)
        parts.append(drawn)
        top += height
    height = max(480, top + 60)
    parts.append(_watermark(height, texts.text(locale, "catalogue.sample.watermark")))
    return _svg(_PAPER, height, f"{result.name} {texts.text(locale, 'catalogue.sample.result')}", "".join(parts))


def _example(content: GuideContent, field: FormField) -> str:
    asked = {one.key: one for one in content.form}
    if field.when is not None and field.when.field in asked:
        first = asked[field.when.field].choices[:1]
        if first and first[0].value != field.when.equals:
            return ""
    if field.choices:
        return field.choices[0].label
    return field.example or wording().examples.get(field.type, "")


def _row(top: int, field: FormField, label: str, answer: str) -> tuple[str, int]:
    choices = "  ".join(f"□ {choice.label}" for choice in field.choices)
    least = 3 if field.type == "long_text" else 1
    return _ruled(top, label, answer or choices, least=least, ink=_LINE if answer else _INK)


def _ruled(top: int, label: str, says: str, *, least: int = 1, ink: str = _INK) -> tuple[str, int]:
    width = _PAPER - 2 * _MARGIN
    labels = list(_wrapped(label, 14, _LABEL - 16))
    values = list(_wrapped(says, 14, width - _LABEL - 20))
    height = 20 + 20 * max(len(labels), len(values), least)
    lines = "".join(_said(_MARGIN + 8, top + 24 + 20 * at, line, 14) for at, line in enumerate(labels))
    lines += "".join(
        _said(_MARGIN + _LABEL + 10, top + 24 + 20 * at, line, 14, ink=ink) for at, line in enumerate(values)
    )
    edge = f'fill="none" stroke="{_INK}" stroke-width="0.8"'
    return (
        f'<rect x="{_MARGIN}" y="{top}" width="{width}" height="{height}" {edge}/>'
        f'<path d="M{_MARGIN + _LABEL} {top}v{height}" {edge}/>{lines}'
    ), height


def _watermark(height: int, word: str) -> str:
    marks = "".join(
        f'<text x="{x}" y="{y}" font-size="64" fill="#c9302c" fill-opacity=".13" text-anchor="middle"'
        f' transform="rotate(-30 {x} {y})">{escape(word)}</text>'
        for y in range(220, height, 240)
        for x in (_PAPER // 4, 3 * _PAPER // 4)
    )
    return f'<g aria-hidden="true">{marks}</g>'


def _said(
    x: int, y: int, words: str, size: int, *, anchor: str = "start", weight: str = "normal", ink: str = _INK
) -> str:
    return (
        f'<text x="{x}" y="{y}" font-size="{size}" fill="{ink}" font-weight="{weight}" text-anchor="{anchor}">'
        f"{escape(words)}</text>"
    )


def _wrapped(words: str, size: int, width: int) -> Iterator[str]:
    """Break a text by its width: a Chinese letter is as wide as high, a Latin one about half of that."""
    line, used = "", 0.0
    for letter in words:
        wide = size if ord(letter) > 0x2E80 or letter in "·—“”" else size * 0.56
        if used + wide > width and line:
            yield line
            line, used = "", 0.0
        line += letter
        used += wide
    if line:
        yield line


def _svg(width: int, height: int, title: str, drawn: str) -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
        f' role="img" font-family="{_FONT}"><title>{escape(title)}</title>'
        f'<rect width="{width}" height="{height}" fill="#fff"/>{drawn}</svg>'
    )
