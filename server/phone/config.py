"""What the phone must know before anything else."""

from __future__ import annotations

from urllib.parse import urlsplit

from msgspec import Struct
from sanic import Blueprint

from server.actor import Actor
from server.config import Settings
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.web import access, route

blueprint = Blueprint("phone_config", url_prefix="/api/v1")


class ConfigOut(Struct, kw_only=True):
    """`sandbox_origin` is the only page that may frame the phone and answer its bridge; null in production."""

    env: str
    region_code: str
    region: str
    privacy_version: str
    sandbox_origin: str | None
    locales: list[str]


@route(blueprint, "GET", "/config", access=access.public)
async def config(actor: Actor, settings: Settings) -> ConfigOut:
    """Show what the phone must know at its start."""
    region = await catalogue.region(settings.region)
    return ConfigOut(
        env=settings.env,
        region_code=settings.region,
        region=region.name,
        privacy_version=identity.privacy(actor).version,
        sandbox_origin=_sandbox(settings),
        locales=["zh-CN", "en"],
    )


def _sandbox(settings: Settings) -> str | None:
    if settings.env == "production":
        return None
    public = urlsplit(settings.public_url)
    return f"{public.scheme}://{public.hostname}:{settings.sandbox_port}"
