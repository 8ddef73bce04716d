"""Every setting: typed, read once from the environment (and `.env`), checked before anything starts."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, field, fields
from pathlib import Path
from typing import Any, Literal, NamedTuple, get_args
from urllib.parse import urlsplit

from server.kit.secret_file import SecretFileError, Secrets, load_secrets

ROOT = Path(__file__).resolve().parent.parent
ENV_FILE = ROOT / ".env"

Env = Literal["demo", "test", "production"]


class SettingError(Exception):
    """A setting is wrong. The message is one line: which one, why, and how to mend it."""


class Setting(NamedTuple):
    """What `.env.example` says of one setting."""

    name: str
    default: str
    help: str


class _Wrong(Exception):
    """Why a value cannot be taken; `Settings.load` adds the name."""


def _text(value: str) -> str:
    return value


def _env(value: str) -> str:
    if value not in get_args(Env):
        raise _Wrong("it is demo, test or production")
    return value


def _whole(low: int, high: int) -> Callable[[str], int]:
    def parse(value: str) -> int:
        if not value.isascii() or not value.isdigit() or not low <= int(value) <= high:
            raise _Wrong(f"it is a whole number from {low} to {high}")
        return int(value)

    return parse


def _address(*schemes: str) -> Callable[[str], str]:
    def parse(value: str) -> str:
        if not value:
            return value
        parts = urlsplit(value)
        if parts.scheme not in schemes or not (parts.netloc or parts.query):
            raise _Wrong(f"it is an address that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
        return value.rstrip("/")

    return parse


def _level(value: str) -> str:
    if value not in {"DEBUG", "INFO", "WARNING", "ERROR"}:
        raise _Wrong("it is DEBUG, INFO, WARNING or ERROR")
    return value


def _region(value: str) -> str:
    if len(value) != 6 or not value.isdigit():
        raise _Wrong("it is the 6 digits of a county (GB/T 2260)")
    return value


def _aes_key(value: str) -> str:
    if value and not re.fullmatch(r"[A-Za-z0-9]{43}", value):
        raise _Wrong("it is the 43 letters and digits shown at mp.weixin.qq.com")
    return value


def _files(value: str) -> str:
    if "://" in value and urlsplit(value).scheme not in {"s3", "oss", "cos"}:
        raise _Wrong("it is a folder, or begins with s3://, oss:// or cos://")
    return value


def _antivirus(value: str) -> str:
    parts = urlsplit(value)
    if value and not ((parts.scheme == "tcp" and parts.hostname) or (parts.scheme == "unix" and parts.path)):
        raise _Wrong("it is clamd's tcp://host:3310 or unix:///path/of/clamd.ctl")
    return value


def _path(value: str) -> Path:
    return ROOT / value


def _setting(default: str, help: str, parse: Callable[[str], Any] = _text, *, secret: bool = False) -> Any:  # noqa: A002, ANN401 - a field of any type
    return field(repr=not secret, metadata={"default": default, "help": help, "parse": parse})


_HTTP = _address("http", "https")


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings. The environment's name is the field's in capitals. Made by `load`."""

    env: Env = _setting("demo", "demo, test or production", _env)
    var_dir: Path = _setting("var", "folder for what this machine keeps: embedded database, files, secrets", _path)
    database_url: str = _setting(
        "", "postgresql://…, PostgreSQL 15 or newer; empty: embedded", _address("postgres", "postgresql"), secret=True
    )
    redis_url: str = _setting("", "redis://…; empty: everything on one host", _address("redis", "rediss"), secret=True)
    files_url: str = _setting(
        "", "folder, s3://, oss:// or cos:// of stored files; empty: VAR_DIR/files", _files, secret=True
    )
    antivirus_url: str = _setting(
        "", "clamd's tcp://host:3310 or unix:///path; set, nothing is taken unseen; empty: no antivirus", _antivirus
    )
    public_url: str = _setting("", "address people and WeChat reach us by; empty: http://127.0.0.1:PORT", _HTTP)
    port: int = _setting("8000", "port of the web process", _whole(1, 65535))
    sandbox_port: int = _setting("8001", "port of the local WeChat", _whole(1, 65535))
    secrets_file: Path = _setting("", "file of keys, mode 0600; empty: VAR_DIR/secrets.json", _path)
    region: str = _setting("341226", "code of the county or city served", _region)
    wechat_api_base: str = _setting(
        "https://api.weixin.qq.com", "where WeChat's API is; a demo asks its sandbox", _HTTP
    )
    wechat_appid: str = _setting("", "mini-program id, from mp.weixin.qq.com")
    wechat_secret: str = _setting("", "mini-program secret", secret=True)
    wechat_token: str = _setting("", "token of the message callback", secret=True)
    wechat_aes_key: str = _setting("", "EncodingAESKey of the message callback, 43 characters", _aes_key, secret=True)
    wechat_templates: Path = _setting(
        "", "file of the templates of your accounts, written as server/features/push/templates.json", _path
    )
    service_account_appid: str = _setting("", "service account id; empty: no messages from a service account")
    service_account_secret: str = _setting("", "service account secret", secret=True)
    service_account_token: str = _setting("", "token of the service account's callback", secret=True)
    service_account_aes_key: str = _setting(
        "", "EncodingAESKey of the service account's callback, 43 characters", _aes_key, secret=True
    )
    sms_api_base: str = _setting("", "where the SMS API is; empty: no SMS", _HTTP)
    sms_secret_id: str = _setting("", "SMS account", secret=True)
    sms_secret_key: str = _setting("", "SMS account's key", secret=True)
    sms_app_id: str = _setting("", "SMS application")
    sms_sign: str = _setting("", "SMS signature, as registered")
    sms_templates: Path = _setting(
        "", "file of your SMS templates, written as server/adapters/sms_templates.json", _path
    )
    courier_api_base: str = _setting("", "where the courier's API is; empty: results are posted by hand", _HTTP)
    courier_client: str = _setting("", "our name with the courier")
    courier_secret: str = _setting("", "key that signs what we and the courier say", secret=True)
    courier_name: str = _setting("", "the courier's name, as people know it; empty: China Post")
    locker_api_base: str = _setting("", "where lockers are opened; empty: the window has its key", _HTTP)
    locker_secret: str = _setting("", "key that signs what we and the lockers say; empty: no lockers", secret=True)
    identity_check_url: str = _setting("", "where names and numbers are checked; empty: nobody can be verified", _HTTP)
    identity_check_key: str = _setting("", "key that signs what is asked there", secret=True)
    audit_checkpoints: Path = _setting(
        "", "file of audit checkpoints, best on another disk; empty: VAR_DIR/audit/checkpoints.jsonl", _path
    )
    web_workers: int = _setting("1", "web processes", _whole(1, 64))
    pool_size: int = _setting("8", "database connections of each process", _whole(1, 100))
    proxies_count: int = _setting("0", "trusted proxies in front of the web process", _whole(0, 10))
    real_ip_header: str = _setting("", "header in which the proxy names the caller")
    forwarded_secret: str = _setting("", "secret the proxy adds to its Forwarded header", secret=True)
    request_timeout: int = _setting("30", "seconds a request may take to arrive", _whole(1, 600))
    response_timeout: int = _setting("30", "seconds an answer may take", _whole(1, 600))
    metrics_token: str = _setting("", "token that opens /metrics from elsewhere; empty: this machine only", secret=True)
    log_level: str = _setting("INFO", "DEBUG, INFO, WARNING or ERROR", _level)
    secrets: Secrets = field(repr=False, metadata={"loaded": True})

    @property
    def phones_port(self) -> int | None:
        """Give the port of the sandbox's phones; None in production, which has none."""
        return None if self.env == "production" else self.sandbox_port

    @classmethod
    def listed(cls) -> tuple[Setting, ...]:
        """List every setting for `.env.example` and the documentation."""
        return tuple(
            Setting(one.name.upper(), one.metadata["default"], one.metadata["help"])
            for one in fields(cls)
            if "default" in one.metadata
        )

    @classmethod
    def load(cls, environ: Mapping[str, str] | None = None, env_file: Path | None = ENV_FILE) -> Settings:
        """Read the environment, then `.env`, then the defaults. Raises `SettingError`."""
        given = {**_read_env_file(env_file), **(os.environ if environ is None else environ)}
        values: dict[str, Any] = {}
        for one in fields(cls):
            if "default" in one.metadata:
                values[one.name] = _value(one, given.get(one.name.upper(), "").strip())
        for name, derive in _DERIVED.items():
            # An empty path is the project's own folder by the time it has been parsed.
            if values[name] in ("", ROOT):
                values[name] = derive(values)
        _check(values)
        try:
            secrets = load_secrets(values["secrets_file"], make=values["env"] != "production")
        except SecretFileError as wrong:
            raise SettingError(f"SECRETS_FILE: {wrong}") from None
        return cls(**values, secrets=secrets)


# What the sandbox has; another account numbers its templates itself.
_SANDBOX_TEMPLATES = {
    "wechat_templates": ROOT / "server" / "features" / "push" / "templates.json",
    "sms_templates": ROOT / "server" / "adapters" / "sms_templates.json",
}

_DERIVED: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "files_url": lambda values: str(values["var_dir"] / "files"),
    "secrets_file": lambda values: values["var_dir"] / "secrets.json",
    "audit_checkpoints": lambda values: values["var_dir"] / "audit" / "checkpoints.jsonl",
    "public_url": lambda values: f"http://127.0.0.1:{values['port']}",
    "wechat_templates": lambda _values: _SANDBOX_TEMPLATES["wechat_templates"],
    "sms_templates": lambda _values: _SANDBOX_TEMPLATES["sms_templates"],
}


def _value(one: Field[Any], given: str) -> Any:  # noqa: ANN401 - as typed as its field
    try:
        return one.metadata["parse"](given or one.metadata["default"])
    except _Wrong as wrong:
        shown = repr(given) if one.repr else "what it holds"
        raise SettingError(
            f"{one.name.upper()}: {shown} cannot be used: {wrong}. Correct it in the environment or .env"
        ) from None


def _check(values: Mapping[str, Any]) -> None:
    """Refuse what would only fail later, or would be unsafe."""
    if values["port"] == values["sandbox_port"]:
        raise SettingError("SANDBOX_PORT: is the same as PORT, and both cannot listen there. Choose another")
    if values["wechat_token"] and values["wechat_token"] == values["service_account_token"]:
        raise SettingError("SERVICE_ACCOUNT_TOKEN: is WECHAT_TOKEN, and it says which account calls. Choose another")
    if values["courier_api_base"] and not values["courier_secret"]:
        raise SettingError("COURIER_SECRET: is empty, but what the courier says must be proven. Put its key there")
    if values["env"] == "production":
        _check_production(values)


def _check_production(values: Mapping[str, Any]) -> None:
    for name, why in (
        ("wechat_appid", "people log in by WeChat"),
        ("wechat_secret", "people log in by WeChat"),
        ("identity_check_url", "real names must be checked"),
    ):
        if not values[name]:
            raise SettingError(f"{name.upper()}: is empty, but {why}. Set it, or use ENV=demo")
    for name, file in _SANDBOX_TEMPLATES.items():
        if values[name] == file and (name != "sms_templates" or values["sms_api_base"]):
            raise SettingError(
                f"{name.upper()}: is empty, but the sandbox's templates are nobody's. Copy {file.name}, put in your ids"
            )
    for name in ("wechat", "service_account"):
        if values[f"{name}_token"] and not values[f"{name}_aes_key"]:
            raise SettingError(
                f"{name.upper()}_AES_KEY: is empty, but only sealed pushes are proven. Choose safe mode, put it there"
            )
    for name, why in (
        ("public_url", "WeChat and browsers only take https"),
        ("wechat_api_base", "the sandbox is for a demo"),
        ("identity_check_url", "names and numbers travel there"),
    ):
        if not values[name].startswith("https://"):
            raise SettingError(f"{name.upper()}: is not https://, but {why}. Put the real address there")


def _read_env_file(path: Path | None) -> dict[str, str]:
    """Read `NAME=value` lines; `#` begins a comment line, quotes round a value are dropped."""
    if path is None or not path.is_file():
        return {}
    known = {one.name for one in fields(Settings)} - {"secrets"}
    found: dict[str, str] = {}
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        text = line.strip().removeprefix("export ")
        if not text or text.startswith("#"):
            continue
        name, equals, value = text.partition("=")
        if not equals or not name.strip().isidentifier():
            raise SettingError(f"{path.name}: line {number} is not NAME=value. Correct it or put # before it")
        value = value.strip()
        if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
            value = value[1:-1]
        if name.strip().lower() not in known:
            raise SettingError(f"{path.name}: line {number}: there is no setting {name.strip()}. See .env.example")
        found[name.strip()] = value
    return found
