"""Walks to test with: a supervisor, an item, and a phone that is the test person of the walk."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server.actor import Anonymous, Citizen
from server.features.identity import service as identity
from server.features.supervision import service as supervision
from tests.factories.identity import SomeStaff, staff


@dataclass(frozen=True, slots=True, kw_only=True)
class SomeWalk:
    """A walk under way; `actor` is the phone logged in as its test person."""

    id: UUID
    by: SomeStaff
    token: str
    actor: Citizen

    @property
    def person(self) -> UUID:
        """Name the test person."""
        assert self.actor.person_id is not None
        return self.actor.person_id

    async def ends(self) -> None:
        """End it as its supervisor does."""
        await supervision.end_walk(self.by.actor, self.id)


async def walk(item_id: UUID, by: SomeStaff | None = None) -> SomeWalk:
    """Set out with a phone."""
    who = by or await staff("supervisor")
    made = await supervision.begin_walk(who.actor, item_id)
    login = await supervision.enter_walk(Anonymous(), await code(who, made), "Android")
    actor = await identity.resolve_bearer(login.token)
    assert actor is not None
    await identity.consent(actor, login.me.privacy_version)
    return SomeWalk(id=made, by=who, token=login.token, actor=actor)


async def code(who: SomeStaff, walk_id: UUID) -> str:
    """Show the code of a walk."""
    await supervision.show_code(who.actor, walk_id)
    shown = await supervision.code_shown(who.actor, walk_id)
    assert shown is not None
    return shown.token
