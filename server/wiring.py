"""Settings to ports: the only place that knows both a Protocol and what stands behind it."""

from __future__ import annotations

from server.adapters import (
    antivirus,
    cache,
    courier,
    files,
    identity_check,
    live,
    lockers,
    signer,
    sms,
    wechat,
    wechat_callback,
    witness,
)
from server.config import SettingError, Settings
from server.features.push import service as push
from server.ports import Ports

# Tests and benchmarks are one address asking without pause.
_TEST_SCALE = 1000.0


def ports(settings: Settings) -> Ports:
    """Choose what stands behind every port. Nothing is opened or asked yet."""
    try:
        push.use_templates(settings.wechat_templates)
    except ValueError as wrong:
        raise SettingError(f"WECHAT_TEMPLATES: {wrong}. Correct it") from None
    limits = cache.limits(
        settings.redis_url, scale=_TEST_SCALE if settings.env == "test" else 1.0, share=settings.web_workers
    )
    wakes = live.make(settings)
    people, account, messages = wechat.make(settings), wechat.make_service_account(settings), sms.make(settings)
    return Ports(
        wechat=people,
        service_account=account,
        wechat_callbacks=wechat_callback.make(settings),
        sms=messages,
        courier=courier.make(settings),
        lockers=lockers.make(settings),
        identity_check=identity_check.make(settings),
        files=files.make(settings),
        antivirus=antivirus.make(settings),
        signer=signer.make(settings),
        witness=witness.make(settings),
        limits=limits,
        live=wakes,
        closers=(people.close, account.close, messages.close, limits.close, wakes.close),
    )
