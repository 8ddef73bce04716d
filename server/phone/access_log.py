"""Who has looked at my papers, my enterprises', and those I handed in for others: which office, in which role, when, in
which matter. Officers are not named.
"""

from __future__ import annotations

from collections.abc import Mapping
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
from server.features.identity.service import PersonView
from server.features.thread import service as thread
from server.features.thread.service import ThreadView
from server.kit import masking, texts
from server.web import Page, PageQuery, access, route

blueprint = Blueprint("phone_access_log", url_prefix="/api/v1")


class LookOut(Struct, kw_only=True):
    """One look. `whose` papers they are, where they are not one's own: a person's name, masked, or an enterprise's."""

    at: datetime
    who: str
    what: str
    thread_number: str | None
    whose: str | None


@route(blueprint, "GET", "/me/access-log", access=access.verified)
async def access_log(actor: Citizen, query: PageQuery) -> Page[LookOut]:
    person = await identity.require_person(actor)
    handed_in = await cases.handed_in_for_others(actor)
    looks = await audit.looks_at(person.id, handed_in, cursor=query.cursor, limit=query.limit)
    threads = await thread.many([look.thread_id for look in looks.items if look.thread_id is not None])
    others = await identity.people({look.person_id for look in looks.items if look.person_id} - {person.id})
    enterprises = await identity.enterprise_names(row.enterprise_id for row in threads.values())
    offices = {scope: await _office(scope) for scope in {look.scope for look in looks.items}}
    return Page(
        items=[
            LookOut(
                at=look.at,
                who=_who(look, offices[look.scope], actor.locale),
                what=_what(look.action, actor.locale),
                thread_number=threads[look.thread_id].number if look.thread_id in threads else None,
                whose=_whose(look, threads, others, enterprises),
            )
            for look in looks.items
        ],
        next=looks.next,
    )


def _whose(
    look: Look,
    threads: Mapping[UUID, ThreadView],
    others: Mapping[UUID, PersonView],
    enterprises: Mapping[UUID, str],
) -> str | None:
    of = threads.get(look.thread_id) if look.thread_id else None
    if of is not None and of.enterprise_id is not None:
        return enterprises[of.enterprise_id]
    other = others.get(look.person_id) if look.person_id else None
    return masking.name(other.name) if other else None


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
