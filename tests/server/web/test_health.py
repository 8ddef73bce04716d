from __future__ import annotations

from dataclasses import replace

import aiohttp
import pytest

from server.app import create_app
from server.config import Settings
from server.ports import Ports
from tests.fixtures_web import Client, serve


async def test_it_is_alive_and_ready(client: Client) -> None:
    assert (await client.get("/health/live")).json == {"status": "ok"}
    assert (await client.get("/health/ready")).json == {"status": "ok"}


async def test_metrics_count_by_template_not_by_path(client: Client) -> None:
    await client.get("/health/live")
    shown = await client.get("/metrics")
    assert 'onetrip_requests_total{method="GET",route="/health/live",status="200"' in shown.text
    assert "onetrip_pool_size{" in shown.text


@pytest.mark.parametrize(
    "headers",
    [
        {"x-forwarded-for": "203.0.113.9"},
        {"forwarded": "for=203.0.113.9"},
        {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer wrong"},
        {"x-forwarded-for": "203.0.113.9", "authorization": "Bearer "},
    ],
)
async def test_metrics_are_not_for_everybody(client: Client, headers: dict[str, str]) -> None:
    shown = await client.get("/metrics", headers=headers)
    assert shown.status == 404
    assert "onetrip_" not in shown.text


async def test_metrics_from_elsewhere_need_the_token(
    settings: Settings, ports: Ports, http_session: aiohttp.ClientSession, database: None
) -> None:
    running = await serve(create_app(settings=replace(settings, metrics_token="lamp-post-77"), ports=ports))
    try:
        elsewhere = Client(running.base, http_session, {"x-forwarded-for": "203.0.113.9"})
        assert (await elsewhere.get("/metrics")).status == 404
        told = await elsewhere.with_(authorization="Bearer lamp-post-77").get("/metrics")
        assert "onetrip_pool_size{" in told.text
    finally:
        await running.stop()
