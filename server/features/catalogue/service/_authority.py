"""Who may change the catalogue: administrators, each within their reach, and the product itself."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor, Role, Staff, System
from server.errors import Forbidden
from server.features.identity import service as identity


async def require(actor: Actor, region_code: str | None, department_id: UUID | None = None) -> None:
    """Let an administrator of the region or the department pass; of the whole county where no region is named.

    Raises Forbidden.
    """
    if isinstance(actor, System):
        return
    if isinstance(actor, Staff):
        reach = await identity.reach(actor, Role.ADMINISTRATOR)
        if reach.hall_ids is None or reach.covers_region(region_code):
            return
        if department_id is not None and reach.covers_department(department_id, region_code):
            return
    raise Forbidden("forbidden")
