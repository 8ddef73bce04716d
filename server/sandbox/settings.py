"""What the sandbox is told at start. Every value has a demo default, and none of them opens anything real."""

from pathlib import Path
from urllib.parse import urlsplit

import msgspec

from server.sandbox.wechat.events import AccountKind
from server.sandbox.wechat.pusher import Callback

__all__ = ["Settings", "SettingsError"]


class SettingsError(ValueError):
    """A setting cannot work; the text says which and how to mend it."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    app_origin: str = "http://127.0.0.1:8000"
    public_url: str = "http://127.0.0.1:8001"
    program_name: str = "只跑一次"
    appid: str = "wxonetripdemo00001"
    secret: str = "onetripdemosecret000000000000001"  # noqa: S105 - the published demo value
    service_name: str = "只跑一次政务服务"
    service_appid: str = "wxonetripservice01"
    service_secret: str = "onetripservicesecret000000000001"  # noqa: S105 - the published demo value
    callback_url: str = ""  # where both accounts push their events; empty: nowhere
    callback_token: str = "onetripdemotoken"  # noqa: S105 - the published demo value
    callback_aes_key: str = "onetripdemoprogramaeskey0000000000000000001"
    service_token: str = "onetripservicetoken"  # noqa: S105 - the published demo value
    service_aes_key: str = "onetripdemoserviceaeskey0000000000000000001"
    sms_app_id: str = "1400000001"
    sms_sign_name: str = "只跑一次"
    sms_secret_id: str = "onetrip-demo-sms-id"  # noqa: S105 - the published demo value
    sms_secret_key: str = "onetrip-demo-sms-key"  # noqa: S105 - the published demo value
    identity_key: str = "onetrip-demo-identity-key"
    courier_client: str = "onetrip-demo"
    courier_secret: str = "onetrip-demo-courier-key"  # noqa: S105 - the published demo value
    courier_callback_url: str = ""  # where the courier tells what happens to parcels; empty: nowhere
    locker_secret: str = "onetrip-demo-locker-key"  # noqa: S105 - the published demo value
    locker_callback_url: str = ""  # where the lockers' terminals ask; empty: nowhere
    send_latency: float = (
        0.02  # seconds one subscribe message takes; a second one to the same person meanwhile is 43108
    )
    state_file: Path | None = None

    def __post_init__(self) -> None:
        for name in ("app_origin", "public_url"):
            _check_origin(name, getattr(self, name))

    def callbacks(self) -> dict[AccountKind, Callback]:
        """How events are pushed until the control plane says otherwise: the mini-program's as JSON, the service
        account's as XML, both in safe mode.
        """
        return {
            "program": Callback(
                url=self.callback_url,
                appid=self.appid,
                original_id="gh_0e7181b0c5a1",
                token=self.callback_token,
                aes_key=self.callback_aes_key,
            ),
            "service": Callback(
                url=self.callback_url,
                appid=self.service_appid,
                original_id="gh_0e7181b0c5a2",
                token=self.service_token,
                aes_key=self.service_aes_key,
                format="xml",
            ),
        }


def _check_origin(name: str, value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path or parts.query:
        msg = f"{name} must look like http://127.0.0.1:8000 (scheme, host and port, nothing after it), not {value!r}"
        raise SettingsError(msg)
