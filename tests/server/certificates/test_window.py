"""Somebody without a phone: the document is looked at, the code is printed, both on record; it can be ended again."""

from __future__ import annotations

import asyncio
import base64
import re
import zlib
from typing import Any

import pytest

from server import db
from server.errors import Conflict, InvalidInput, NotFound
from server.features.certificates import service as certificates
from server.ports import Ports
from tests.factories.cases import granted, office
from tests.factories.identity import citizen
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import WALLET, holder
from tests.server.console.desk import at_desk

HOUSE = "https://example.test"
HERE = "/console/certificates/window"


def found_codes(pdf: bytes) -> int:
    """Count the dark stretches of a code that a PDF draws: filled squares of less than three points."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL)
    drawn = b"".join(_inflated(one) for one in streams)
    return sum(float(tall) < 3 for tall in re.findall(rb"(?:[\d.-]+ ){3}([\d.-]+) re f", drawn) if float(tall) > 0)


def _inflated(stream: bytes) -> bytes:
    try:
        return zlib.decompress(base64.a85decode(stream.strip().removesuffix(b"~>")))
    except (ValueError, zlib.error):
        return b""


def printing(**more: Any) -> dict[str, Any]:
    return {"identity_checked": True, "size": "a4", "public_url": HOUSE} | more


async def test_printed_for_whoever_shows_the_document(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    clerk, number = who.office.clerk.actor, who.someone.number
    (row,) = await certificates.at_window(clerk, number)
    assert (str(row.card.id), row.card.holder, row.printed_until) == (card["id"], "张*兰", None)
    for size in ("a4", "label"):
        _, pdf = await certificates.print_at_window(
            clerk, ports.signer, row.card.id, **printing(number=number, size=size)
        )
        assert found_codes(pdf) > 500
    assert (await certificates.at_window(clerk, number))[0].printed_until
    codes = await db.fetch("SELECT revoked_at FROM code WHERE kind = 'certificate' ORDER BY created_at")
    assert [one["revoked_at"] is None for one in codes] == [False, True], "the second ended the first"
    await certificates.end_at_window(clerk, row.card.id, number=number)
    assert (await certificates.at_window(clerk, number))[0].printed_until is None
    actions = await db.fetch(
        "SELECT action FROM audit_entry WHERE actor_kind = 'staff' AND action LIKE 'certificates.print%'"
    )
    assert sorted(one["action"] for one in actions) == ["certificates.print_ended", *["certificates.printed"] * 2]
    told = str((await who.phone.get("/api/v1/me/access-log")).json)
    assert "查看了您的证照" in told


async def test_not_without_looking_nor_anothers_nor_a_dead_one(client: Client, ports: Ports) -> None:
    who, card = await holder(client, ports)
    clerk, number = who.office.clerk.actor, who.someone.number
    (row,) = await certificates.at_window(clerk, number)
    with pytest.raises(InvalidInput):
        await certificates.print_at_window(
            clerk, ports.signer, row.card.id, **printing(number=number, identity_checked=False)
        )
    another = await citizen(name="李四")
    with pytest.raises(NotFound):
        await certificates.print_at_window(clerk, ports.signer, row.card.id, **printing(number=another.number))
    with pytest.raises(NotFound):
        await certificates.end_at_window(clerk, row.card.id, number=another.number)
    await db.execute("UPDATE certificate SET state = 'suspended'")
    assert await certificates.at_window(clerk, number) == []
    with pytest.raises(Conflict):
        await certificates.print_at_window(clerk, ports.signer, row.card.id, **printing(number=number))
    assert await db.fetchval("SELECT count(*) FROM code WHERE kind = 'certificate'") == 0
    assert (await who.phone.get(f"{WALLET}/{card['id']}")).json["printed_until"] is None


async def test_two_who_print_at_once_leave_one_code(client: Client, ports: Ports) -> None:
    """Without the lock both end what was there before, and both codes go on."""
    who, card = await holder(client, ports)
    made = await asyncio.gather(
        *(certificates.print_code(who.someone.actor, card["id"], HOUSE) for _ in range(6)), return_exceptions=True
    )
    assert not [one for one in made if isinstance(one, BaseException)]
    live = "SELECT count(*) FROM code WHERE kind = 'certificate' AND revoked_at IS NULL"
    assert await db.fetchval(live) == 1


async def test_done_on_the_page(client: Client, ports: Ports) -> None:
    who = await granted(client, ports, await office())
    desk = at_desk(client, who.office.clerk)
    assert "证件号码" in await desk.sees(HERE)
    found = await desk.does(f"{HERE}/find", {"number": who.someone.number}, on=HERE)
    assert found.status == 200
    assert "张*兰" in found.text
    one = re.search(r"/window/([0-9a-f-]{36})/print", found.text)
    assert one
    unchecked = await desk.does(f"{HERE}/{one[1]}/print", {"number": who.someone.number, "size": "a4"}, on=HERE)
    assert unchecked.status == 422
    pdf = await desk.does(
        f"{HERE}/{one[1]}/print", {"number": who.someone.number, "size": "label", "checked": "yes"}, on=HERE
    )
    assert (pdf.status, pdf.headers["content-type"]) == (200, "application/pdf")
    assert '/print" class="deeds" hx-boost="false"' in found.text, "a PDF is saved, not swapped into the page"
    ended = await desk.does(f"{HERE}/{one[1]}/end", {"number": who.someone.number}, on=HERE)
    assert ended.status == 200
    assert "作废已打印的码" not in ended.text
