"""What the rules came to, in a reader's words: on the phone and at the desk the same."""

from __future__ import annotations

from msgspec import convert

from server.features.cases.models import Case, Ruling
from server.features.cases.schemas import RuleLine, RulingAtDesk, RulingOut, Trace
from server.features.catalogue.service import GuideView
from server.features.identity import service as identity
from server.kit.spoken import spoken
from server.kit.texts import text


async def newest_ruling(case: Case, guide: GuideView) -> Ruling | None:
    """Find the rules' last word on a case."""
    if guide.content.by_rules is None:
        return None
    return await Ruling.filter(case_id=case.id).order_by("-created_at").first()


async def ruling_of(case: Case, guide: GuideView, locale: str) -> RulingOut | None:
    """Show the rules' last word on a case; None where no rules were asked."""
    row = await newest_ruling(case, guide)
    return None if row is None else shown(row, guide, locale)


async def ruling_at_desk(case: Case, guide: GuideView, locale: str) -> RulingAtDesk | None:
    """Show it with what a person found afterwards."""
    row = await newest_ruling(case, guide)
    return None if row is None else await beside(row, guide, locale)


async def beside(row: Ruling, guide: GuideView, locale: str) -> RulingAtDesk:
    """Show one word of the rules as the desk sees it."""
    looked = [row.looked_by] if row.looked_by else []
    names = await identity.staff_labels(looked)
    return RulingAtDesk(
        id=row.id,
        shown=shown(row, guide, locale),
        look=row.look,
        look_on=row.look_on,
        looked_by=names[row.looked_by][1] if row.looked_by else None,
        looked_at=row.looked_at,
        found=row.found,
    )


def shown(row: Ruling, guide: GuideView, locale: str) -> RulingOut:
    """Say what the rules of a guide's version came to."""
    rules = guide.content.by_rules
    return RulingOut(
        name=rules.name if rules else "",
        basis=rules.basis if rules else "",
        state=row.state,
        why=None if row.why is None else text(locale, f"cases.ruling.why.{row.why}"),
        ended_at=row.ended_at,
        lines=[_line(convert(line, Trace), locale) for line in row.lines or []],
    )


def _line(line: Trace, locale: str) -> RuleLine:
    said = text(
        locale,
        "cases.ruling.fact.down" if line.held == "down" else f"cases.ruling.fact.{line.fact}.{line.held}",
        said=line.said,
        of=line.of or text(locale, "cases.ruling.source.identity"),
        on=spoken(locale, line.on) if line.on else "",
    )
    return RuleLine(
        name=line.name,
        held=line.held,
        source=text(locale, f"cases.ruling.source.{line.fact}"),
        said=said,
        read_at=line.read_at,
    )
