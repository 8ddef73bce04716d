"""Finds the modules Tortoise must know: one app, every feature's models."""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path

from tortoise.models import Model

APP = "server"

_FEATURES = Path(__file__).resolve().parent.parent / "features"


def model_modules() -> list[str]:
    """List `server.features.<noun>.models` for every feature whose models (a module or a package) map tables."""
    names = [
        f"server.features.{feature.name}.models"
        for feature in sorted(_FEATURES.glob("*"))
        if (feature / "models.py").is_file() or (feature / "models" / "__init__.py").is_file()
    ]
    return [name for name in names if _maps_tables(name)]


def _maps_tables(name: str) -> bool:
    module = importlib.import_module(name)
    return any(
        inspect.isclass(found) and issubclass(found, Model) and found is not Model for found in vars(module).values()
    )
