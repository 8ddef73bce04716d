"""The ten elements of an item as lines that can be laid beside each other."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, get_args

from server.features.catalogue.schemas import Element

if TYPE_CHECKING:
    from server.features.catalogue.schemas import GuideContent, GuideStandard, ItemView

ELEMENTS: tuple[Element, ...] = get_args(Element)
# Where in a guide an element is written; what belongs to the item itself is mended by its list.
PLACES: dict[Element, str] = {
    "basis": "basis",
    "conditions": "conditions",
    "audience": "audience",
    "materials": "materials",
    "days": "promise_days",
    "fees": "fees",
}
_TIERS = {2: "province", 4: "city", 6: "county", 9: "town", 12: "village"}


def theirs(element: Element, standard: GuideStandard) -> list[str] | None:
    """Write what a standard says of an element, None where it says nothing. A line may be `word:rest`."""
    if element == "code":
        return [standard.code]
    said = getattr(standard, element)
    return None if said is None else _THEIRS.get(element, _plain)(said)


def ours(element: Element, item: ItemView, content: GuideContent) -> list[str]:
    """Write what the county's own guide says of it, in the same words."""
    return _OURS[element](item, content)


def alike(element: Element, standard: GuideStandard, item: ItemView, content: GuideContent) -> bool:
    """Say whether an element agrees. Fewer days, a smaller fee and a paper less are no difference to anybody's harm.

    Of where an item may be done, the county's own tier has to be one.
    """
    if element == "days" and standard.days is not None:
        days = standard.days
        return content.legal_days == days.legal_days and content.promise_days <= days.promise_days
    if element == "fees" and standard.fees is not None:
        most = {fee.name: fee.most_fen for fee in standard.fees}
        return all(fee.amount_fen <= most.get(fee.name, -1) for fee in content.fees)
    said, own = theirs(element, standard) or [], ours(element, item, content)
    if element == "exercised":
        return set(own) <= set(said)
    return sorted(said) == sorted(own)


def _plain(said: object) -> list[str]:
    return [str(one) for one in said] if isinstance(said, list) else [str(said)]


_THEIRS: dict[str, Callable[..., list[str]]] = {
    "materials": lambda said: [f"{one.need}:{one.name}" for one in said],
    "days": lambda said: [f"legal_days:{said.legal_days}", f"promise_days:{said.promise_days}"],
    "fees": lambda said: [f"{one.name} {one.most_fen / 100:g}" for one in said],
}
_OURS: dict[Element, Callable[[ItemView, GuideContent], list[str]]] = {
    "code": lambda item, _: [item.code],
    "name": lambda item, _: [item.name],
    "kind": lambda item, _: [item.kind],
    "basis": lambda _, content: [f"{one.law} {one.article}" for one in content.basis],
    "exercised": lambda item, _: [_TIERS.get(len(_significant(item.region_code)), "village")],
    "conditions": lambda _, content: list(content.conditions),
    "audience": lambda _, content: list(content.audience),
    "materials": lambda _, content: [f"{one.need}:{one.name}" for one in content.materials],
    "days": lambda _, content: [f"legal_days:{content.legal_days}", f"promise_days:{content.promise_days}"],
    "fees": lambda _, content: [f"{one.name} {one.amount_fen / 100:g}" for one in content.fees],
}


def _significant(code: str) -> str:
    """Cut a region's code to what names it: 2, 4, 6, 9 or 12 digits of GB/T 2260."""
    bare = code.rstrip("0")
    return code[: next((length for length in (2, 4, 6, 9, 12) if len(bare) <= length), 12)]
