"""How a certificate looks, in points: one description, drawn as picture and as PDF, so that both are the same.

A kind is a card (as wide as a bank card, or a little taller where it says more) or a sheet (A4).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from server.kit.fonts import BOLD, TEXT, width, wrap

CARD, SHEET = (540.0, 340.0), (595.0, 842.0)
INK, QUIET = "#1f2430", "#5c6474"
WHITE = "#ffffff"
# Contrast of words on the band, as WCAG has it.
READABLE = 4.5


@dataclass(frozen=True, slots=True)
class Words:
    """One line of text; `y` is its foot, counted from above."""

    text: str
    x: float
    y: float
    size: float
    font: str = TEXT
    colour: str = INK


@dataclass(frozen=True, slots=True)
class Box:
    """A filled rectangle, or only its edge."""

    x: float
    y: float
    wide: float
    tall: float
    colour: str
    edge: float = 0


@dataclass(slots=True)
class Look:
    """A drawing: what lies on it from back to front, and what is written across it."""

    wide: float
    tall: float
    watermark: str | None
    items: list[Box | Words] = field(default_factory=list)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What a certificate says, in the words it is drawn with. `foot` are its last lines, `note` the small print."""

    form: str
    title: str
    issuer: str
    colour: str
    rows: tuple[tuple[str, str], ...]
    foot: tuple[str, ...]
    note: str
    watermark: str | None


def look_of(said: Said) -> Look:
    """Lay a certificate out. Raises GlyphMissingError for what no font draws."""
    return _sheet(said) if said.form == "sheet" else _card(said)


def _card(said: Said) -> Look:
    wide, least = CARD
    band = _dark(said.colour)
    size = _fitting(said.title, 26, BOLD, wide - 56)
    issuer = _shortened(said.issuer, 14, wide - 84 - width(said.title, BOLD, size))
    foot = said.foot if issuer == said.issuer else (said.issuer, *said.foot)
    rows = _rows(said.rows, x=28, y=104, wide=wide - 56, label=104, size=17, step=27)
    bottom = max((one.y for one in rows), default=104.0)
    tall = max(least, bottom + 34 + 20 * len(foot) + 24)
    look = Look(wide, tall, said.watermark)
    look.items += [Box(0, 0, wide, tall, _tint(said.colour)), Box(0, 0, wide, 66, band)]
    look.items.append(Words(said.title, 28, 43, size, BOLD, WHITE))
    if issuer:
        look.items.append(Words(issuer, wide - 28 - width(issuer, TEXT, 14), 42, 14, TEXT, WHITE))
    look.items += rows
    y = tall - 30 - 20 * (len(foot) - 1)
    for line in foot:
        look.items.append(Words(line, 28, y, _fitting(line, 13, TEXT, wide - 56)))
        y += 20
    look.items.append(Words(said.note, 28, tall - 11, 10, TEXT, QUIET))
    look.items.append(Box(0, 0, wide, tall, band, edge=3))
    return look


def _sheet(said: Said) -> Look:
    wide, tall = SHEET
    band = _dark(said.colour)
    look = Look(wide, tall, said.watermark)
    look.items += [
        Box(0, 0, wide, tall, WHITE),
        Box(26, 26, wide - 52, tall - 52, _tint(said.colour)),
        Box(26, 26, wide - 52, tall - 52, band, edge=4),
        Box(34, 34, wide - 68, tall - 68, band, edge=1),
    ]
    size = _fitting(said.title, 40, BOLD, wide - 120)
    look.items.append(Words(said.title, (wide - width(said.title, BOLD, size)) / 2, 138, size, BOLD, band))
    rows = _rows(said.rows, x=76, y=212, wide=wide - 152, label=130, size=19, step=34)
    look.items += rows
    # What says more than a page holds goes on below it: a longer picture, never a cut one.
    look.tall = max(tall, max((one.y for one in rows), default=0.0) + 60 + 30 * (len(said.foot) + 1) + 40)
    for place, box in enumerate(look.items[:4]):
        if isinstance(box, Box):
            look.items[place] = Box(box.x, box.y, box.wide, box.tall + look.tall - tall, box.colour, box.edge)
    y = look.tall - 78 - 30 * len(said.foot)
    for line in (said.issuer, *said.foot):
        size = _fitting(line, 16, TEXT, wide - 120)
        look.items.append(Words(line, wide - 60 - width(line, TEXT, size), y, size))
        y += 30
    look.items.append(Words(said.note, 52, look.tall - 46, 10, TEXT, QUIET))
    return look


def _rows(
    rows: tuple[tuple[str, str], ...], *, x: float, y: float, wide: float, label: float, size: float, step: float
) -> list[Words]:
    drawn: list[Words] = []
    for name, value in rows:
        names = wrap(name, TEXT, size, label - 12)
        values = wrap(value, TEXT, size, wide - label)
        for place in range(max(len(names), len(values))):
            if place < len(names):
                drawn.append(Words(names[place], x, y, size, TEXT, QUIET))
            if place < len(values):
                drawn.append(Words(values[place], x + label, y, size))
            y += step
    return drawn


def _fitting(words: str, size: float, font: str, room: float) -> float:
    """Give the largest size, up to a wanted one, at which a line fits."""
    return min(size, size * room / max(1.0, width(words, font, size)))


def _shortened(words: str, size: float, room: float) -> str:
    """Cut what does not fit beside the title; the whole name stands at the foot."""
    while words and width(words, TEXT, size) > room:
        words = words[:-2] + "…" if len(words) > 1 else ""
    return words


def _dark(colour: str) -> str:
    """Darken a colour until white words on it can be read."""
    parts = _parts(colour)
    while 1.05 / (_luminance(parts) + 0.05) < READABLE:
        parts = tuple(int(part * 0.94) for part in parts)
    return "#{:02x}{:02x}{:02x}".format(*parts)


def _tint(colour: str) -> str:
    return "#{:02x}{:02x}{:02x}".format(*(255 - (255 - part) // 14 for part in _parts(colour)))


def _parts(colour: str) -> tuple[int, ...]:
    return tuple(bytes.fromhex(colour.removeprefix("#")))


def _luminance(parts: tuple[int, ...]) -> float:
    linear = [part / 255 / 12.92 if part <= 10 else ((part / 255 + 0.055) / 1.055) ** 2.4 for part in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
