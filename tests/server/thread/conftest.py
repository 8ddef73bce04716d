from __future__ import annotations

from tests.factories.identity import as_citizen, as_staff

__all__ = ["as_citizen", "as_staff"]
