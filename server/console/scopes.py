"""Scopes as people read and choose them: the name of a hall, a department or a region."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from server.actor import Grant, Role, ScopeKind, Staff
from server.errors import FieldError, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import texts

# (kind, [(value, name)]): what a form offers, in groups.
Choices = list[tuple[str, list[tuple[str, str]]]]


async def choices(actor: Staff, region: str) -> Choices:
    """List the scopes an administrator may grant: their region with its towns, its halls, its departments."""
    reach = await identity.reach(actor, Role.ADMINISTRATOR)
    everything = reach.hall_ids is None
    areas = [await catalogue.region(region), *await catalogue.regions(region)]
    return [
        (kind.value, [(f"{kind.value}:{value}", name) for value, name, within in found if everything or within])
        for kind, found in (
            (ScopeKind.REGION, [(one.code, one.name, reach.covers_region(one.code)) for one in areas]),
            (
                ScopeKind.HALL,
                [(one.id, one.name, reach.covers_hall(one.id, one.region_code)) for one in await catalogue.halls()],
            ),
            (
                ScopeKind.DEPARTMENT,
                [
                    (one.id, one.name, reach.covers_department(one.id, one.region_code))
                    for one in await catalogue.departments()
                ],
            ),
        )
    ]


def grant_of(role: Role, scope: str) -> Grant:
    """Read a chosen scope (`hall:<id>`). Raises InvalidInput."""
    kind, _, value = scope.partition(":")
    try:
        return Grant(role, ScopeKind(kind), value)
    except ValueError:
        raise InvalidInput("identity.grant_scope", fields=(FieldError("scope", "bad_format"),)) from None


async def names(scopes: Iterable[str | None], locale: str) -> dict[str, str]:
    """Name scopes written as `kind:value`; what has gone keeps its value."""
    return {scope: await _name(scope, locale) for scope in {one for one in scopes if one}}


def written(grant: Grant) -> str:
    """Write a grant's scope as one value."""
    return f"{grant.kind.value}:{grant.scope}"


async def _name(scope: str, locale: str) -> str:
    kind, _, value = scope.partition(":")
    try:
        match kind:
            case ScopeKind.HALL:
                return (await catalogue.hall(UUID(value))).name
            case ScopeKind.DEPARTMENT:
                return (await catalogue.department(UUID(value))).name
            case ScopeKind.REGION if value:
                return (await catalogue.region(value)).name
    except (NotFound, ValueError):
        return value
    return texts.text(locale, "console.staff.everywhere")
