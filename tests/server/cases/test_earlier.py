"""A paper somebody has handed in before, and an officer has found in order, is not handed in twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from server import db
from server.actor import System
from server.errors import InvalidInput, NotFound
from server.features.cases import service as cases
from server.features.cases.schemas import CheckIn, CorrectionLine, WindowIn
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.identity.models import PRIVACY_VERSION
from server.features.privacy import service as privacy
from server.kit import clock
from server.ports import Ports
from tests.factories.cases import Applicant, begun, office, submitted
from tests.factories.identity import AsCitizen, SomeCitizen, child_of, enterprise_of
from tests.fixtures_web import Client

OPERATOR = System(name="operator")
SEEN = CheckIn(key="id_card", verdict="received")
# Asked for by another item, under another key: the same paper by its name.
PHOTO: dict[str, Any] = {
    "key": "face", "name": "近期免冠证件照", "kind": "other", "source": "applicant", "need": "required",
    "medium": "electronic", "standards": ["白底、免冠。"], "reuse_months": 6,
}  # fmt: skip
FIRST = [PHOTO | {"key": "id_card", "reuse_months": None}]


def line(case: dict[str, Any], key: str = "face") -> dict[str, Any]:
    found: dict[str, Any] = next(one for one in case["materials"] if one["key"] == key)
    return found


async def confirmed(client: Client, ports: Ports, someone: SomeCitizen | None = None, **wish: Any) -> Applicant:
    """A matter whose photo an officer has found in order, and which was accepted."""
    who = await submitted(
        client, ports, await office(materials=FIRST, audience=["person", "enterprise"]), someone, **wish
    )
    await cases.check_materials(who.office.clerk.actor, who.id, [SEEN])
    await cases.accept(who.office.clerk.actor, who.id)
    return who


async def next_matter(client: Client, ports: Ports, someone: SomeCitizen, **wish: Any) -> Applicant:
    return await begun(
        client, ports, await office(materials=[PHOTO], audience=["person", "enterprise"]), someone, **wish
    )


async def test_it_is_found_shown_and_not_asked_for(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    shown = line(who.case)
    assert (shown["source"], shown["files"]) == ("earlier_case", [])
    assert shown["earlier"] == {
        "on": str(clock.today()),
        "number": before.case["number"],
        "item": before.case["item"]["name"],
    }
    handed_in = await who.post("submit", await who.application(materials=[]))
    assert handed_in.status == 200, handed_in.text
    assert line(handed_in.json)["source"] == "earlier_case"
    lies = await db.fetchrow("SELECT source, file_id, earlier_case_id FROM material WHERE case_id = $1", who.id)
    first = await db.fetchval("SELECT file_id FROM material WHERE case_id = $1", before.id)
    assert lies is not None
    assert tuple(lies) == ("earlier_case", first, before.id)
    at_desk = await cases.view(who.office.clerk.actor, who.id)
    [paper] = at_desk.case.materials
    assert ([file.id for file in paper.files], paper.earlier and paper.earlier.number) == (
        [first],
        before.case["number"],
    )


async def test_it_may_not_be_asked_for_again(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    await who.post("submit", await who.application(materials=[]))
    clerk = who.office.clerk.actor
    with pytest.raises(InvalidInput, match="correction_outside_guide") as refused:
        await cases.ask_correction(clerk, who.id, [CorrectionLine(key="face", reason="请补交")])
    assert [(one.path, one.code) for one in refused.value.fields] == [("lines.face", "on_file")]
    with pytest.raises(InvalidInput, match="correction_outside_guide") as refused:
        await cases.check_materials(clerk, who.id, [CheckIn(key="face", verdict="missing")])
    assert [one.code for one in refused.value.fields] == ["on_file"]
    await cases.accept(clerk, who.id)


UNFIT = CheckIn(key="face", verdict="wrong", reason="与本人现在的样子相差较大")


async def test_an_officer_says_it_does_not_fit_and_it_is_asked_for_and_offered_no_more(
    client: Client, ports: Ports
) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    await who.post("submit", await who.application(materials=[]))
    clerk = who.office.clerk.actor
    await cases.check_materials(clerk, who.id, [UNFIT])
    await cases.ask_correction(clerk, who.id, [])
    who.case = (await who.screen())["case"]
    assert [(one["key"], one["reason"]) for one in who.case["correction"]["lines"]] == [("face", UNFIT.reason)]
    assert (line(who.case)["source"], line(who.case)["earlier"]) == (None, None)
    lacking = await who.post("submit", await who.application(materials=[]))
    assert (lacking.status, lacking.json["code"]) == (422, "cases.materials_missing")
    newer = [{"key": "face", "file_id": str((await who.picture()).id)}]
    again = await who.post("submit", await who.application(materials=newer))
    assert (again.status, line(again.json)["source"]) == (200, "upload"), again.text
    # Neither is it offered to the next matter.
    assert line((await next_matter(client, ports, before.someone)).case)["source"] is None


async def test_what_was_called_unfit_in_error_stands_again(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    await who.post("submit", await who.application(materials=[]))
    clerk = who.office.clerk.actor
    await cases.check_materials(clerk, who.id, [UNFIT])
    with pytest.raises(InvalidInput, match="reason_needed"):
        await cases.check_materials(clerk, who.id, [CheckIn(key="face", verdict="wrong")])
    await cases.check_materials(clerk, who.id, [CheckIn(key="face", verdict="received")])
    await cases.accept(clerk, who.id)
    assert line((await next_matter(client, ports, before.someone)).case)["source"] == "earlier_case"


async def test_only_who_has_the_later_case_opens_it_and_every_look_is_on_record(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    await who.post("submit", await who.application(materials=[]))
    paper = await db.fetchval("SELECT file_id FROM material WHERE case_id = $1", before.id)
    clerk = who.office.clerk.actor
    lies_in = await cases.paper_at_desk(clerk, who.id, paper)
    await documents.look(clerk, ports.files, paper, lies_in)
    looks = await db.fetch("SELECT person_id, actor_id FROM audit_entry WHERE action = 'documents.viewed'")
    assert [tuple(row) for row in looks] == [(before.someone.person_id, clerk.staff_id)]
    # A case that has not taken it over opens nothing of it.
    other = await submitted(client, ports, await office())
    elsewhere = await cases.paper_at_desk(other.office.clerk.actor, other.id, paper)
    with pytest.raises(NotFound):
        await documents.look(other.office.clerk.actor, ports.files, paper, elsewhere)
    stranger = client.as_(other.someone.token)
    assert (await stranger.get(f"/api/v1/files/{paper}")).status == 404


async def test_what_is_uploaded_all_the_same_goes_before_it(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    newer = [{"key": "face", "file_id": str((await who.picture()).id)}]
    handed_in = await who.post("submit", await who.application(materials=newer))
    assert handed_in.status == 200, handed_in.text
    assert (line(handed_in.json)["source"], line(handed_in.json)["earlier"]) == ("upload", None)


async def test_it_stays_while_something_else_is_mended(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    who = await next_matter(client, ports, before.someone)
    await who.post("submit", await who.application(materials=[]))
    await cases.ask_correction(who.office.clerk.actor, who.id, [CorrectionLine(key="reason", reason="请写明理由")])
    # By now it has grown too old to be taken over anew.
    await db.execute("UPDATE material SET created_at = created_at - interval '8 months' WHERE case_id = $1", before.id)
    who.case = (await who.screen())["case"]
    again = await who.post("submit", await who.application(materials=[]))
    assert again.status == 200, again.text
    assert line(again.json)["source"] == "earlier_case"


async def test_a_window_finds_it_as_well(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    at = await office(materials=[PHOTO])
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=UUID(str(before.someone.person_id)), situation={})
    case_id = await cases.receive(at.clerk.actor, wish)
    [paper] = (await cases.view(at.clerk.actor, case_id)).case.materials
    assert (paper.source, paper.earlier and paper.earlier.number) == ("earlier_case", before.case["number"])
    await cases.fill_in(at.clerk.actor, case_id, {"name": before.someone.name, "reason": "年满八十"})
    await cases.accept(at.clerk.actor, case_id)


SPOILT = {
    "too_old": "UPDATE material SET created_at = now() - interval '7 months' WHERE case_id = $1",
    "found_wrong": "UPDATE material_check SET verdict = 'missing' WHERE case_id = $1",
    "not_looked_at": "DELETE FROM material_check WHERE case_id = $1",
    "looked_at_before_it_came": (
        "UPDATE material_check SET created_at = created_at - interval '1 day' WHERE case_id = $1"
    ),
    "denied": "UPDATE case_record SET state = 'denied', decided_by = accepted_by WHERE id = $1",
    "withdrawn": "UPDATE case_record SET state = 'withdrawn' WHERE id = $1",
    "never_accepted": "UPDATE case_record SET state = 'submitted', accepted_at = NULL WHERE id = $1",
    "itself_taken_over": (
        "UPDATE material SET source = 'earlier_case', earlier_case_id = case_id WHERE case_id = $1"
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", SPOILT)
async def test_what_does_not_stand_is_asked_for(client: Client, ports: Ports, how: str) -> None:
    before = await confirmed(client, ports)
    await db.execute(SPOILT[how], before.id)
    who = await next_matter(client, ports, before.someone)
    assert (line(who.case)["source"], line(who.case)["earlier"]) == (None, None)
    refused = await who.post("submit", await who.application(materials=[]))
    assert (refused.status, refused.json["code"]) == (422, "cases.materials_missing")


@pytest.mark.parametrize("asked", [{"reuse_months": None}, {"name": "一寸免冠照片"}])
async def test_a_guide_that_asks_for_another_paper_or_a_new_one_gets_it(
    client: Client, ports: Ports, asked: dict[str, Any]
) -> None:
    before = await confirmed(client, ports)
    who = await begun(client, ports, await office(materials=[PHOTO | asked]), before.someone)
    assert line(who.case)["source"] is None


async def test_nobody_gets_anothers(client: Client, ports: Ports, as_citizen: AsCitizen) -> None:
    parent = await as_citizen(name="李敏")
    child = await child_of(parent)
    await confirmed(client, ports, parent)
    assert line((await next_matter(client, ports, parent, for_person_id=str(child))).case)["source"] is None
    enterprise = str(await enterprise_of(parent))
    assert line((await next_matter(client, ports, parent, enterprise_id=enterprise)).case)["source"] is None
    # What was handed in for the enterprise is the enterprise's.
    first = await confirmed(client, ports, parent, enterprise_id=enterprise)
    again = await next_matter(client, ports, parent, enterprise_id=enterprise)
    assert line(again.case)["earlier"]["number"] == first.case["number"]


async def test_consent_taken_back_ends_it(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    assert line((await next_matter(client, ports, before.someone)).case)["source"] == "earlier_case"
    await identity.withdraw_consent(before.someone.actor)
    await identity.consent(before.someone.actor, PRIVACY_VERSION)
    assert line((await next_matter(client, ports, before.someone)).case)["source"] is None


async def test_nothing_of_a_forgotten_person_is_used_again(client: Client, ports: Ports) -> None:
    before = await confirmed(client, ports)
    await cases.grant(before.office.reviewer.actor, ports.signer, before.id, None)
    await db.execute("UPDATE thread SET state = 'closed' WHERE person_id = $1", before.someone.person_id)
    person_id = UUID(str(before.someone.person_id))
    await privacy.erase(OPERATOR, person_id)
    assert await identity.taken_back_at(person_id) is not None
    at = await office(materials=[PHOTO])
    wish = WindowIn(item_id=at.item_id, hall_id=at.hall.id, person_id=person_id, situation={})
    case_id = await cases.receive(at.clerk.actor, wish)
    [paper] = (await cases.view(at.clerk.actor, case_id)).case.materials
    assert paper.source is None
