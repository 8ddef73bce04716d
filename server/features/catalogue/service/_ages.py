"""Who a guide is meant for by age: whether somebody is, and how the rule is said."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.features.catalogue.schemas import AgeMark
from server.kit.texts import text

if TYPE_CHECKING:
    from server.features.catalogue.schemas import Ages


def of_age(ages: Ages | None, age: int | None) -> bool:
    """Say whether somebody may ask for it; of whom no age is known it is asked at the window, and nobody is refused."""
    if ages is None or age is None:
        return True
    return (ages.at_least or 0) <= age and (ages.below is None or age < ages.below)


def ages_in_words(ages: Ages, locale: str) -> str:
    """Say who is meant: aged 60 or over."""
    if ages.at_least is not None and ages.below is not None:
        return text(locale, "catalogue.ages.between", **{"from": ages.at_least, "years": ages.below})
    kind = "below" if ages.at_least is None else "at_least"
    return text(locale, f"catalogue.ages.{kind}", years=ages.below if ages.at_least is None else ages.at_least)


def age_mark(ages: Ages | None, age: int | None, locale: str) -> AgeMark | None:
    """Give what an officer is warned of: another age than the guide's, or one that no document has said."""
    if ages is None or (ages.at_least is None and ages.below is None):
        return None
    if age is not None and of_age(ages, age):
        return None
    return AgeMark(rule=ages_in_words(ages, locale), age=age)
