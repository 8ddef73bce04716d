"""`verify-certificate` needs only public keys and the status list, and says yes or why not."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import pytest

from server.cli import certificates as command
from server.config import SettingError, Settings
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate
from server.kit import clock
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import granted, office
from tests.fixtures_web import Client


async def saved(client: Client, ports: Ports, folder: Path) -> tuple[str, dict[str, Any]]:
    """What somebody has saved of a house, and the text of a certificate of it."""
    await granted(client, ports, await office())
    await certificates.publish_status_list(ports.signer)
    keys, listed = folder / "keys.json", folder / "list.cose"
    keys.write_bytes((await client.get("/api/v1/certificates/keys")).body)
    listed.write_bytes((await client.get("/api/v1/certificates/status-list")).body)
    text = (await Certificate.all().get()).payload
    assert text
    return text, {"keys": keys, "status_list": listed}


def asked(certificate: str, **given: Any) -> argparse.Namespace:
    usual = {"offline": True, "keys": None, "status_list": None, "at": None, "locale": "zh-CN"}
    return argparse.Namespace(certificate=certificate, **usual | given)


async def test_without_asking_anybody(
    client: Client, ports: Ports, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str], clock: Clock
) -> None:
    text, house = await saved(client, ports, tmp_path)
    assert command.verify_certificate(settings, asked(text, **house)) == 0
    said = capsys.readouterr().out
    assert "VALID" in said
    assert "张*兰" in said
    file = tmp_path / "certificate.txt"
    file.write_text(f"https://example.test/q/abc#{text}\n")
    assert command.verify_certificate(settings, asked(str(file), **house)) == 0
    assert command.verify_certificate(settings, asked(text, **house | {"status_list": None})) == 1
    assert "STALE_LIST (list)" in capsys.readouterr().out
    assert command.verify_certificate(settings, asked(text[:-9], **house)) == 1
    clock.advance(hours=25)
    assert command.verify_certificate(settings, asked(text, **house)) == 1


async def test_what_was_revoked_is_refused(
    client: Client, ports: Ports, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text, house = await saved(client, ports, tmp_path)
    await Certificate.all().update(state="revoked", status_changed_at=clock.now())
    await certificates.publish_status_list(ports.signer)
    house["status_list"].write_bytes((await client.get("/api/v1/certificates/status-list")).body)
    assert command.verify_certificate(settings, asked(text, **house)) == 1
    assert "REVOKED (status)" in capsys.readouterr().out


def test_what_cannot_be_asked(settings: Settings, tmp_path: Path) -> None:
    wrong = tmp_path / "keys.json"
    wrong.write_text('{"keys": [{}]}')
    short, zoneless = tmp_path / "short.json", tmp_path / "zoneless.json"
    short.write_text('{"keys": [{"key_id": "ab", "public_key": "AAAA", "compromised_from": null}]}')
    zoneless.write_text(
        f'{{"keys": [{{"key_id": "ab", "public_key": "{"A" * 43}", "compromised_from": "2026-01-01"}}]}}'
    )
    good = tmp_path / "good.json"
    good.write_text('{"keys": []}')
    for given, option in (
        ({}, "--keys"),
        ({"keys": wrong}, "--keys"),
        ({"keys": short}, "3 bytes, which none has"),
        ({"keys": zoneless}, "no time zone"),
        ({"keys": tmp_path / "missing.json"}, "--keys: .*missing.json cannot be read"),
        ({"keys": tmp_path}, "--keys: .*cannot be read"),
        ({"keys": good, "status_list": tmp_path / "missing.cose"}, "--status-list: .*cannot be read"),
        ({"offline": False, "at": "ftp://x"}, "--at"),
        ({"offline": False, "at": "http://127.0.0.1:9"}, "--at"),
    ):
        with pytest.raises(SettingError, match=option):
            command.verify_certificate(settings, asked("text", **given))
