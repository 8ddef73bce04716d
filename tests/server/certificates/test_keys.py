"""Keys are changed without anybody noticing; a lost one makes red only what was signed after it was lost."""

from __future__ import annotations

import argparse
import json
import zlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from server import db
from server.adapters import signer as signers
from server.adapters.signer import Ed25519Signer
from server.cli import keys as command
from server.config import SettingError, Settings
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate
from server.kit import clock, cose, secret_file
from server.ports import OutsideError, Ports
from tests.conftest import Clock
from tests.factories.cases import Applicant, Office, granted, office
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, check, shown

LIST = "/api/v1/certificates/status-list"


class House:
    """A house with a file of keys of its own, as a process that notices every change of it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        secret_file.load_secrets(path, make=True)

    @property
    def signer(self) -> Ed25519Signer:
        return Ed25519Signer(*secret_file.signing_seeds(self.path))

    def rotate(self, *, minutes: float = 0) -> str:
        return signers.rotate(self.path, signs_from=clock.now() + timedelta(minutes=minutes))

    def lose(self, key_id: str, since: datetime) -> None:
        assert signers.compromise(self.path, key_id, since)
        self.rotate()


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path / "secrets.json")


async def holder(
    client: Client, ports: Ports, house: House, at: Office | None = None
) -> tuple[Applicant, dict[str, Any]]:
    who = await granted(client, replace(ports, signer=house.signer), at or await office())
    return who, (await who.phone.get(WALLET)).json[0]


def of(settings: Settings, house: House) -> Settings:
    return replace(settings, secrets_file=house.path)


def asked(**given: Any) -> argparse.Namespace:
    usual = {"minutes": 10, "lost": None, "since": None, "list": False, "algorithm": "Ed25519"}
    return argparse.Namespace(**usual | given)


async def test_a_new_key_is_known_before_it_signs(house: House, clock: Clock) -> None:
    first = house.signer.key_id
    second = house.rotate(minutes=10)
    assert house.signer.key_id == first
    assert [key.key_id for key in house.signer.every_key()] == [first, second]
    old = house.signer.sign(b"paper")
    clock.advance(minutes=11)
    assert house.signer.key_id == second
    assert house.signer.verify(b"paper", old, first)
    assert not house.signer.verify(b"paper", old, second)


def test_a_running_process_notices_the_new_file(
    settings: Settings, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(signers, "LOOK_EVERY", 0.0)
    running = signers.make(replace(of(settings, house), secrets=secret_file.load_secrets(house.path, make=False)))
    before = running.key_id
    after = house.rotate()
    assert (running.key_id, before) == (after, house.signer.every_key()[0].key_id)
    assert house.path.stat().st_mode & 0o777 == 0o600


def test_a_file_of_before_goes_on_signing(tmp_path: Path, house: House) -> None:
    found = json.loads(house.path.read_text("utf-8"))
    seed = found.pop("signing")[0]["seed"]
    house.path.write_text(json.dumps(found | {"signing_seed": seed}), "utf-8")
    before = house.signer.key_id
    after = house.rotate()
    assert [key.key_id for key in house.signer.every_key()] == [before, after]


def test_without_a_good_key_nothing_is_signed(house: House) -> None:
    assert signers.compromise(house.path, house.signer.key_id, clock.now())
    with pytest.raises(OutsideError, match="no_signing_key"):
        house.signer.sign(b"paper")


async def test_old_certificates_outlive_a_rotation(client: Client, ports: Ports, house: House) -> None:
    who, card = await holder(client, ports, house)
    house.rotate()
    ports = replace(ports, signer=house.signer)
    certificate = await Certificate.get(id=card["id"])
    assert certificates.judged(certificate, ports.signer)[0] == "valid"
    assert await certificates.sign_again(ports.signer) == 0
    assert who.case["id"]


async def test_the_drill_of_a_lost_key(client: Client, ports: Ports, house: House, clock: Clock) -> None:
    """What was signed before is signed again and good; what was signed after is red until an officer has looked."""
    at = await office()
    _, honest = await holder(client, ports, house, at)
    clock.advance(hours=1)
    lost_at = clock.now()
    clock.advance(hours=1)
    _, doubtful = await holder(client, ports, house, at)
    lost = house.signer.key_id
    house.lose(lost, lost_at)

    async def verdicts() -> list[str]:
        rows = [await Certificate.get(id=card["id"]) for card in (honest, doubtful)]
        return [certificates.judged(row, house.signer)[0] for row in rows]

    assert await verdicts() == ["valid", "key_lost"]
    assert await certificates.sign_again(house.signer) == 1
    assert await certificates.sign_again(house.signer) == 0
    assert await verdicts() == ["valid", "key_lost"]
    rows = [await Certificate.get(id=card["id"]) for card in (honest, doubtful)]
    assert [row.key_id == lost for row in rows] == [False, True]
    audited = await db.fetch("SELECT subject_id FROM audit_entry WHERE action = 'certificates.signed_again'")
    assert [str(row["subject_id"]) for row in audited] == [honest["id"]]


async def test_what_was_altered_is_not_signed_again(client: Client, ports: Ports, house: House, clock: Clock) -> None:
    _, card = await holder(client, ports, house)
    clock.advance(hours=1)
    house.lose(house.signer.key_id, clock.now())
    certificate = await Certificate.get(id=card["id"])
    certificate.content = certificate.content | {"holder": "李四"}
    await certificate.save(update_fields=["content_sealed"])
    assert await certificates.sign_again(house.signer) == 0
    assert certificates.judged(await Certificate.get(id=card["id"]), house.signer)[0] == "broken"


async def test_what_is_not_signed_yet_is_never_green(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    card = (await who.phone.get(WALLET)).json[0]
    await db.execute("UPDATE certificate SET payload_sealed = NULL")
    assert (await check(client, await shown(who, card)))["result"] == "unsure"
    assert await certificates.sign_again(ports.signer) == 1
    assert (await check(client, await shown(who, card)))["result"] == "valid"


async def test_a_seal_that_does_not_answer_is_never_green(client: Client, ports: Ports) -> None:
    class Away:
        key_id = "0" * 16

        def verify(self, payload: bytes, signature: bytes, key_id: str) -> bool:  # noqa: ARG002 - as the port says
            raise OutsideError("timeout", final=False)

        def every_key(self) -> tuple[()]:
            return ()

        def sign(self, payload: bytes) -> bytes:  # noqa: ARG002 - as the port says
            raise OutsideError("timeout", final=False)

    who = await granted(client, ports, await office())
    card = (await who.phone.get(WALLET)).json[0]
    assert certificates.judged(await Certificate.get(id=card["id"]), Away())[0] == "unsure"


async def test_the_list_says_what_no_longer_holds(client: Client, ports: Ports, clock: Clock) -> None:
    assert (await client.get(LIST)).status == 404
    at = await office()
    cards = [(await (await granted(client, ports, at)).phone.get(WALLET)).json[0] for _ in range(6)]
    assert await certificates.publish_status_list(ports.signer)
    before = await client.get(LIST)
    assert (before.status, before.headers["content-type"]) == (200, "application/cose")
    assert "public" in before.headers["cache-control"]
    assert set(bits(before.body, ports).values()) == {0}
    # Who was just issued one may not have committed when the list was made: it is made once more, then rests.
    clock.advance(seconds=40)
    assert await certificates.publish_status_list(ports.signer)
    assert not await certificates.publish_status_list(ports.signer)
    for card, state in zip(cards, ("revoked", "suspended", "superseded", "valid", "expired"), strict=False):
        await db.execute(
            "UPDATE certificate SET state = $1, status_changed_at = $2 WHERE id = $3::uuid",
            state, clock.now(), card["id"],
        )  # fmt: skip
    clock.advance(seconds=20)
    assert await certificates.publish_status_list(ports.signer)
    after = await client.get(LIST)
    assert after.headers["etag"] != before.headers["etag"]
    index = {str(row["id"]): row["status_index"] for row in await db.fetch("SELECT id, status_index FROM certificate")}
    said = bits(after.body, ports)
    assert [said[index[card["id"]]] for card in cards] == [1, 2, 3, 0, 0, 0]


async def test_the_list_is_new_every_half_hour(client: Client, ports: Ports, clock: Clock) -> None:
    await granted(client, ports, await office())
    clock.advance(minutes=1)
    assert await certificates.publish_status_list(ports.signer)
    clock.advance(minutes=29)
    assert not await certificates.publish_status_list(ports.signer)
    standing = await certificates.status_list_standing()
    assert standing
    assert standing.fresh
    clock.advance(minutes=2)
    assert await certificates.publish_status_list(ports.signer)
    clock.advance(minutes=61)
    standing = await certificates.status_list_standing()
    assert standing
    assert not standing.fresh


def bits(body: bytes, ports: Ports) -> dict[int, int]:
    message = cose.read(body)
    assert ports.signer.verify(message.signed, message.signature, message.key_id)
    claims = cose.decoded(message.payload)
    packed = zlib.decompress(claims[-70103])
    return {at: packed[at // 4] >> at % 4 * 2 & 3 for at in range(claims[-70102])}


async def test_anybody_may_have_the_public_keys(client: Client, ports: Ports) -> None:
    answer = await client.get("/api/v1/certificates/keys")
    assert answer.status == 200
    assert [key["state"] for key in answer.json["keys"]] == ["current"]
    assert answer.json["keys"][0]["key_id"] == ports.signer.key_id


def test_the_command(settings: Settings, house: House, capsys: pytest.CaptureFixture[str]) -> None:
    first = house.signer.key_id
    assert command.rotate_keys(of(settings, house), asked()) == 0
    assert house.signer.key_id == first
    assert "which signs from" in capsys.readouterr().out
    assert command.rotate_keys(of(settings, house), asked(lost=first)) == 0
    assert house.signer.key_id != first
    assert "lost since" in capsys.readouterr().out
    assert command.rotate_keys(of(settings, house), asked(list=True)) == 0
    assert len(capsys.readouterr().out.splitlines()) == 3
    for wrong in ({"lost": "nobody"}, {"since": "2026-01-01T00:00+08:00"}, {"minutes": -1}):
        with pytest.raises(SettingError):
            command.rotate_keys(of(settings, house), asked(**wrong))
    for since in ("yesterday", "2026-01-01T00:00", "2999-01-01T00:00+08:00"):
        with pytest.raises(SettingError, match="--since"):
            command.rotate_keys(of(settings, house), asked(lost=first, since=since))
