"""What is taken away is seen online within five seconds and in the list within sixty, whoever looks through a cache."""

from __future__ import annotations

import re
import time
from datetime import timedelta

from server.cli import verifier
from server.cli.certificates import keys_of
from server.features.certificates import service as certificates
from server.features.certificates.models import Certificate, CertificateChange
from server.features.certificates.tasks import TASKS
from server.kit import clock as clocks
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.certificates.test_certificates import check, holder
from tests.server.certificates.test_showing import presented, printed

KEYS, LIST = "/api/v1/certificates/keys", "/api/v1/certificates/status-list"
ONLINE, IN_THE_LIST = timedelta(seconds=5), timedelta(seconds=60)


async def test_seen_online_and_in_the_list(client: Client, ports: Ports, clock: Clock) -> None:
    who, card = await holder(client, ports)
    shown, paper = (await presented(who, card))[0], await printed(who, card)
    text = paper.partition("#")[2]
    keys = keys_of((await client.get(KEYS)).body)
    publish = next(task for task in TASKS if task.name == "certificates.publish_status_list")
    assert publish.every is not None
    await publish.run(ports)
    before = await client.get(LIST)
    kept_for = re.search(r"max-age=(\d+)", before.headers["cache-control"])
    assert kept_for
    assert verifier.verify(text, keys, before.body, clocks.now()).result == "valid"

    # The worst moment: a list was published just before.
    second = await staff("reviewer", department=who.office.guide.department.id)
    await certificates.ask_change(who.office.reviewer.actor, card["id"], "revoke", "虚假材料")
    asked = await CertificateChange.get(state="asked")
    began = time.perf_counter()
    await certificates.agree_to_change(second.actor, asked.id)
    for scanned in (shown, paper.partition("#")[0], paper, text):
        assert (await check(client, scanned))["result"] == "revoked"
    assert timedelta(seconds=time.perf_counter() - began) < ONLINE

    waited = timedelta(0)
    while verifier.verify(text, keys, (await client.get(LIST)).body, clocks.now()).result != "revoked":
        assert waited <= IN_THE_LIST
        clock.advance(seconds=publish.every.total_seconds())
        waited += publish.every
        await publish.run(ports)
    assert waited + timedelta(seconds=int(kept_for[1])) <= IN_THE_LIST, "a cache on the way keeps it a while"
    assert await Certificate.filter(state="revoked").count() == 1
