from __future__ import annotations

from tests.fixtures_web import Client


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
    assert "http://" not in page.text
    assert "https://" not in page.text
