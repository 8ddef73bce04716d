"""Faults on order: the next answers of a path go wrong in a chosen way."""

from typing import Annotated, Literal

import msgspec

__all__ = ["Fault", "Faults"]

Kind = Literal["errcode", "latency", "drop_after_commit", "reset", "http", "text_plain", "no_msgid", "truncated"]


class Fault(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """
    One kind of trouble, for one path.

    errcode            answer this errcode (a text code for the SMS twin) without doing anything
    latency            wait `seconds` first; goes together with any other fault
    drop_after_commit  do the work, then close the line without an answer: the unknown outcome
    reset              close the line with RST before doing anything
    http               answer HTTP `status` and a small HTML page without doing anything
    text_plain         the right answer under Content-Type text/plain
    no_msgid           the right answer without msgid
    truncated          the first half of the right answer
    """

    path: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]  # one path, or "*"
    kind: Kind
    times: Annotated[int, msgspec.Meta(ge=1)] | None = 1  # None: until removed
    errcode: int | str = -1
    errmsg: str | None = None
    status: Annotated[int, msgspec.Meta(ge=400, le=599)] = 502
    seconds: Annotated[float, msgspec.Meta(ge=0, le=120)] = 0


class Faults:
    def __init__(self) -> None:
        self.waiting: list[Fault] = []

    def order(self, fault: Fault) -> None:
        self.waiting.append(fault)

    def clear(self) -> None:
        self.waiting.clear()

    def take(self, path: str) -> tuple[float, Fault | None]:
        """Seconds to wait, and the one fault to play; each taken fault is used up by one."""
        delay = next(self._matching(path, latency=True), None)
        fault = next(self._matching(path, latency=False), None)
        for used in (delay, fault):
            if used is not None:
                self._use(used)
        return (delay.seconds if delay else 0.0), fault

    def _matching(self, path: str, *, latency: bool) -> "filter[Fault]":
        return filter(lambda f: f.path in {path, "*"} and (f.kind == "latency") is latency, self.waiting)

    def _use(self, fault: Fault) -> None:
        if fault.times is None:
            return
        fault.times -= 1
        if fault.times == 0:
            self.waiting = [other for other in self.waiting if other is not fault]
