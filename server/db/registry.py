"""Finds the modules Tortoise must know: one app, every feature's models."""

from __future__ import annotations

from pathlib import Path

APP = "server"

_FEATURES = Path(__file__).resolve().parent.parent / "features"


def model_modules() -> list[str]:
    """List `server.features.<noun>.models` for every feature that has one (a module or a package)."""
    return [
        f"server.features.{feature.name}.models"
        for feature in sorted(_FEATURES.glob("*"))
        if (feature / "models.py").is_file() or (feature / "models" / "__init__.py").is_file()
    ]
