from __future__ import annotations

from tests.fixtures_web import Client


async def test_it_is_alive_and_ready(client: Client) -> None:
    assert (await client.get("/health/live")).json == {"status": "ok"}
    assert (await client.get("/health/ready")).json == {"status": "ok"}


async def test_metrics_count_by_template_not_by_path(client: Client) -> None:
    await client.get("/health/live")
    shown = await client.get("/metrics")
    assert 'onetrip_requests_total{method="GET",route="/health/live",status="200"' in shown.text
    assert "onetrip_pool_size{" in shown.text
