"""How large a picture must be: said in words, and checked."""

from __future__ import annotations

from server.features.catalogue.schemas import Pixels
from server.kit.texts import text


def sensible(pixels: Pixels) -> bool:
    """Say whether width and height come together, and the least is not more than the most."""
    least, most = (pixels.least_width, pixels.least_height), (pixels.most_width, pixels.most_height)
    if None in least + most:
        return all((wide is None) == (high is None) for wide, high in (least, most)) and least != most
    return _within(least, most)


def pixels_fit(pixels: Pixels | None, width: int | None, height: int | None) -> bool:
    """Say whether a picture has the size; one whose size nobody has measured may."""
    if pixels is None or width is None or height is None:
        return True
    return _within((pixels.least_width, pixels.least_height), (width, height)) and _within(
        (width, height), (pixels.most_width, pixels.most_height)
    )


def _within(less: tuple[int | None, int | None], more: tuple[int | None, int | None]) -> bool:
    return all(few is None or many is None or few <= many for few, many in zip(less, more, strict=True))


def pixels_said(pixels: Pixels, locale: str) -> str:
    """Say the size, as the phone says it."""
    least = dots_said(pixels.least_width, pixels.least_height, locale)
    most = dots_said(pixels.most_width, pixels.most_height, locale)
    if least == most:
        return text(locale, "catalogue.pixels.exact", size=least)
    if pixels.most_width is None:
        return text(locale, "catalogue.pixels.least", size=least)
    if pixels.least_width is None:
        return text(locale, "catalogue.pixels.most", size=most)
    return text(locale, "catalogue.pixels.between", least=least, most=most)


def dots_said(width: int | None, height: int | None, locale: str) -> str:
    """Say one size."""
    return text(locale, "catalogue.pixels.dots", width=width, height=height)
