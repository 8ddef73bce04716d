from __future__ import annotations

import re

from tests.fixtures_web import Client

ELSEWHERE = re.compile(
    r"""(?:src|href|action|srcset)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import|<script"""
)


async def test_every_operation_says_who_may_call_it(client: Client) -> None:
    document = (await client.get("/openapi.json")).json
    operations = [operation for methods in document["paths"].values() for operation in methods.values()]
    assert operations
    assert all(operation["x-access"] for operation in operations)
    assert len({operation["operationId"] for operation in operations}) == len(operations)


async def test_the_viewer_needs_nothing_from_elsewhere(client: Client) -> None:
    page = await client.get("/docs")
    assert page.status == 200
    assert "health.ready" in page.text
    # A pattern that speaks of https is a text; what would be fetched stands in an attribute, a style or a script.
    assert not ELSEWHERE.findall(page.text)
    assert ELSEWHERE.findall('<script src="//cdn.example/a.js">'), "this would find nothing"
