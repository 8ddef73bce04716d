"""Settings to ports: the only place that knows both a Protocol and what stands behind it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.adapters import cache, files, identity_check, signer, sms, wechat, witness
from server.ports import Ports

if TYPE_CHECKING:
    from server.config import Settings

# Tests and benchmarks are one address asking without pause.
_TEST_SCALE = 1000.0


def ports(settings: Settings) -> Ports:
    """Choose what stands behind every port. Nothing is opened or asked yet."""
    limits = cache.limits(
        settings.redis_url, scale=_TEST_SCALE if settings.env == "test" else 1.0, share=settings.web_workers
    )
    people, messages = wechat.make(settings), sms.make(settings)
    return Ports(
        wechat=people,
        sms=messages,
        identity_check=identity_check.make(settings),
        files=files.make(settings),
        signer=signer.make(settings),
        witness=witness.make(settings),
        limits=limits,
        closers=(people.close, messages.close, limits.close),
    )
