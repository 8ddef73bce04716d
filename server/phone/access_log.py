"""Who has looked at my papers, and at those I handed in for others: which office, in which role, when, in which matter.
Officers are not named.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from msgspec import Struct
from sanic import Blueprint

from server.actor import Citizen, ScopeKind
from server.errors import NotFound
from server.features.audit import service as audit
from server.features.audit.service import Look
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.features.thread import service as thread
from server.kit import masking, texts
from server.web import Page, PageQuery, access, route

blueprint = Blueprint("phone_access_log", url_prefix="/api/v1")


class LookOut(Struct, kw_only=True):
    """One look. `for_person` is whose papers they are, masked, where they are not one's own."""

    at: datetime
    who: str
    what: str
    thread_number: str | None
    for_person: str | None


@route(blueprint, "GET", "/me/access-log", access=access.verified)
async def access_log(actor: Citizen, query: PageQuery) -> Page[LookOut]:
    person = await identity.require_person(actor)
    handed_in = await cases.handed_in_for_others(actor)
    looks = await audit.looks_at(person.id, handed_in, cursor=query.cursor, limit=query.limit)
    threads = await thread.many([look.thread_id for look in looks.items if look.thread_id is not None])
    others = await identity.people({look.person_id for look in looks.items if look.person_id} - {person.id})
    offices = {scope: await _office(scope) for scope in {look.scope for look in looks.items}}
    return Page(
        items=[
            LookOut(
                at=look.at,
                who=_who(look, offices[look.scope], actor.locale),
                what=_what(look.action, actor.locale),
                thread_number=threads[look.thread_id].number if look.thread_id in threads else None,
                for_person=masking.name(others[look.person_id].name) if look.person_id in others else None,
            )
            for look in looks.items
        ],
        next=looks.next,
    )


def _who(look: Look, office: str | None, locale: str) -> str:
    role = texts.text(locale, f"audit.role.{look.role or 'system'}")
    return role if office is None else texts.text(locale, "audit.who", office=office, role=role)


def _what(action: str, locale: str) -> str:
    known = texts.find(locale, f"audit.look.{action}")
    return texts.text(locale, "audit.look.other") if known is None else known


async def _office(scope: str | None) -> str | None:
    kind, _, place = (scope or "").partition(":")
    try:
        match kind:
            case ScopeKind.HALL:
                return (await catalogue.hall(UUID(place))).name
            case ScopeKind.DEPARTMENT:
                return (await catalogue.department(UUID(place))).name
            case ScopeKind.REGION if place:
                return (await catalogue.region(place)).name
    except NotFound:
        return None
    return None
