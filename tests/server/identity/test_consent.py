"""Consent before anything personal, and preferences."""

from __future__ import annotations

from server import db
from server.ports import OutsideError
from tests.factories.identity import sample_number, sample_phone
from tests.fixtures_web import Answer, Client
from tests.server.identity.conftest import Outside, Phone


def told(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.json["code"]


async def test_the_privacy_text_is_for_everybody_in_their_language(client: Client) -> None:
    chinese = (await client.get("/api/v1/privacy")).json
    english = (await client.with_(accept_language="en").get("/api/v1/privacy")).json
    assert chinese["version"] == english["version"]
    assert len(chinese["paragraphs"]) == len(english["paragraphs"]) == 10
    assert chinese["title"] != english["title"]


async def test_nothing_personal_before_consent(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    assert told(await phone.give_phone(sample_phone())) == (409, "identity.consent_required")
    assert told(await phone.give_name("王小明", sample_number())) == (409, "identity.consent_required")
    assert outside.asked == ["login"], "somebody outside was told before consent"
    assert await db.fetchval("SELECT count(*) FROM person") == 0


async def test_consent_is_kept_with_version_and_time_and_once(phone: Phone) -> None:
    await phone.log_in()
    first = await phone.agree()
    again = await phone.agree()
    assert first["consent"] == again["consent"]
    assert first["consent"]["version"] == first["privacy_version"]
    assert first["consent"]["given_at"].endswith("+08:00")
    assert await db.fetchval("SELECT count(*) FROM consent") == 1


async def test_another_version_is_not_agreed_to(phone: Phone) -> None:
    await phone.log_in()
    assert told(await phone.post("/me/consent", {"version": "2020-01-01"})) == (409, "identity.consent_outdated")


async def test_consent_taken_back_stays_in_the_ledger(phone: Phone) -> None:
    await phone.log_in()
    await phone.agree()
    me = (await phone.delete("/me/consent")).json
    assert me["consent"] is None
    assert told(await phone.give_name("王小明", sample_number())) == (409, "identity.consent_required")
    await phone.agree()
    rows = await db.fetch("SELECT withdrawn_at FROM consent ORDER BY created_at")
    assert [row["withdrawn_at"] is None for row in rows] == [False, True]


async def test_a_deed_that_asks_outside_is_replayed_without_asking(phone: Phone, outside: Outside) -> None:
    await phone.log_in()
    await phone.agree()
    number = sample_number()
    outside.people["resident_id", number] = "王小明"
    body = {"document_kind": "resident_id", "name": "王小明", "number": number}
    key = {"idempotency-key": "the-same-key-2"}
    outside.fault = OutsideError("timeout", final=False)
    assert (await phone.post("/me/real-name", body, **key)).status == 503
    outside.fault = None
    one = await phone.post("/me/real-name", body, **key)
    asked = len(outside.asked)
    two = await phone.post("/me/real-name", body, **key)
    assert (one.status, one.body) == (two.status, two.body)
    assert two.headers["idempotency-replayed"] == "true"
    assert len(outside.asked) == asked
    other = await phone.post("/me/real-name", body | {"name": "张三"}, **key)
    assert (other.status, other.json["code"]) == (422, "idempotency_key_reused")
    assert (await phone.client.as_(phone.token).post("/api/v1/me/real-name", json=body)).status == 400


async def test_consent_needs_a_key_and_is_replayed(phone: Phone) -> None:
    await phone.log_in()
    version = (await phone.get("/privacy")).json["version"]
    me = phone.client.as_(phone.token)
    assert (await me.post("/api/v1/me/consent", json={"version": version})).status == 400
    headers = {"idempotency-key": "the-same-key-1"}
    one, two = [await me.post("/api/v1/me/consent", json={"version": version}, headers=headers) for _ in range(2)]
    assert one.body == two.body
    assert two.headers["idempotency-replayed"] == "true"


async def test_preferences_change_only_what_is_named(phone: Phone) -> None:
    await phone.log_in()
    assert (await phone.put("/me/preferences", {"elder_mode": True})).json["elder_mode"] is True
    me = (await phone.put("/me/preferences", {"locale": "en"})).json
    assert (me["locale"], me["elder_mode"]) == ("en", True)
    answer = await phone.put("/me/preferences", {"locale": "tlh"})
    assert (answer.status, answer.json["fields"][0]["code"]) == (422, "not_offered")
    assert (await phone.put("/me/preferences", {"elder_mode": "yes"})).status == 422
