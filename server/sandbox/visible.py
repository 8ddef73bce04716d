"""Which codes are on a screen right now, so that another phone can scan them."""

import msgspec

from server.sandbox.clock import Clock

__all__ = ["VisibleCode", "VisibleCodes"]

FORGOTTEN_AFTER = 1_800
PER_PHONE = 20


class VisibleCode(msgspec.Struct):
    phone: str
    text: str
    label: str
    at: float
    lasting: bool = False  # hangs on a wall


class VisibleCodes:
    """A closed tab cannot always say goodbye, so a code that was not shown again is forgotten after half an hour."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._held: dict[tuple[str, str], VisibleCode] = {}

    def show(self, phone: str, text: str, label: str, *, lasting: bool = False) -> None:
        self._held.pop((phone, text), None)
        self._held[phone, text] = VisibleCode(phone, text, label, self._clock.wall(), lasting)
        of_phone = [key for key in self._held if key[0] == phone]
        for key in of_phone[:-PER_PHONE]:
            del self._held[key]

    def hide(self, phone: str, text: str | None = None) -> None:
        """Without a text all codes of the phone: its mini-program was closed or loaded anew."""
        for key in [key for key in self._held if key[0] == phone and text in {None, key[1]}]:
            del self._held[key]

    def all(self) -> list[VisibleCode]:
        """Newest first."""
        now = self._clock.wall()
        self._held = {key: code for key, code in self._held.items() if code.lasting or now - code.at < FORGOTTEN_AFTER}
        return list(reversed(self._held.values()))
