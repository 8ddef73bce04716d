"""Settings to ports: the only place that knows both a Protocol and what stands behind it."""

from __future__ import annotations

import importlib
import importlib.util
from typing import Any

from server.adapters import cache
from server.config import Settings
from server.ports import OutsideError, Ports

# Tests and benchmarks are one address asking without pause.
_TEST_SCALE = 1000.0

# Each is a module of `server.adapters` with `make(settings)`, and the field of Ports it fills. One that holds
# connections has `async def close(self)`.
_ADAPTERS = ("wechat", "sms", "identity_check", "files", "signer", "witness")


def ports(settings: Settings) -> Ports:
    """Choose what stands behind every port."""
    limits = cache.limits(
        settings.redis_url, scale=_TEST_SCALE if settings.env == "test" else 1.0, share=settings.web_workers
    )
    made = {name: _made(name, settings) for name in _ADAPTERS}
    closers = tuple(one.close for one in (*made.values(), limits) if hasattr(type(one), "close"))
    return Ports(**made, limits=limits, closers=closers)


class _Absent:
    """Stands where nothing is wired: asking it for anything says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, _asked: str) -> Any:  # noqa: ANN401 - it stands for anything
        raise OutsideError(f"{self._name}_not_wired", final=True)


def _made(name: str, settings: Settings) -> Any:  # noqa: ANN401 - each adapter's `make` says its own type
    if importlib.util.find_spec(f"server.adapters.{name}") is None:
        return _Absent(name)
    make = getattr(importlib.import_module(f"server.adapters.{name}"), "make", None)
    return _Absent(name) if make is None else make(settings)
