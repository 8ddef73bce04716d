"""A setting that cannot work stops the start with one line: which, why, and how to mend it."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import SettingError, Settings

PRODUCTION = {
    "ENV": "production",
    "PUBLIC_URL": "https://banshi.example.cn",
    "WECHAT_APPID": "wx0",
    "WECHAT_SECRET": "hush",
    "IDENTITY_CHECK_URL": "https://check.example.cn",
    "WECHAT_TEMPLATES": "/etc/onetrip/templates.json",
}


def load(tmp_path: Path, env_file: str | None = None, **given: str) -> Settings:
    path = None
    if env_file is not None:
        path = tmp_path / ".env"
        path.write_text(env_file, "utf-8")
    return Settings.load({"VAR_DIR": str(tmp_path), **given}, path)


def test_defaults_make_a_demo(tmp_path: Path) -> None:
    settings = load(tmp_path, PORT="9000")
    assert (settings.env, settings.port, settings.region, settings.database_url) == ("demo", 9000, "341226", "")
    assert settings.public_url == "http://127.0.0.1:9000"
    assert settings.files_url == str(tmp_path / "files")
    assert (tmp_path / "secrets.json").is_file()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ENV", "prod"),
        ("PORT", "eighty"),
        ("PORT", "70000"),
        ("PORT", "８０００"),
        ("PORT", "8001"),
        ("WEB_WORKERS", "0"),
        ("POOL_SIZE", "-1"),
        ("DATABASE_URL", "mysql://u:hush@h/d"),
        ("DATABASE_URL", "hush"),
        ("REDIS_URL", "localhost:6379"),
        ("FILES_URL", "ftp://hush"),
        ("PUBLIC_URL", "banshi.example.cn"),
        ("WECHAT_AES_KEY", "hush"),
        ("REGION", "34"),
        ("LOG_LEVEL", "loud"),
        ("SECRETS_FILE", "/proc/secrets.json"),
    ],
)
def test_a_wrong_setting_is_named_in_one_line(tmp_path: Path, name: str, value: str) -> None:
    with pytest.raises(SettingError) as refused:
        load(tmp_path, **{name: value})
    line = str(refused.value)
    assert name in line
    assert "\n" not in line
    assert "hush" not in line


def test_the_environment_wins_over_the_file(tmp_path: Path) -> None:
    text = "# ours\n\nexport REGION='341203'\nLOG_LEVEL=\"DEBUG\"\nPORT = 9001\n"
    settings = load(tmp_path, env_file=text, PORT="9002")
    assert (settings.region, settings.log_level, settings.port) == ("341203", "DEBUG", 9002)


@pytest.mark.parametrize("text", ["PORT 8000", "=1", "DATABASE_ULR=postgresql://h/d", "SECRETS=x"])
def test_a_slip_in_the_file_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingError, match="line 2"):
        load(tmp_path, env_file=f"# ours\n{text}\n")


def test_production_makes_no_keys(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="is not there"):
        load(tmp_path, **PRODUCTION)
    load(tmp_path)
    assert load(tmp_path, **PRODUCTION).env == "production"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("WECHAT_APPID", ""),
        ("WECHAT_SECRET", ""),
        ("IDENTITY_CHECK_URL", ""),
        ("WECHAT_TEMPLATES", ""),
        ("PUBLIC_URL", "http://banshi.example.cn"),
        ("WECHAT_API_BASE", "http://127.0.0.1:8001"),
    ],
)
def test_production_refuses_what_only_a_demo_may(tmp_path: Path, name: str, value: str) -> None:
    load(tmp_path)
    with pytest.raises(SettingError, match=name):
        load(tmp_path, **PRODUCTION | {name: value})


@pytest.mark.parametrize("account", ["WECHAT", "SERVICE_ACCOUNT"])
def test_production_hears_only_sealed_pushes(tmp_path: Path, account: str) -> None:
    load(tmp_path)
    with pytest.raises(SettingError, match=f"{account}_AES_KEY"):
        load(tmp_path, **PRODUCTION | {f"{account}_TOKEN": "hush"})
    assert (
        load(tmp_path, **PRODUCTION | {f"{account}_TOKEN": "hush", f"{account}_AES_KEY": "A" * 43}).env == "production"
    )


def test_two_accounts_have_two_tokens(tmp_path: Path) -> None:
    with pytest.raises(SettingError, match="SERVICE_ACCOUNT_TOKEN"):
        load(tmp_path, WECHAT_TOKEN="hush", SERVICE_ACCOUNT_TOKEN="hush")


def test_nothing_secret_is_shown(tmp_path: Path) -> None:
    secret = dict.fromkeys(("WECHAT_SECRET", "WECHAT_TOKEN", "SMS_SECRET_KEY", "FORWARDED_SECRET"), "hush")
    settings = load(tmp_path, DATABASE_URL="postgresql://u:hush@h/d", **secret)
    assert "hush" not in repr(settings)
    assert settings.secrets.session.hex() not in repr(settings)
