"""The list that is told once (一次性告知), in the reader's language."""

from __future__ import annotations

from server.features.cases.service._rules import applies
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideView, MaterialRule
from server.kit import clock
from server.kit.texts import text


def told_at(guide: GuideView, content: GuideContent, form: dict[str, str], locale: str) -> dict[str, object]:
    """Keep what was told, with the version that says so: another version, or other words, never change it."""
    return {
        "guide_id": str(guide.id),
        "version": guide.version,
        "locale": locale,
        "at": clock.now().isoformat(),
        "lines": told(content, form, locale),
    }


def told(content: GuideContent, form: dict[str, str], locale: str) -> list[str]:
    """List everything the person is told once: what to hand in, how long it takes, what it costs, what comes out."""
    lines = [text(locale, "cases.told.part", name=one.name, who=one.who) for one in content.parts]
    lines += [_to_bring(rule, locale) for rule in content.materials if applies(rule.when, form)]
    key = "instant" if content.handling == "instant" else "promised"
    lines.append(text(locale, f"cases.told.{key}", days=content.promise_days, law=content.legal_days))
    fees = [fee for fee in content.fees if fee.amount_fen]
    lines += [text(locale, "cases.told.fee", name=fee.name, yuan=_yuan(fee.amount_fen)) for fee in fees]
    if not fees:
        lines.append(text(locale, "cases.told.free"))
    lines.append(text(locale, "cases.told.result", name=content.result.name))
    return lines


def _to_bring(rule: MaterialRule, locale: str) -> str:
    """Say that a paper is handed in, or need not be, and what does as well."""
    line = text(locale, f"cases.told.material_{'exempt' if rule.exempt else rule.need}", name=rule.name)
    if rule.pixels is not None:
        line = text(locale, "cases.told.pixels", line=line, size=catalogue.pixels_said(rule.pixels, locale))
    if rule.pledge is not None:
        line = text(locale, "cases.told.or_pledge", line=line)
    if rule.by_reference:
        line = text(locale, "cases.told.or_reference", line=line)
    if rule.reuse_months is not None:
        line = text(locale, "cases.told.or_earlier", line=line, months=rule.reuse_months)
    return line


def _yuan(fen: int) -> str:
    yuan, rest = divmod(fen, 100)
    return f"{yuan}.{rest:02}" if rest else str(yuan)
