"""Personal data as others may see it: enough for its owner to recognise, too little for anybody else."""

from __future__ import annotations

_SEPARATORS = frozenset("·•・ -'.\N{RIGHT SINGLE QUOTATION MARK}")
_LONG_NUMBER = 15


def name(full: str) -> str:
    """Mask a name: two characters keep the first, longer ones the first and the last; separators stay.

    So Han, Mongolian, Uyghur and Latin names all keep their length and shape.
    """
    if len(full) > 2 and _SEPARATORS.isdisjoint(full):
        return f"{full[0]}{'*' * (len(full) - 2)}{full[-1]}"
    places = [place for place, char in enumerate(full) if char not in _SEPARATORS]
    shown = set(places[:1] + places[-1:]) if len(places) > 2 else set(places[:1])
    if len(places) < 2:
        shown = set()
    return "".join(char if place in shown or char in _SEPARATORS else "*" for place, char in enumerate(full))


def phone(number: str) -> str:
    """Mask a telephone number: the first three and last four of a mobile number, less of a shorter one."""
    return _middle(number, 3, 4) if len(number) >= 11 else _middle(number, 0, 2)


def document(number: str) -> str:
    """Mask a document number: the first six and last four of a citizen's, one and two of the shorter ones."""
    return _middle(number, 6, 4) if len(number) >= _LONG_NUMBER else _middle(number, 1, 2)


def end(text: str) -> str:
    """Mask all but the last four characters."""
    return _middle(text, 0, 4)


def _middle(text: str, first: int, last: int) -> str:
    hidden = len(text) - first - last
    if hidden <= 0:
        return "*" * len(text)
    return text[:first] + "*" * hidden + text[len(text) - last :]
