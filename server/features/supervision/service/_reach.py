"""How far somebody who supervises sees: their region, their halls, their departments; and a part of that."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.actor import Role, Staff
from server.errors import NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import DepartmentView, HallView, RegionView
from server.features.identity import service as identity
from server.features.thread import service as thread

READERS = (Role.SUPERVISOR, Role.HALL_MANAGER, Role.REVIEWER)
# Whoever evaluates from outside sees figures, never a matter.
LOOKERS = (*READERS, Role.EVALUATOR)


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What part of their reach somebody looks at: a region with what lies in it, a department, a hall."""

    region: str = ""
    department: UUID | None = None
    hall: UUID | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class View:
    """Places within reach by id, those to choose from, and what was chosen.

    `outside` is whoever sees figures and no matter: what too few stand behind is not told them.
    """

    watcher: thread.Watcher
    departments: dict[UUID, DepartmentView]
    halls: dict[UUID, HallView]
    regions: list[RegionView]
    chosen: Chosen
    outside: bool = False

    def shows(self, department_id: UUID | None, hall_id: UUID | None) -> bool:
        """Say whether something of a department and a hall belongs to what was chosen."""
        if self.chosen.department not in (None, department_id) or self.chosen.hall not in (None, hall_id):
            return False
        halls, departments = self.within
        return halls is None or hall_id in halls or department_id in (departments or ())

    @property
    def asked(self) -> dict[str, UUID | None]:
        """Name the department and the hall that were chosen."""
        return {"department_id": self.chosen.department, "hall_id": self.chosen.hall}

    @property
    def within(self) -> thread.Watcher:
        """Name the places of the region that was chosen; everything, if none was."""
        if not self.chosen.region:
            return thread.Watcher(None, None)
        begins = self.chosen.region
        return thread.Watcher(
            tuple(one.id for one in self.halls.values() if one.region_code.startswith(begins)),
            tuple(one.id for one in self.departments.values() if one.region_code.startswith(begins)),
        )


async def everything() -> View:
    """Give the view of all there is, for what is made for nobody in particular."""
    return View(
        watcher=thread.Watcher(None, None),
        departments={one.id: one for one in await catalogue.departments()},
        halls={one.id: one for one in await catalogue.halls()},
        regions=[],
        chosen=Chosen(),
    )


async def view_of(actor: Staff, chosen: Chosen, *roles: Role) -> View:
    """Tell what the actor sees of what they ask for, in these roles (any that looks, if none is named).

    Raises NotFound for a place beyond their reach.
    """
    reach = await identity.reach(actor, *(roles or LOOKERS))
    watcher = thread.Watcher(await catalogue.halls_within(reach), await catalogue.departments_within(reach))
    halls = {one.id: one for one in await catalogue.halls() if watcher.halls is None or one.id in watcher.halls}
    offices = {
        one.id: one
        for one in await catalogue.departments()
        if watcher.departments is None or one.id in watcher.departments
    }
    codes = sorted({one.region_code for one in halls.values()} | {one.region_code for one in offices.values()})
    regions = await catalogue.regions_named(codes)
    beyond = (
        chosen.department not in (None, *offices)
        or chosen.hall not in (None, *halls)
        or chosen.region not in ("", *codes)
    )
    if beyond:
        raise NotFound
    return View(
        watcher=watcher, departments=offices, halls=halls, regions=regions, chosen=chosen,
        outside=not actor.has(*READERS),
    )  # fmt: skip
