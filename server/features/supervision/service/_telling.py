"""What a bulletin tells: tables of words and figures, in the language of whoever orders it, and nobody's name."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from server.features.ratings import service as ratings
from server.features.supervision.service._board import LIGHTS, board_of
from server.features.supervision.service._figures import Figure, Figures, Places, Share, by_place, figures_of
from server.features.supervision.service._periods import Period
from server.features.supervision.service._reach import View
from server.features.supervision.service._reasons import reasons_of
from server.kit.spoken import spoken
from server.kit.texts import text

Cell = str | int


class Section(Struct, frozen=True):
    """One table. It has a head even where it has no rows."""

    title: str
    head: list[str]
    rows: list[list[Cell]]


class Content(Struct, frozen=True):
    """All of a bulletin."""

    title: str
    lines: list[str]
    sections: list[Section]


async def told(view: View, period: Period, locale: str) -> Content:
    """Put a bulletin's words together as the figures stand now."""
    found = await figures_of(view, period)
    lines = [period_said(locale, period), scope_said(locale, view)]
    if found.counted_at is not None:
        lines.append(text(locale, "console.bulletin.as_of", at=spoken(locale, found.counted_at)))
    sections = [_overview(locale, found), await _lights(view, locale)]
    places = await by_place(found)
    for key, one in found.figures.items():
        if one.labels:
            sections += [_reasons(locale, one), await _by_item(view, period, locale)]
            continue
        here = places.get(key, Places())
        named = {found.view.departments[id_].name: each for id_, each in here.departments.items()}
        named |= {found.view.halls[id_].name: each for id_, each in here.halls.items()}
        if named:
            sections.append(_places(locale, one, named))
    sections.append(_meanings(locale, found))
    return Content(text(locale, "console.bulletin.title"), lines, sections)


def period_said(locale: str, period: Period) -> str:
    """Say a period."""
    begin = period.begin
    if period.months == 12:
        return text(locale, "console.indicators.year", year=begin.year)
    if period.months == 3:
        return text(locale, "console.indicators.quarter", year=begin.year, n=(begin.month + 2) // 3)
    return text(locale, "console.indicators.month", year=begin.year, n=begin.month)


def value_said(locale: str, figure: Figure, value: float | None) -> str:
    """Say a value in its unit; what is not quite all is never rounded up to all."""
    if value is None:
        return ""
    digits = 0 if figure.kind.unit == "count" else 1
    written = f"{int(value * 10) / 10 if value > 99 else value:.{digits}f}"
    return text(locale, f"console.indicators.unit.{figure.kind.unit}", n=written)


def share_said(locale: str, figure: Figure, share: Share) -> str:
    """Say the value of a share, or that too few stand behind it to be told."""
    return text(locale, "console.indicators.few") if share.hidden else value_said(locale, figure, figure.value(share))


def change_said(locale: str, figure: Figure, since: Share) -> str:
    """Say by how much it differs from what it was, whichever way."""
    change = abs(figure.change(since) or 0)
    if figure.kind.unit == "share":
        return text(locale, "console.indicators.unit.points", n=f"{change:.1f}")
    return value_said(locale, figure, change)


def scope_said(locale: str, view: View) -> str:
    """Say what part of somebody's reach was chosen."""
    chosen = view.chosen
    names = [one.name for one in view.regions if one.code == chosen.region]
    names += [view.departments[chosen.department].name] if chosen.department else []
    names += [view.halls[chosen.hall].name] if chosen.hall else []
    return text(locale, "common.comma").join(names) or text(locale, "console.bulletin.whole")


def _name(locale: str, figure: Figure) -> str:
    return text(locale, f"console.indicators.of.{figure.kind.key}.name")


def _values(locale: str, figure: Figure) -> list[Cell]:
    def said(share: Share) -> str:
        return share_said(locale, figure, share) or text(locale, "console.indicators.no_data")

    made_of: list[Cell] = ["", ""] if figure.now.hidden else [figure.now.part, figure.now.whole]
    return [said(figure.now), said(figure.before), said(figure.year_ago), *made_of]


def _head(locale: str, *first: str) -> list[str]:
    shared = [text(locale, f"console.indicators.{name}") for name in ("value", "before", "year_ago")]
    return [*first, *shared, *(text(locale, f"console.bulletin.{name}") for name in ("part", "whole_number"))]


def _overview(locale: str, found: Figures) -> Section:
    rows: list[list[Cell]] = [[_name(locale, one), *_values(locale, one)] for one in found.figures.values()]
    return Section(
        text(locale, "console.bulletin.overview"), _head(locale, text(locale, "console.tab.indicators")), rows
    )


async def _lights(view: View, locale: str) -> Section:
    names = (*LIGHTS, "turning")
    rows: list[list[Cell]] = [
        [text(locale, f"console.board.kind.{kind}"), *(getattr(one, name) for name in names)]
        for kind, one in (await board_of(view)).kinds.items()
    ]
    head = [text(locale, "console.board.matter"), *(text(locale, f"console.board.light.{name}") for name in names)]
    return Section(text(locale, "console.bulletin.lights"), head, rows)


def _places(locale: str, one: Figure, named: Mapping[str, Figure]) -> Section:
    rows: list[list[Cell]] = [[name, *_values(locale, each)] for name, each in named.items()]
    return Section(_name(locale, one), _head(locale, text(locale, "console.indicators.place")), rows)


def _reasons(locale: str, one: Figure) -> Section:
    several = sorted(one.labels.items(), key=lambda pair: (-pair[1], pair[0]))
    head = [_name(locale, one), text(locale, "console.bulletin.part")]
    return Section(_name(locale, one), head, [[ratings.reason(code), number] for code, number in several])


async def _by_item(view: View, period: Period, locale: str) -> Section:
    places = {id_: one.name for id_, one in view.departments.items()}
    unnamed = text(locale, "console.indicators.no_item")
    rows: list[list[Cell]] = [
        [ratings.reason(one.reason), one.item or unnamed,
         places.get(one.department_id, "") if one.department_id else "", one.now.part]
        for one in await reasons_of(view, period)
    ]  # fmt: skip
    named = ("indicators.of.bad_reasons.name", "indicators.item", "board.department", "bulletin.part")
    head = [text(locale, f"console.{name}") for name in named]
    return Section(text(locale, "console.indicators.by_item"), head, rows)


def _meanings(locale: str, found: Figures) -> Section:
    rows: list[list[Cell]] = [
        [_name(locale, one), text(locale, f"console.indicators.of.{key}.means")] for key, one in found.figures.items()
    ]
    head = [text(locale, "console.tab.indicators"), text(locale, "console.bulletin.meaning")]
    return Section(text(locale, "console.bulletin.meanings"), head, rows)
