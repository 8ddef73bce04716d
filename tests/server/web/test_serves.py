from __future__ import annotations

from tests.fixtures_web import Client


async def test_an_unknown_path_is_a_problem_in_the_readers_language(client: Client) -> None:
    chinese = await client.get("/api/v1/nothing-here")
    english = await client.get("/api/v1/nothing-here", headers={"accept-language": "en-GB,en;q=0.8"})
    assert (chinese.status, chinese.json["code"]) == (404, "not_found")
    assert chinese.headers["content-type"] == "application/problem+json"
    assert chinese.json["title"] == "没有找到"
    assert english.json["title"] == "Not found"
