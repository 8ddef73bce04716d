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


def ports(settings: Settings) -> Ports:
    """Choose what stands behind every port."""
    limits = cache.limits(
        settings.redis_url, scale=_TEST_SCALE if settings.env == "test" else 1.0, share=settings.web_workers
    )
    return Ports(
        wechat=_made("wechat", settings),
        sms=_made("sms", settings),
        identity_check=_made("identity_check", settings),
        files=_made("files", settings),
        signer=_made("signer", settings),
        witness=_made("witness", settings),
        limits=limits,
    )


class _Absent:
    """Stands where nothing is wired: asking it for anything says so."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, _asked: str) -> Any:  # noqa: ANN401 - it stands for anything
        raise OutsideError(f"{self._name}_not_wired", final=True)


def _made(name: str, settings: Settings) -> Any:  # noqa: ANN401 - each adapter's `make` says its own type
    if importlib.util.find_spec(f"server.adapters.{name}") is None:
        return _Absent(name)
    module = importlib.import_module(f"server.adapters.{name}")
    return module.make(settings)
